package receiver_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// away stops the receiver for a while of vCenter's time.
func (l *lab) away(r *running, d time.Duration) {
	l.committed()
	r.stop()
	l.sim.SetClockOffset(l.sim.ClockOffset() + d)
}

// passes waits for some more passes.
func (l *lab) passes(n int) {
	l.t.Helper()
	before := l.calls("CreateCollectorForEvents")
	eventually(l.t, "passes", func() bool { return l.calls("CreateCollectorForEvents") >= before+n })
}

// gapTold is what the record of a gap says.
type gapTold struct{ from, to, reason string }

const gapTime = "2006-01-02T15:04:05.000Z07:00" // as it has times

// watchGaps returns the last gap that is told from now on.
func (l *lab) watchGaps() *gapTold {
	last := &gapTold{}
	l.watch(func(record plog.LogRecord) {
		if record.EventName() == "vcenter.stream.gap" {
			at := func(name string) string { v, _ := record.Attributes().Get(name); return v.Str() }
			*last = gapTold{from: at("vcenter.gap.from"), to: at("vcenter.gap.to"), reason: at("vcenter.gap.reason")}
		}
	}, accept)
	return last
}

// vCenter has deleted events that were not read: one record tells of it, before what follows, and then the stream goes on from
// the oldest event that there is.
func TestEventsThatVCenterHasDeleted(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		gap := l.watchGaps()
		r := l.start()
		l.pinned()
		l.append(20)
		l.wantEachOnce()
		readTo := l.readTo()
		l.away(r, 45*24*time.Hour)
		oldest := l.now().Add(-29 * 24 * time.Hour)
		l.appendAt(l.now().Add(-40*24*time.Hour), 30)
		l.forget()
		l.appendAt(oldest, 10)
		l.sim.Journal().PruneCreatedBefore(l.now().Add(-30 * 24 * time.Hour))
		l.append(5)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		require.Len(t, l.gaps(), 1)
		assert.Equal(t, "retention", gap.reason)
		assert.Equal(t, oldest.Format(gapTime), gap.to)
		assert.LessOrEqual(t, readTo.Format(gapTime), gap.from)
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("deleted").Len())

		r = l.start()
		l.append(5)
		l.wantEachOnce()
		r.stop()
		assert.Len(t, l.gaps(), 1, "told once")
	})
}

// A vCenter that keeps its events for ever, and has none of those weeks: the reason is open.
func TestAHoleThatRetentionDoesNotExplain(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.append(5)
	l.wantEachOnce()
	l.away(r, 3*24*time.Hour)
	l.sim.Journal().PruneCreatedBefore(l.now())
	l.append(5)
	r = l.start()
	l.wantEachOnce()
	r.stop()
	require.Len(t, l.gaps(), 1)
	assert.Contains(t, l.gaps()[0], ":possible")
}

// Where the history goes on within the hour, nothing was deleted; nor is anything looked for after a short absence.
func TestAnAbsenceIsNoGap(t *testing.T) {
	for name, away := range map[string]time.Duration{"a day": 24*time.Hour - time.Minute, "a month": 30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, byInsertion)
			r := l.start()
			l.pinned()
			l.append(5)
			l.wantEachOnce()
			l.committed()
			r.stop()
			l.appendAt(l.now().Add(30*time.Minute), 5)
			l.sim.SetClockOffset(away)
			r = l.start()
			l.wantEachOnce()
			r.stop()
			assert.Empty(t, l.gaps())
		})
	}
}

// Somebody emptied the tables of events while the receiver was away, long before they are a day old: the newest event that was read
// is gone, and so is what came after it. One that is dated ahead stays behind, and is not the end of the gap.
func TestAHistoryThatIsCutShort(t *testing.T) {
	for name, reads := range map[string]func(*lab){"after a page": func(l *lab) { l.append(20) }, "at the tail": (*lab).catchUp} {
		t.Run(name, func(t *testing.T) { onBothOrders(t, func(t *testing.T, l *lab) { isCutShort(t, l, reads) }) })
	}
}

func isCutShort(t *testing.T, l *lab, reads func(*lab)) {
	l.settings.Events.Overlap = time.Second
	gap := l.watchGaps()
	r := l.fromTheBeginning().start()
	reads(l)
	l.appendAt(l.now().Add(3*time.Hour), 1)
	l.wantEachOnce()
	l.away(r, time.Hour)
	l.appendAt(l.now().Add(-40*time.Minute), 30)
	l.forget()
	oldest := l.now().Add(-20 * time.Minute)
	l.appendAt(oldest, 10)
	l.sim.Journal().PruneCreatedBefore(l.now().Add(-30 * time.Minute))
	r = l.start()
	l.wantEachOnce()
	r.stop()
	require.Len(t, l.gaps(), 1)
	assert.Equal(t, oldest.Format(gapTime), gap.to)

	r = l.start()
	l.append(5)
	l.wantEachOnce()
	r.stop()
	assert.Len(t, l.gaps(), 1, "told once")
}

// All that is left to be seen is dated ahead: no gap ends there, or the position would be in the future.
func TestOnlyAnEventFromTheFutureIsLeft(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		login := func(e types.BaseEvent) bool { _, ok := e.(*types.UserLoginSessionEvent); return ok }
		l.sim.Journal().Hide(login, journal.Passes)
		r := l.fromTheBeginning().start()
		l.catchUp()
		l.sim.Journal().SkipKeys(5)
		l.appendAt(l.now().Add(3*time.Hour), 1)
		l.wantEachOnce()
		l.away(r, time.Hour)
		l.sim.Journal().PruneCreatedBefore(l.now())
		r = l.start()
		l.passes(2)
		l.append(5)
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
	})
}

// What was read is deleted, and nothing else: the first event that is left has the key that follows.
func TestWhatWasReadIsDeletedAndNothingElse(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		r := l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.committed()
		last := l.sim.Stats().LastKey
		r.stop()
		l.sim.Journal().Prune(func(e *journal.Entry) bool { return e.Event.GetEvent().Key <= last })
		l.sim.SetClockOffset(time.Hour)
		l.append(5)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
	})
}

// Killed between the record and the position, it is told again under the same uid.
func TestKilledAfterAGapOfRetention(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.append(5)
	l.wantEachOnce()
	l.away(r, 45*24*time.Hour)
	l.sim.Journal().PruneCreatedBefore(l.now())
	before := l.disk.copy()
	l.append(5)
	l.start()
	l.wantEachOnce()
	require.Len(t, l.gaps(), 1)
	l.disk = before
	r = l.start()
	eventually(t, "the gap again", func() bool { return len(l.gaps()) == 2 })
	r.stop()
	assert.Equal(t, l.gaps()[0], l.gaps()[1])
}

// The oldest event that is left is not well-formed. It tells what it can, and stops nothing.
func TestTheOldestEventIsNotWellFormed(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	l.append(5)
	l.wantEachOnce()
	l.away(r, 3*24*time.Hour)
	l.sim.Journal().PruneCreatedBefore(l.now())
	l.appendMalformed()
	l.append(5)
	r = l.start()
	l.wantEachOnce()
	r.stop()
	assert.Len(t, l.gaps(), 1)
}

// Nothing was to be seen for a day while the receiver ran, because nothing happened, or because the account lacked the permission:
// nothing can have been deleted before it was read.
func TestSeeingNothingForADayIsNoGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		l.sim.SetDoorbell(false) // what happens is found when the next pass is due
		l.start()
		l.pinned()
		l.sim.Journal().PruneCreatedBefore(l.now()) // the login
		l.appendHidden(3, 0)
		l.passes(2)
		l.sim.SetClockOffset(25 * time.Hour)
		asked := l.calls("RetrievePropertiesEx") // two a pass
		eventually(t, "passes that see nothing", func() bool { return l.calls("RetrievePropertiesEx") >= asked+6 })
		require.True(t, l.readTo().Before(l.now().Add(-24*time.Hour)), "the position is where it was")
		l.lose() // another login is the first event that is to be seen, and a pass begins before it is read
		for range 3 {
			asked = l.calls("RetrievePropertiesEx")
			eventually(t, "the tail", func() bool { return l.calls("RetrievePropertiesEx") >= asked+2 })
			l.append(1)
			l.wantEachOnce()
			l.passes(2)
		}
		assert.Empty(t, l.gaps())
	})
}

// Nothing at all happened in vCenter while the receiver was away: the first event has the key that follows the last one's.
func TestASilentVCenterIsNoGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		r := l.start()
		l.pinned()
		l.append(5)
		l.wantEachOnce()
		last, newest := l.sim.Stats().LastKey, l.now()
		for n := 1; !l.readTo().After(newest); n++ { // minute after minute the position is due to be stored
			require.Less(t, n, 30)
			l.sim.SetClockOffset(time.Duration(n) * 2 * time.Minute)
			l.passes(2)
		}
		killed := l.disk.copy()
		r.stop()
		l.disk = killed
		l.sim.Journal().Prune(func(e *journal.Entry) bool { return e.Event.GetEvent().Key > last }) // the logout: it was killed
		l.sim.Journal().SetNextKey(last + 1)
		l.sim.SetClockOffset(3 * 24 * time.Hour)
		l.append(5)
		l.start()
		l.wantEachOnce()
		assert.Empty(t, l.gaps())
	})
}

// vCenter's database was restored while the receiver was away, so that its keys are lower than those that were swept: that says
// nothing of what was deleted.
func TestAGapBehindKeysThatStartAgain(t *testing.T) {
	for _, version := range []string{"8.0.0", "9.0.0"} {
		t.Run(version, func(t *testing.T) {
			l := newLabOf(t, simulator.Settings{Order: byInsertion, Version: version})
			l.settings.Events.Overlap = 2 * time.Second
			l.sim.Journal().SetNextKey(5000)
			r := l.fromTheBeginning().start()
			l.append(30)
			l.wantEachOnce()
			if version == "9.0.0" {
				l.swept()
				l.append(1)
				l.wantEachOnce()
				l.swept()
			}
			l.append(1)
			l.wantEachOnce()
			l.away(r, 3*24*time.Hour)
			l.sim.Journal().PruneCreatedBefore(l.now())
			l.sim.Journal().SetNextKey(100)
			l.append(5)
			r = l.start()
			l.wantEachOnce()
			r.stop()
			assert.Len(t, l.gaps(), 1)
		})
	}
}

// Only the first page of the history was settled: the gap begins behind that, and not with the history.
func TestAGapBehindTheFirstPage(t *testing.T) {
	l := newLab(t, byCreation)
	gap := l.watchGaps()
	r := l.fromTheBeginning().start()
	l.append(20)
	l.wantEachOnce()
	l.away(r, time.Hour)
	l.append(20)
	l.forget()
	l.sim.Journal().PruneCreatedBefore(l.now().Add(time.Second))
	l.quiet(1100 * time.Millisecond)
	r = l.start()
	l.append(3)
	l.wantEachOnce()
	r.stop()
	require.Len(t, l.gaps(), 1)
	assert.NotEmpty(t, gap.from, "twenty events were delivered")
}

// A line is down, and the tables of events are emptied meanwhile: the gap is told, though vCenter shows nothing at all until the first
// event comes, and before that.
func TestAHistoryThatIsEmptiedWhileTheLineIsDown(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.passes(2)
		logins := l.calls("Login")
		l.proxy.Add(fault.Rule{Fault: fault.Status(http.StatusServiceUnavailable, "")})
		l.quiet(300 * time.Millisecond)
		l.append(30)
		l.forget()
		l.quiet(2500 * time.Millisecond)
		l.sim.SetClockOffset(20 * time.Minute)
		l.sim.Journal().PruneCreatedBefore(l.now())
		l.proxy.Clear()
		l.passes(4) // two of them, with a look each
		l.append(5)
		l.wantEachOnce()
		l.passes(3)
		assert.Equal(t, logins, l.calls("Login"))
		assert.Len(t, l.gaps(), 1)
	})
}

// The same while the receiver is stopped, with an account that does not see its own login.
func TestAHistoryThatIsEmptiedWhileNobodyLooks(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.sim.Journal().Hide(isLogin, journal.Passes)
		r := l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.away(r, time.Hour)
		l.append(30)
		l.forget()
		l.sim.Journal().PruneCreatedBefore(l.now().Add(time.Second))
		r = l.start()
		l.passes(2)
		l.append(5)
		l.wantEachOnce()
		l.passes(2)
		r.stop()
		assert.Len(t, l.gaps(), 1)
	})
}

// The same, and nothing happens in it for more than a day before the first event comes: that nothing was seen meanwhile does not tell that
// nothing was deleted before.
func TestAHistoryThatStaysEmptyForMoreThanADay(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.sim.Journal().Hide(isLogin, journal.Passes)
		r := l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.passes(2)
		l.append(1) // with how far that has come
		l.wantEachOnce()
		l.away(r, time.Hour)
		l.append(30)
		l.forget()
		l.sim.Journal().PruneCreatedBefore(l.now().Add(time.Second))
		r = l.start()
		l.passes(2)
		l.sim.SetClockOffset(l.sim.ClockOffset() + 26*time.Hour)
		l.passes(3)
		l.append(5)
		l.wantEachOnce()
		l.passes(2)
		r.stop()
		assert.Len(t, l.gaps(), 1)
	})
}

// The account sees nothing for a while, and then everything again: what was read is there, and nothing was deleted.
func TestAHistoryThatOnlySeemsEmpty(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		r := l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.away(r, time.Hour)
		l.sim.Journal().SkipKeys(5)
		l.sim.Journal().Hide(func(types.BaseEvent) bool { return true }, journal.Passes)
		l.start()
		l.passes(3)
		l.sim.Journal().Hide(func(types.BaseEvent) bool { return false }, journal.Passes)
		l.append(5)
		l.wantEachOnce()
		l.passes(2)
		assert.Empty(t, l.gaps())
	})
}

// What was read begins with a page of hidden events, which is empty each time that it is looked at: that is waited for once, and holds
// nothing.
func TestAHistoryThatBeginsWithAHiddenPage(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = 2*time.Second, 10
		l.sim.Journal().Hide(isLogin, journal.Passes)
		l.appendHidden(15, 0)
		r := l.fromTheBeginning().start()
		l.append(5)
		l.wantEachOnce()
		l.away(r, time.Hour)
		l.sim.Journal().SkipKeys(3)
		l.append(5)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
	})
}

// isLogin tells what the receiver itself leaves in vCenter.
func isLogin(e types.BaseEvent) bool {
	switch e.(type) {
	case *types.UserLoginSessionEvent, *types.UserLogoutSessionEvent:
		return true
	}
	return false
}

// Retention has deleted the last event of a quiet vCenter, long after it was read, and the key that follows is missing: nobody was away
// for long.
func TestRetentionOnAQuietVCenterIsNoGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		r := l.fromTheBeginning().start()
		l.append(20)
		l.wantEachOnce()
		l.passes(1)
		const day = 25 * time.Hour
		l.sim.SetClockOffset(day)
		for n := 1; !l.readTo().After(l.now().Add(-10 * time.Minute)); n++ { // minute after minute the position is due to be stored
			l.sim.SetClockOffset(day + time.Duration(n)*2*time.Minute)
			l.passes(2)
		}
		last := l.sim.Stats().LastKey
		l.away(r, 12*time.Minute)
		l.sim.Journal().Prune(func(e *journal.Entry) bool { return e.Event.GetEvent().Key <= last || isLogin(e.Event) })
		l.sim.Journal().SkipKeys(5)
		l.append(3)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
	})
}

// vCenter's clock was set back, and it is quiet: the time from which on is read again is not that of an event, and nothing is missing
// where there is none.
func TestAClockThatIsSetBackLeavesNoGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		r := l.fromTheBeginning().start()
		l.append(5)
		l.wantEachOnce()
		l.passes(2)
		l.sim.SetClockOffset(-time.Hour)
		eventually(t, "the warning", func() bool { return l.logs.FilterMessageSnippet("clock was set back").Len() == 1 })
		l.passes(3)
		l.sim.Journal().SkipKeys(5)
		l.away(r, 65*time.Minute)
		l.append(3)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
	})
}

// One event that is not well-formed stands on the page on which the oldest is looked for: those before it tell the gap, and where it
// ends, all the same, whatever is dated ahead among them.
func TestAnEventThatIsNotWellFormedBehindAGap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		gap := l.watchGaps()
		r := l.fromTheBeginning().start()
		l.append(20)
		l.appendAt(l.now().Add(3*time.Hour), 1)
		l.wantEachOnce()
		l.away(r, time.Hour)
		oldest := l.now().Add(-20 * time.Minute)
		l.sim.Journal().SkipKeys(30)
		l.appendAt(oldest, 10)
		l.appendMalformed()
		l.sim.Journal().PruneCreatedBefore(l.now().Add(-30 * time.Minute))
		r = l.start()
		l.wantEachOnce()
		r.stop()
		require.Len(t, l.gaps(), 1)
		assert.Equal(t, oldest.Format(gapTime), gap.to)
	})
}

// The oldest event that is left is hidden from the account: those behind it show the gap.
func TestAGapBeforeAHiddenEvent(t *testing.T) {
	for _, hidden := range []int{0, 1} {
		t.Run(fmt.Sprint(hidden), func(t *testing.T) {
			l := newLab(t, byInsertion)
			r := l.start()
			l.pinned()
			l.append(20)
			l.wantEachOnce()
			l.away(r, 45*24*time.Hour)
			oldest := l.now().Add(-29 * 24 * time.Hour)
			l.sim.Journal().PruneCreatedBefore(l.now().Add(-30 * 24 * time.Hour))
			for range hidden {
				l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(oldest)})
			}
			l.appendAt(oldest.Add(time.Second), 10)
			r = l.start()
			l.wantEachOnce()
			r.stop()
			assert.Len(t, l.gaps(), 1)
		})
	}
}

// A page that is short, because something on it is hidden, is not the end of what was not read.
func TestAGapBehindAShortPage(t *testing.T) {
	for _, hidden := range []int{0, 4} {
		t.Run(fmt.Sprint(hidden), func(t *testing.T) {
			l := newLab(t, byInsertion)
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
			for range hidden {
				l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(l.now())})
			}
			before := l.expects
			l.append(20)
			l.expects = before
			l.sim.SetClockOffset(5 * time.Hour)
			l.append(5)
			l.start()
			l.wantEachOnce()
			assert.Len(t, l.gaps(), 1)
		})
	}
}
