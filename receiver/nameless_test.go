package receiver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// appendNameless adds an event without a key or without a time. Its uid is not known beforehand.
func (l *lab) appendNameless(fields string) {
	raw, err := journal.NewRaw("VmPoweredOnEvent", fields)
	require.NoError(l.t, err)
	l.sim.Append(raw)
}

// nameless is how often each event was taken that has no key or no time.
func (l *lab) nameless() map[string]int {
	found := map[string]int{}
	for uid, n := range l.taken() {
		if strings.HasPrefix(uid, l.sim.InstanceUUID()+":0:") {
			found[uid] = n
		}
	}
	return found
}

func (l *lab) wantNameless(n int) {
	l.t.Helper()
	if !assert.Eventually(l.t, func() bool { return len(l.nameless()) == n }, 10*time.Second, 5*time.Millisecond) {
		l.t.Fatalf("%v; log %s", l.nameless(), l.log())
	}
	for uid, times := range l.nameless() {
		assert.Equal(l.t, 1, times, uid)
	}
}

// A well-formed event without a key or a time is delivered too, and once: in the middle of a page or alone on one, in every
// pass that reads it again, after a lost session and a restart.
func TestAnEventWithoutKeyOrTime(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 4 * time.Second
		withoutKey := func() {
			l.appendNameless(fmt.Sprintf("<createdTime>%s</createdTime><userName>no key</userName>", l.now().Format(time.RFC3339Nano)))
		}
		withoutTime := func() {
			l.appendNameless(fmt.Sprintf("<key>%d</key><userName>no time</userName>", 1_000_000+l.sim.Journal().Len()))
		}
		l.append(5)
		withoutKey()
		withoutTime()
		l.append(5)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantNameless(2)
		l.quiet(1500 * time.Millisecond) // the newest event is a while ago
		withoutTime()
		l.wantNameless(3)
		l.quiet(1500 * time.Millisecond)
		withoutKey()
		l.wantNameless(4)
		for range 3 {
			l.quiet(1500 * time.Millisecond) // a pass or two
			l.append(1)
			l.wantEachOnce()
			l.wantNameless(4)
		}
		l.sim.KillSessions()
		l.append(5)
		l.wantEachOnce()
		l.wantNameless(4)
		r.stop()
		l.append(5)
		l.start()
		l.wantEachOnce()
		l.wantNameless(4)
	})
}

// The time of an event that has none is that of the event before it, so that it stays in its place: also where that was on the
// page before.
func TestATimeThatIsLent(t *testing.T) {
	l := newLab(t, byInsertion)
	var mu sync.Mutex // guards the field below
	times := map[string]time.Time{}
	l.watch(func(record plog.LogRecord) {
		mu.Lock()
		defer mu.Unlock()
		user, _ := record.Attributes().Get("user.name")
		times[user.Str()] = record.Timestamp().AsTime()
	}, accept)
	lent := l.now().Add(-time.Minute)
	l.appendAt(lent, 3)
	l.appendNameless("<key>77</key><userName>on a page</userName>")
	l.append(3)
	newest := l.now()
	l.fromTheBeginning().start()
	l.wantEachOnce()
	l.wantNameless(1)
	l.quiet(300 * time.Millisecond)
	l.appendNameless("<key>78</key><userName>alone</userName>")
	l.wantNameless(2)
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, lent, times["on a page"])
	assert.WithinDuration(t, newest, times["alone"], 10*time.Second)
}
