package receiver_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// restored lets the time pass in which a key that is used again would be taken for the first one: vCenter does not restore
// its database in three seconds.
func (l *lab) restored() { l.quiet(3100 * time.Millisecond) }

// vCenter counts its events anew while the receiver runs, and while it is down: the stream goes on, warns, and delivers each
// event once.
func TestKeysThatStartAgain(t *testing.T) {
	for name, next := range map[string]int32{
		"from one: used within the overlap":    1,
		"negative: the counter has overflowed": math.MinInt32,
		"lower, and not used":                  -1000,
	} {
		t.Run(name, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				r := l.fromTheBeginning().start()
				l.append(20)
				l.wantEachOnce()
				l.restored()
				l.sim.Journal().SetNextKey(next)
				l.append(20)
				l.wantEachOnce()
				eventually(t, "a warning", func() bool { return l.logs.FilterMessageSnippet("counts its events anew").Len() == 1 })
				r.stop()
				l.restored()
				l.sim.Journal().SetNextKey(next + 1)
				l.append(20)
				l.start()
				l.wantEachOnce()
				eventually(t, "another", func() bool { return l.logs.FilterMessageSnippet("counts its events anew").Len() > 1 })
			})
		})
	}
}

// The counter overflows in the middle of a burst: no time passes between the highest key and the lowest.
func TestKeysThatOverflowInABurst(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
		l.sim.Journal().SetNextKey(math.MaxInt32 - 15)
		l.fromTheBeginning().start()
		l.append(8)
		l.wantEachOnce()
		now := l.now()
		l.appendAt(now, 8)
		l.sim.Journal().SetNextKey(math.MinInt32)
		l.appendAt(now, 30)
		l.wantEachOnce()
	})
}

// Late events have higher keys than what stands around them: that is no sign that vCenter counts anew.
func TestLateEventsAreNoNewCount(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second // late events in order of creation wait for the next pass
		l.fromTheBeginning().start()
		for range 5 {
			l.append(10)
			l.appendAt(l.now().Add(-500*time.Millisecond), 3)
			l.wantAll()
		}
		assert.Zero(t, l.logs.FilterMessageSnippet("counts its events anew").Len())
	})
}
