package receiver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// appendHidden appends events that the account may never see, spread evenly over the time that ends now.
func (l *lab) appendHidden(n int, over time.Duration) {
	time.Sleep(2 * time.Millisecond) // a begin of a collector tells milliseconds apart
	defer time.Sleep(2 * time.Millisecond)
	now := l.now()
	for i := range n {
		l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(now.Add(-over * time.Duration(n-1-i) / time.Duration(n)))})
	}
}

// onBothHidings is for what becomes of a cursor at a page that is wholly hidden, which two vCenters do differently.
func onBothHidings(t *testing.T, test func(*testing.T, *lab)) {
	for _, then := range []journal.Hiding{journal.Passes, journal.Sticks} {
		t.Run(then.String(), func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.sim.Journal().SetHiding(then)
				l.settings.Events.PageSize = 10
				test(t, l)
			})
		})
	}
}

// vCenter goes silent: its newest events are not to be had from any collector. That is no reason to make collectors as fast as
// vCenter can, nor to call it OK; and once it answers again everything arrives.
func TestAVCenterThatGoesSilent(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.fromTheBeginning().start()
		l.append(5)
		l.wantEachOnce()
		l.sim.Journal().SetStalled(true)
		l.append(3)
		eventually(t, "the reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), "stalled") })
		before := l.calls("CreateCollectorForEvents")
		l.quiet(2 * time.Second)
		assert.Less(t, l.calls("CreateCollectorForEvents")-before, 30)
		assert.False(t, l.host.ok())
		l.sim.Journal().SetStalled(false)
		l.wantEachOnce()
		eventually(t, "OK", l.host.ok)
	})
}

// A cursor has lost its place and returns nothing any more: the doorbell shows what it leaves out, and another one is made
// at once.
func TestACursorThatGoesSilent(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		for range 3 {
			l.append(2)
			l.wantEachOnce()
			l.sim.Journal().StallCursors()
		}
		l.append(2)
		l.wantEachOnce()
	})
}

// An empty page is not the end: behind it are events that the account may see.
func TestPagesThatAreHiddenAsAWhole(t *testing.T) {
	onBothHidings(t, func(t *testing.T, l *lab) {
		l.appendSpread(25, time.Minute)
		l.appendHidden(57, 10*time.Second)
		l.append(25)
		l.appendHidden(31, 0)
		l.append(1)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.append(3)
		l.wantEachOnce()
	})
}

// vCenter's newest events are hidden, and its latest page is empty for that reason: that says nothing of the visible ones.
func TestALatestPageThatIsEmptyBecauseItIsHidden(t *testing.T) {
	for _, then := range []journal.Hiding{journal.Passes, journal.Sticks} {
		t.Run(then.String(), func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.settings.Events.PageSize = 10
				l.sim.Journal().Hide(ofASession, then) // the receiver's own login would be the newest one
				l.appendSpread(5, time.Minute)
				l.appendHidden(25, 20*time.Second)
				l.append(7)
				l.appendHidden(2, 0)
				l.fromTheBeginning().start()
				l.wantEachOnce()
			})
		})
	}
}

func ofASession(e types.BaseEvent) bool {
	_, is := e.(types.BaseSessionEvent)
	return is
}

// What is hidden stays in the way of every pass, and is not looked into for each of them anew.
func TestPassesOverWhatIsHidden(t *testing.T) {
	onBothHidings(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 4 * time.Second
		l.start()
		l.pinned()
		l.append(3)
		l.appendHidden(40, 0)
		l.append(3)
		l.wantEachOnce()
		before := l.calls("CreateCollectorForEvents")
		for range 8 {
			l.quiet(500 * time.Millisecond)
			l.append(1)
			l.wantEachOnce()
		}
		assert.Less(t, l.calls("CreateCollectorForEvents")-before, 30, "one or two a pass")
	})
}

// The account may see nothing at all, and later everything.
func TestEverythingIsHiddenForAWhile(t *testing.T) {
	onBothHidings(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.sim.Journal().Hide(func(types.BaseEvent) bool { return true }, journal.Passes)
		l.fromTheBeginning().start()
		l.pinned()
		l.append(15)
		l.quiet(500 * time.Millisecond)
		assert.Zero(t, l.sink.count())
		l.sim.Journal().Hide(nil, journal.Passes)
		l.append(1)
		l.wantAll()
	})
}

// What vCenter shows as its newest event comes to its collectors a moment later: that is no stall.
func TestCollectorsThatLagBehindTheLatestPage(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.append(1)
		l.wantEachOnce()
		before := l.calls("CreateCollectorForEvents")
		for range 5 {
			l.sim.Journal().SetStalled(true)
			asked := l.calls("RetrievePropertiesEx")
			l.append(2)
			eventually(t, "an empty page, and a look at the latest one", func() bool { return l.calls("RetrievePropertiesEx") > asked })
			l.sim.Journal().SetStalled(false)
			l.wantEachOnce()
		}
		assert.Equal(t, before, l.calls("CreateCollectorForEvents"))
		assert.NotContains(t, l.log(), "stalled")
	})
}

// A page that cannot be read lies where something is looked for behind a stall.
func TestAStallBeforeAnEventThatIsNotWellFormed(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 10
		l.sim.Journal().SetHiding(journal.Sticks)
		l.appendSpread(5, time.Minute)
		l.appendHidden(25, 10*time.Second)
		l.append(2)
		l.appendMalformed()
		l.append(2)
		l.fromTheBeginning().start()
		l.wantEachOnce()
	})
}

// vCenter goes silent right when the receiver comes back, and answers again before a later begin is looked for. What was inserted
// late meanwhile, before the position, is still read.
func TestAStallThatIsOverBeforeTheSearch(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.Lookback = 20*time.Second, time.Minute
		r := l.start()
		l.pinned()
		for range 4 {
			l.append(1)
			l.wantEachOnce()
		}
		l.committed()
		late := l.readTo().Add(-17 * time.Second)
		require.Less(t, l.now().Sub(late), 22*time.Second, "the position has moved")
		r.stop()
		l.sim.Journal().SetStalled(true)
		l.appendAt(late, 3)
		l.append(5)
		destroyed := l.calls("DestroyCollector")
		l.start()
		eventually(t, "the second stall", func() bool { return l.calls("DestroyCollector") == destroyed+2 })
		l.sim.Journal().SetStalled(false)
		for range 18 {
			l.append(1) // the position moves on
			l.quiet(500 * time.Millisecond)
		}
		l.wantEachOnce()
	})
}

// What a stall was about is not wanted: once it is read the stall is over, and nothing is looked for any more.
func TestAStallOverWhatIsNotWanted(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap = 2 * time.Second
	l.filter(event.FilterSettings{ExcludeTypes: []string{"VmPoweredOffEvent"}}).start()
	l.pinned()
	l.append(1)
	l.wantEachOnce()
	l.sim.Journal().SetStalled(true)
	l.addUnwanted(l.poweredOff("bob"))
	again := func() int { return l.logs.FilterMessageSnippet("looked for again and again").Len() }
	eventually(t, "a search", func() bool { return again() > 0 })
	l.sim.Journal().SetStalled(false)
	eventually(t, "OK", l.host.ok)
	l.quiet(500 * time.Millisecond)
	before := again()
	l.quiet(3 * time.Second) // passes
	assert.Equal(t, before, again())
}

// vCenter is silent for so long that what comes late meanwhile is behind the place where the pass stands: the first collector that
// answers again begins an overlap before it, and not with a pass that is minutes away.
func TestASilenceIsFollowedByTheWholeOverlap(t *testing.T) {
	l := newLab(t, byCreation)
	l.start()
	l.pinned()
	l.append(1)
	l.wantEachOnce()
	late := l.now()
	l.quiet(50 * time.Millisecond)
	l.append(3)
	l.wantEachOnce()
	l.sim.Journal().SetStalled(true)
	l.append(1)
	l.appendAt(late, 2)
	destroyed := l.calls("DestroyCollector")
	eventually(t, "the third stall", func() bool { return l.calls("DestroyCollector") >= destroyed+4 })
	l.sim.Journal().SetStalled(false)
	l.wantEachOnce()
}

// What was dated ahead, and is read, says nothing of what comes behind it and is stamped earlier: a leap over a stall must not
// go beyond that, though it lies further back than anything that would be read again.
func TestAStallBehindAnEventFromTheFuture(t *testing.T) {
	onBothHidings(t, func(t *testing.T, l *lab) {
		begin := l.now().Add(-time.Hour)
		at := func(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }
		for i := range 9 {
			l.appendAt(at(i), 1)
		}
		ahead := poweredOn(at(1800))
		if l.order == byInsertion {
			l.add(ahead) // the last one on its page
		}
		for i := range 35 {
			l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(at(10 + i/4))})
		}
		for i := range 20 {
			l.appendAt(at(60+i), 1)
		}
		if l.order == byCreation {
			l.add(ahead)
		}
		l.append(5)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantInOrder()
	})
}

// A silence is known, and over; and the next pass meets a collector that has lost its place before it. That the pass leaps over it
// must not cost what came late before it: another pass looks there once more.
func TestALeapOverASilenceThatIsOver(t *testing.T) {
	l := newLab(t, byCreation)
	l.settings.Events.Overlap, l.settings.Events.Lookback, l.settings.Events.PageSize = 8*time.Second, time.Minute, 10
	begun := l.now()
	l.sim.Journal().SetHiding(journal.Sticks)
	l.start()
	l.pinned()
	l.append(3)
	l.appendHidden(40, 0)
	l.append(3)
	l.wantEachOnce()
	require.NotZero(t, l.logs.FilterMessageSnippet("goes on behind it").Len(), "a silence is known")
	l.sim.Journal().SetHiding(journal.Passes)
	l.appendAt(begun.Add(-time.Second), 1) // less than half an overlap late
	late := l.expects[len(l.expects)-1]
	l.proxy.Add(fault.Rule{Method: "CreateCollectorForEvents", Count: 1, Hook: func(string, int, []byte) fault.Fault {
		l.sim.Journal().StallCursors()
		return fault.Fault{}
	}})
	for l.sink.missing([]string{late}) > 0 {
		require.Less(t, l.now().Sub(begun), 20*time.Second)
		l.append(1)
		l.quiet(100 * time.Millisecond)
	}
	l.wantEachOnce()
}

// In one millisecond there is something that was read, and something behind a hidden page that was not: a search that began after
// that millisecond would leave it out, and the stream would go on behind it for good.
func TestAStallWithinAMillisecond(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PageSize = 10
	l.sim.Journal().Hide(ofASession, journal.Sticks) // the receiver's own login would be what is missing
	at := l.now().Add(-time.Hour)
	l.appendAt(at, 2)
	for range 18 { // inserted late: the rest of the first page, and all of the second
		l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(at.Add(-time.Minute))})
	}
	l.appendAt(at, 3)
	l.appendAt(at.Add(2*time.Millisecond), 10)
	l.fromTheBeginning().start()
	l.wantEachOnce()
}

// Where vCenter's clock was an hour ahead, a silence may end in the future once it is set right. A pass that leapt there would see
// nothing of the present, and each new event would be a stall.
func TestASilenceThatEndsInTheFuture(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 10
		l.sim.Journal().SetHiding(journal.Sticks)
		l.sim.SetClockOffset(time.Hour)
		l.start()
		l.pinned()
		l.append(3)
		l.appendHidden(20, 0)
		l.append(3)
		l.wantEachOnce()
		require.NotZero(t, l.logs.FilterMessageSnippet("goes on behind it").Len(), "a silence is known")

		l.sim.Journal().PruneCreatedBefore(l.now().Add(time.Minute)) // the future, too, or it would be the newest there is
		l.sim.SetClockOffset(0)
		l.lose()
		eventually(t, "the new clock", func() bool { return l.logs.FilterMessageSnippet("clock was set back").Len() == 1 })
		l.pinned()
		l.append(1)
		l.wantEachOnce()
		before := l.calls("CreateCollectorForEvents")
		for range 5 {
			l.append(1)
			l.wantEachOnce()
		}
		assert.Equal(t, before, l.calls("CreateCollectorForEvents"))
	})
}
