package receiver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// Everything is read, half of it is acknowledged, and the process ends: the next one gets exactly the rest.
func TestReadAllAcknowledgeHalfRestartGetTheRest(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		const all, half = 1000, 500
		l.settings.Events.PageSize = 50
		l.append(all)
		accepted := 0
		l.sink.obey(func(_ int, logs plog.Logs) error {
			if accepted >= half {
				return errRefused
			}
			accepted += logs.LogRecordCount()
			return nil
		})
		r := l.fromTheBeginning().start()
		eventually(t, "half, and a refusal", func() bool { return l.host.last() != nil && l.sink.count() >= half })
		r.stop()
		acknowledged := l.sink.uids()
		require.Less(t, len(acknowledged), all)

		l.sink.obey(nil)
		l.start()
		l.wantEachOnce()
		rest := l.sink.uids()[len(acknowledged):]
		ours := func(uids []string) []string {
			return slices.DeleteFunc(slices.Clone(uids), func(uid string) bool { return !slices.Contains(l.expects, uid) })
		}
		assert.Equal(t, l.expects, append(ours(acknowledged), ours(rest)...), "the rest, and nothing before it")
		l.holds(robustness.Reliable, robustness.Unique, robustness.Ordered, robustness.SameBytes)
	})
}

// As above, but the process is killed: what it had acknowledged since its last commit comes again, and that is one batch.
func TestReadAllAcknowledgeHalfKillGetTheRest(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		const all, half = 1000, 500
		l.settings.Events.PageSize = 50
		l.append(all)
		accepted := 0
		killed := make(chan *disk, 1)
		l.sink.obey(func(_ int, logs plog.Logs) error {
			if accepted >= half {
				return errRefused
			}
			if accepted += logs.LogRecordCount(); accepted >= half {
				killed <- l.disk.copy() // accepted, and not committed yet
			}
			return nil
		})
		r := l.fromTheBeginning().start()
		after := <-killed
		r.stop()
		l.killed()

		l.disk = after
		l.sink.obey(nil)
		l.start()
		l.wantAll()
		assert.NotEmpty(t, l.repeated(), "the batch whose commit was lost")
		l.holds(robustness.Reliable, robustness.Unique, robustness.BoundedRepeats, robustness.Ordered, robustness.SameBytes)
	})
}

// A kill in the middle of a page of many batches repeats one of them: what is settled is stored with each, and not with the last of the
// page.
func TestKilledInTheMiddleOfAPage(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		const all = 60
		for range all {
			e := poweredOn(l.now())
			e.GetEvent().FullFormattedMessage = strings.Repeat("x", 40<<10)
			l.add(e)
		}
		killed := make(chan *disk, 1)
		batches := 0
		l.sink.obey(func(int, plog.Logs) error {
			if batches++; batches > 3 {
				return errRefused
			}
			if batches == 3 {
				killed <- l.disk.copy() // accepted, and not committed yet
			}
			return nil
		})
		r := l.fromTheBeginning().start()
		after := <-killed
		r.stop()
		l.killed()
		require.Less(t, l.sink.count(), all, "one page")

		l.disk = after
		l.sink.obey(nil)
		l.start()
		l.wantAll()
		assert.NotEmpty(t, l.repeated())
		l.holds(robustness.Reliable, robustness.Unique, robustness.BoundedRepeats, robustness.Ordered, robustness.SameBytes)
	})
}

// killed makes the end of the last life one by SIGKILL.
func (l *lab) killed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lives[len(l.lives)-1].Killed = true
}
