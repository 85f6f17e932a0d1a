package receiver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// appendRefused appends an event that the pipeline refuses, of some age and in a millisecond of its own, and returns its uid.
func (l *lab) appendRefused(age time.Duration) string {
	l.quiet(2 * time.Millisecond)
	defer l.quiet(2 * time.Millisecond)
	created := l.now().Add(-age)
	stamp := fmt.Sprintf(":%d", created.UnixMilli())
	l.sink.obey(refusingAny(func(uid string) bool { return strings.HasSuffix(uid, stamp) }))
	l.appendAt(created, 1)
	return l.dead(len(l.expects) - 1)
}

// busy appends events one by one, and no faster than they are delivered: no page is empty meanwhile.
func (l *lab) busy(n int) {
	l.t.Helper()
	for range n {
		l.append(1)
		l.quiet(5 * time.Millisecond)
	}
	eventually(l.t, "the reader has come along", func() bool { return l.missing() < 200 })
}

// Behind a bad record is a stretch of hidden events that no cursor gets past. What could be its witness is behind that, where only a
// pass comes that does not begin with the bad record.
func TestABadRecordBeforeHiddenPages(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetHiding(journal.Sticks)
		l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
		l.start()
		l.pinned()
		l.append(3)
		l.wantEachOnce()
		bad := l.appendRefused(0)
		l.appendHidden(40, 0)
		l.awaitHold(bad)
		l.append(3)
		l.wantEachOnce()
		l.wantRefused(bad)
	})
}

// A sweep finds a bad record while events come all the time: what comes to the collector is its witness, and what else was inserted late
// is found, too.
func TestABadRecordInASweepOfABusyVCenter(t *testing.T) {
	l := newLabOfVCenter9(t, byCreation)
	l.settings.Events.PageSize = 100
	l.startSwept(5)
	l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Fault: fault.HoldRequest(fault.After(60 * time.Millisecond))})
	l.busy(200)
	bad := l.appendRefused(30 * time.Minute)
	l.busy(150)
	late := l.appendLate(1)
	for begun := time.Now(); time.Since(begun) < patience && (l.sink.missing(late) > 0 || len(l.letters()) == 0); {
		l.busy(50)
	}
	require.Zero(t, l.sink.missing(late), "the other one")
	require.Len(t, l.letters(), 1, "while events came")
	l.wantEachOnce()
	l.wantRefused(bad)
}

// No collector returns anything any more, and the history is read by key, in pages of one: a bad record's witness is on another page.
func TestABadRecordWhileAllCollectorsAreSilent(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 1
		l.startSwept(5)
		l.sim.Journal().SetStalled(true)
		bad := l.appendRefused(0)
		l.awaitHold(bad)
		l.append(4)
		l.wantEachOnce()
		l.wantRefused(bad)
	})
}

// Between a bad record and its witness are more pages than the line lets through in a row.
func TestABadRecordBeforeUnwantedPagesOverABadLine(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		apart := func(n int, add func()) { // a collector may begin with each
			for range n {
				add()
				l.quiet(2 * time.Millisecond)
			}
		}
		l.settings.Events.PageSize = 1
		l.filter(event.FilterSettings{ExcludeUsers: []string{"bob"}})
		apart(3, func() { l.append(1) })
		bad := l.appendRefused(0)
		apart(12, func() { l.addUnwanted(l.poweredOff("bob")) })
		apart(3, func() { l.append(1) })
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Hook: func(_ string, n int, _ []byte) fault.Fault {
			if n%3 == 0 {
				return fault.Cut(-1)
			}
			return fault.Fault{}
		}})
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantRefused(bad)
		l.wantNothingUnwanted()
	})
}

// An operator drops thousands of events between a bad record and its witness: none of them is waited for.
func TestABadRecordBeforeThousandsThatAnOperatorDrops(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.BackOff.InitialInterval, l.settings.BackOff.MaxInterval = 10*time.Second, 30*time.Second
	l.operate(operatorConfig{"type": "filter", "expr": `attributes["user.name"] == "bob" or attributes["vcenter.event.type"] startsWith "User"`})
	l.append(3)
	bad := l.appendRefused(0)
	for range 3000 {
		l.addUnwanted(l.poweredOff("bob"))
	}
	l.append(3)
	l.fromTheBeginning().start()
	l.wantEachOnce()
	l.wantRefused(bad)
	l.wantNothingUnwanted()
}

// The record of a gap is refused, and behind the first event after it are hidden events that no cursor gets past.
func TestARefusedGapBeforeHiddenPages(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetHiding(journal.Sticks)
		l.settings.Events.PageSize, l.settings.Events.Overlap, l.settings.Events.MaxAge = 10, 2*time.Second, 10*time.Minute
		l.appendAt(l.now().Add(-2*time.Hour), 20)
		l.forget()
		l.appendAt(l.now().Add(-5*time.Minute), 1)
		l.appendHidden(40, 10*time.Second)
		l.append(6)
		l.sink.obey(refusingAny(func(uid string) bool { return strings.Contains(uid, ":gap:") && !strings.HasSuffix(uid, ":refused") }))
		l.fromTheBeginning().start()
		l.wantEachOnce()
		eventually(t, "the record of the refusal", func() bool { return strings.Contains(fmt.Sprint(l.sink.uids()), ":refused") })
		assert.Len(t, l.letters(), 1)
		l.wantNothingUnwanted()
	})
}

// A record is set aside, and nothing comes that is wanted, for so long that the position would be stored. Then the receiver is stopped: the
// position has not moved past the record.
func TestAStopWhileARecordIsSetAside(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		r := l.filter(event.FilterSettings{ExcludeUsers: []string{"bob"}}).start()
		l.pinned()
		l.append(3)
		l.wantEachOnce()
		bad := l.appendRefused(0)
		l.awaitHold(bad)
		for minutes := range 3 {
			l.sim.SetClockOffset(time.Duration(2*minutes) * time.Minute)
			l.addUnwanted(l.poweredOff("bob"))
			l.awaitPasses(2)
		}
		r.stop()
		l.sink.obey(nil)
		l.expects = append(l.expects, bad)
		l.start()
		l.wantEachOnce()
	})
}

// A record is set aside, for the pipeline refused everything, and nothing new comes: it is offered again, and taken once that is mended.
func TestARecordThatIsSetAsideIsOfferedAgain(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.start()
		l.pinned()
		l.append(3)
		l.wantEachOnce()
		bad := l.appendRefused(0)
		l.awaitHold(bad)
		l.awaitPasses(2)
		l.sink.obey(nil)
		l.expects = append(l.expects, bad)
		l.wantEachOnce()
		eventually(t, "status OK", l.host.ok)
	})
}

// awaitPasses waits until so many passes have begun: with each the clock is read.
func (l *lab) awaitPasses(n int) {
	l.t.Helper()
	n += l.calls("CurrentTime")
	eventually(l.t, "passes", func() bool { return l.calls("CurrentTime") >= n })
}

// The same where another vCenter has the address meanwhile.
func TestARecordIsSetAsideWhileAnotherVCenterHasTheAddress(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		r := l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
		l.pinned()
		l.quiet(300 * time.Millisecond)
		l.add(l.poweredOnBy("alice"))
		l.sink.obey(refusing(tooLarge, l.expects...))
		l.awaitHold(l.expects[0])
		l.awaitPasses(1)
		uuid := l.sim.InstanceUUID()
		for _, is := range []string{"another", uuid} {
			l.sim.SetInstanceUUID(is)
			l.sim.KillSessions()
			l.awaitPasses(3)
		}
		r.stop()
		l.sink.obey(nil)
		l.start()
		l.wantEachOnce()
	})
}

// And where it was inserted so late that only the way by key finds it.
func TestALateRecordIsSetAside(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		r := l.filter(event.FilterSettings{Users: []string{"alice"}}).fromTheBeginning().start()
		for range 5 {
			l.add(l.poweredOnBy("alice"))
		}
		l.wantEachOnce()
		l.swept()
		late := l.poweredOnBy("alice")
		late.GetEvent().CreatedTime = l.now().Add(-time.Hour)
		l.add(late)
		l.sink.obey(refusing(tooLarge, l.expects[5]))
		l.awaitHold(l.expects[5])
		for range 2 {
			l.awaitPasses(1)
			l.sim.KillSessions()
		}
		l.awaitPasses(2)
		r.stop()
		l.sink.obey(nil)
		l.start()
		l.wantEachOnce()
		l.sim.KillSessions()
		l.awaitPasses(2)
		l.wantEachOnce()
	})
}

// An event without a time of its own has that of the event before it, which is another one in the next pass: it is set aside once, and
// delivered once.
func TestAnEventWithoutATimeIsSetAside(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 2 * time.Second
		l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
		l.pinned()
		l.quiet(300 * time.Millisecond)
		l.add(l.poweredOnBy("alice"))
		l.wantEachOnce()
		l.quiet(8 * time.Second) // until a pass does not begin with that one any more
		l.sink.obey(refusingAny(func(uid string) bool { return strings.Contains(uid, ":0:") }))
		l.appendNameless("<key>77</key><userName>alice</userName>")
		l.awaitHold(":0:")
		l.awaitPasses(3)
		l.sink.obey(nil)
		eventually(t, "the event", func() bool { return len(l.nameless()) > 0 })
		l.awaitPasses(2)
		l.wantNameless(1)
	})
}

// vCenter's collectors fall silent behind a record that is set aside: it is offered all the same.
func TestASilenceBehindARecordThatIsSetAside(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
		l.pinned()
		l.quiet(300 * time.Millisecond)
		l.add(l.poweredOnBy("alice"))
		aside := l.expects[0]
		l.sink.obey(refusing(tooLarge, aside))
		l.awaitHold(aside)
		l.sim.Journal().SetStalled(true)
		l.sim.KillSessions()
		l.quiet(500 * time.Millisecond)
		l.add(l.poweredOnBy("alice"))
		eventually(t, "the silence is noticed", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), "stalled") })
		l.sink.obey(nil)
		eventually(t, "what is set aside", func() bool { return l.sink.missing([]string{aside}) == 0 })
		l.sim.Journal().SetStalled(false)
		l.wantEachOnce()
	})
}

// One bad record after another is set aside, and given up a while later: in between the position moves.
func TestThePositionMovesOnceNothingIsSetAside(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap = 2 * time.Second
	l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
	l.pinned()
	l.quiet(300 * time.Millisecond)
	begun := l.now()
	for n := range 4 {
		l.quiet(2 * time.Millisecond)
		created := l.now()
		stamp := fmt.Sprintf(":%d", created.UnixMilli())
		l.sink.obey(refusingAny(func(uid string) bool { return strings.HasSuffix(uid, stamp) }))
		bad := l.poweredOnBy("alice")
		bad.GetEvent().CreatedTime = created
		l.add(bad)
		l.awaitHold(l.dead(len(l.expects) - 1))
		l.awaitPasses(2)
		for len(l.letters()) <= n {
			l.quiet(2 * time.Millisecond)
			l.add(l.poweredOnBy("alice"))
			l.wantEachOnce()
		}
	}
	assert.True(t, l.readTo().After(begun), "%s, and %s at the beginning", l.readTo(), begun)
}

// What is set aside is not settled: the lag says so.
func TestLagWhileARecordIsSetAside(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap = 2 * time.Second
	l.filter(event.FilterSettings{Users: []string{"alice"}})
	g := l.observe()
	g.start()
	g.pinned()
	g.quiet(300 * time.Millisecond)
	g.add(g.poweredOnBy("alice"))
	g.wantEachOnce()
	g.quiet(3 * time.Second)
	g.add(g.poweredOnBy("alice"))
	g.sink.obey(refusing(tooLarge, g.expects[1]))
	g.awaitHold(g.expects[1])
	g.awaitPasses(3)
	assert.Greater(t, g.value("lag"), 2.9)
	g.sink.obey(nil)
	g.wantEachOnce()
}

// What is set aside becomes older than max_age: it is delivered, as it would be if it was held, and is in no gap.
func TestARecordThatIsSetAsideIsInNoGap(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap, l.settings.Events.MaxAge = time.Second, 4*time.Second
	l.filter(event.FilterSettings{Users: []string{"alice"}}).start()
	l.pinned()
	l.quiet(300 * time.Millisecond)
	l.add(l.poweredOnBy("alice"))
	l.sink.obey(refusing(tooLarge, l.expects...))
	l.awaitHold(l.expects[0])
	l.quiet(8 * time.Second)
	l.sink.obey(nil)
	l.wantEachOnce()
	l.awaitPasses(2)
	assert.Empty(t, l.gaps())
}
