package receiver_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// gaps are the uids of the records of gaps that were taken, each of which must have been a batch of its own.
func (l *lab) gaps() (uids []string) {
	_, batches := l.sink.seen()
	for _, b := range batches {
		for _, uid := range b.uids {
			if strings.Contains(uid, ":gap:") {
				assert.Len(l.t, b.uids, 1)
				uids = append(uids, uid)
			}
		}
	}
	return uids
}

// What is older than max_age is left out, and told as one gap before what follows.
func TestABacklogThatIsTooOld(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
		l.appendAt(l.now().Add(-2*time.Hour), 20)
		l.forget()
		l.appendAt(l.now().Add(-5*time.Minute), 10)
		l.sink.obey(func(try int, _ plog.Logs) error {
			if try <= 3 {
				return errRefused
			}
			return nil
		})
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		require.Len(t, l.gaps(), 1)
		assert.Equal(t, l.gaps()[0], l.sink.uids()[0], "before what follows")
		assert.Contains(t, l.gaps()[0], ":gap:0:")
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("older than max_age").Len())
		l.wantSameBytes()

		l.sim.KillSessions()
		l.append(5)
		l.wantEachOnce()
		r.stop()
		r = l.start()
		l.append(5)
		l.wantEachOnce()
		r.stop()
		require.Len(t, l.gaps(), 1, "told once")

		l.sim.SetClockOffset(time.Hour) // the receiver was away for an hour
		l.addUnwanted(poweredOn(l.now().Add(-30 * time.Minute)))
		l.append(5)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		require.Len(t, l.gaps(), 2)
		assert.NotContains(t, l.gaps()[1], ":gap:0:", "from the position on")
		l.wantNothingUnwanted()
	})
}

// Killed after the record of a gap: what follows is not lost, and the gap is not told twice.
func TestKilledAfterAGap(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
	l.appendAt(l.now().Add(-2*time.Hour), 20)
	l.forget()
	l.appendAt(l.now().Add(-5*time.Minute), 10)
	l.sink.obey(func(try int, _ plog.Logs) error {
		if try > 1 {
			return errRefused
		}
		return nil
	})
	r := l.fromTheBeginning().start()
	eventually(t, "what follows the gap", func() bool { return l.sink.tried() > 2 })
	killed := l.disk.copy()
	r.stop()
	l.disk = killed
	l.sink.obey(nil)
	l.start()
	l.wantEachOnce()
	assert.Len(t, l.gaps(), 1)
}

// On a vCenter where nothing happened that is wanted, nothing was left out.
func TestSilenceIsNoGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
		l.filter(event.FilterSettings{Types: []string{"VmEvent"}})
		r := l.start()
		l.pinned()
		l.append(5)
		l.wantEachOnce()
		r.stop()
		l.sim.SetClockOffset(5 * time.Hour)
		l.start()
		l.append(5)
		l.wantEachOnce()
		assert.Empty(t, l.gaps())
	})
}

// More than a page behind the position was delivered already when the process was killed, and then it was away: nothing was left
// out. What was not, is told.
func TestWhatWasDeliveredIsNoGap(t *testing.T) {
	for missed, told := range map[int]int{0: 0, 1: 1} {
		t.Run(strconv.Itoa(missed), func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.settings.Events.Overlap, l.settings.Events.MaxAge, l.settings.Events.PageSize = time.Minute, 10*time.Minute, 5
				l.filter(event.FilterSettings{Types: []string{"VmEvent"}})
				r := l.fromTheBeginning().start()
				l.append(12)
				for range 10 {
					l.addUnwanted(l.problem())
				}
				l.append(2)
				l.wantEachOnce()
				l.committed()
				killed := l.disk.copy()
				r.stop()
				l.disk = killed
				l.append(missed)
				l.expects = l.expects[:len(l.expects)-missed]
				l.sim.SetClockOffset(5 * time.Hour)
				l.append(5)
				l.start()
				l.wantEachOnce()
				assert.Len(t, l.gaps(), told)
			})
		})
	}
}

// A pipeline that refuses the record of a gap alone does not stop the stream.
func TestARefusedGapDoesNotStopTheStream(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
	l.appendAt(l.now().Add(-2*time.Hour), 20)
	l.forget()
	l.append(10)
	l.sink.obey(func(_ int, logs plog.Logs) error {
		for _, uid := range remember(logs).uids {
			if strings.Contains(uid, ":gap:") && !strings.HasSuffix(uid, ":refused") {
				return tooLarge
			}
		}
		return nil
	})
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	eventually(t, "the record of the refusal", func() bool { return strings.Contains(fmt.Sprint(l.sink.uids()), ":refused") })
	assert.Len(t, l.letters(), 1)
	r.stop()
	last := l.logs.FilterMessage("vCenter stream stopped").All()[0].ContextMap()
	assert.EqualValues(t, l.sink.count()-1, last["events_delivered"], "the record of a gap is no event, nor is that of its refusal")
	assert.EqualValues(t, 1, last["events_refused"])
}

// Killed between the acceptance of a gap and its commit: it is told again as the same.
func TestKilledBetweenAGapAndItsCommit(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
	l.appendAt(l.now().Add(-2*time.Hour), 20)
	l.forget()
	l.append(10)
	var killed *disk
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if killed == nil && strings.Contains(remember(logs).uids[0], ":gap:") {
			killed = l.disk.copy()
		}
		return nil
	})
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	r.stop()
	l.disk = killed
	l.start()
	l.append(1)
	l.wantAll()
	require.Len(t, l.gaps(), 2)
	assert.Equal(t, l.gaps()[0], l.gaps()[1])
}

// An event that is not well-formed is among those that are too old: it stops nothing.
func TestWhatIsTooOldIsNotWellFormed(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Minute, 10*time.Minute
		l.sim.SetClockOffset(-2 * time.Hour)
		l.appendMalformed()
		l.forget()
		l.sim.SetClockOffset(0)
		l.append(10)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		r.stop()
		assert.Len(t, l.gaps(), 1)
	})
}
