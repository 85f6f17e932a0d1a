package receiver_test

import (
	"fmt"
	"math"
	"net/http"
	"slices"
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

// onVCenter9 is for what only a vCenter does whose history can be read by key.
func onVCenter9(t *testing.T, test func(*testing.T, *lab)) {
	t.Parallel()
	for _, order := range []journal.Order{byInsertion, byCreation} {
		t.Run(order.String(), func(t *testing.T) { test(t, newLabOfVCenter9(t, order)) })
	}
}

// newLabOfVCenter9 is one with a small overlap: a pass, and with it a sweep, begins each second.
func newLabOfVCenter9(t *testing.T, order journal.Order) *lab {
	t.Helper()
	l := newLabOf(t, simulator.Settings{Order: order, Version: "9.0.0"})
	l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
	return l
}

// swept waits for another pass, which sweeps.
func (l *lab) swept() {
	l.t.Helper()
	before := l.proxy.Count("QueryEvents").Requests
	eventually(l.t, "a sweep", func() bool { return l.proxy.Count("QueryEvents").Requests > before })
}

// startSwept starts a receiver that has read some events, and swept up to them: what is inserted late from now on is found.
func (l *lab) startSwept(events int) *running {
	l.t.Helper()
	r := l.fromTheBeginning().start()
	l.append(events)
	l.wantEachOnce()
	l.swept()
	return r
}

// appendLate adds events that only a sweep finds, and returns their uids.
func (l *lab) appendLate(n int) []string {
	l.appendAt(l.now().Add(-30*time.Minute), n)
	return l.expects[len(l.expects)-n:]
}

// Inserted later than the overlap after its creation, an event is behind every collector: it is found by its key, while the
// receiver runs and across a stop, and delivered once.
func TestEventsLaterThanTheOverlap(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		r := l.fromTheBeginning().start()
		l.appendSpread(50, time.Hour)
		l.wantEachOnce()
		l.swept()
		for range 3 {
			l.appendLate(3)
			l.append(2)
			l.wantEachOnce()
		}
		r.stop()
		l.appendAt(l.now().Add(-20*time.Minute), 25)
		l.append(5)
		l.start()
		l.wantEachOnce()
	})
}

// An event is inserted late while the collector is open that began before its time: in order of insertion, that returns it as well.
func TestALateEventThatTheCollectorReturnsAsWell(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		gate := fault.NewGate()
		l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.HoldRequest(gate)})
		l.append(5)
		l.fromTheBeginning().start()
		<-gate.Arrived()
		l.appendLate(3)
		gate.Release()
		l.wantEachOnce()
		l.append(5)
		l.wantEachOnce()
	})
}

// A vCenter that goes silent is read by key.
func TestAStallIsPassedByKey(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.fromTheBeginning().start()
		l.append(25)
		l.wantEachOnce()
		l.sim.Journal().SetStalled(true)
		for range 3 {
			l.append(15)
			l.wantEachOnce()
		}
		l.sim.Journal().SetStalled(false)
		l.append(5)
		l.wantEachOnce()
		assert.NotZero(t, l.logs.FilterMessageSnippet("interrupted").Len(), "a stall is told")
	})
}

// Hidden pages are passed by key, too.
func TestHiddenPagesArePassedByKey(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetHiding(journal.Sticks)
		l.appendSpread(25, time.Minute)
		l.appendHidden(57, 10*time.Second)
		l.append(25)
		l.appendHidden(31, 0)
		l.append(1)
		l.fromTheBeginning().start()
		l.wantEachOnce()
	})
}

// A sweep that is interrupted goes on where it was, and delivers nothing twice.
func TestASweepOverABadLine(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.fromTheBeginning().start()
		l.appendSpread(30, time.Minute)
		l.wantEachOnce()
		l.proxy.Add(fault.Rule{Method: "QueryEvents", Probability: 1. / 3, Fault: fault.Cut(-1)})
		l.swept()
		for range 4 {
			l.appendLate(23)
			l.wantEachOnce()
		}
	})
}

// Keys that begin again do not hide what comes.
func TestKeysThatStartAgainUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(5000)
		l.fromTheBeginning().start()
		l.append(30)
		l.wantEachOnce()
		l.restored()
		l.sim.Journal().SetNextKey(100)
		l.append(30)
		l.wantEachOnce()
		l.swept()
		l.append(30)
		l.wantEachOnce()
	})
}

// The same, where nothing tells that: all that was delivered is long ago, and the rest is not wanted. A sweep notices by itself that
// it had come further than the keys go.
func TestKeysThatStartAgainUnnoticed(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.filter(event.FilterSettings{ExcludeTypes: []string{"UserLogin*", "UserLogout*", "VmPoweredOffEvent"}})
		l.sim.Journal().SetNextKey(5000)
		l.appendSpread(30, time.Hour)
		l.addUnwanted(l.poweredOff("bob"))
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.swept()
		l.restored()
		l.sim.Journal().PruneCreatedBefore(l.now())
		l.sim.Journal().SetNextKey(100)
		l.append(5)
		l.wantEachOnce()
		l.swept()
		l.swept() // the first one is over
		l.appendLate(3)
		l.wantEachOnce()
		assert.NotContains(t, l.log(), "counts its events anew")
	})
}

// What vCenter still has of an old count lies above the keys of the new one. It was read long ago, when nothing was known of the new
// count, and is not delivered again.
func TestWhatIsLeftOfAnOldCountOfKeys(t *testing.T) {
	for name, counts := range map[string][]int32{
		"from one":                            {5000, 100},
		"negative":                            {5000, math.MinInt32},
		"overflowed, behind keys of long ago": {5000, math.MaxInt32 - 29, math.MinInt32},
	} {
		t.Run(name, func(t *testing.T) {
			onVCenter9(t, func(t *testing.T, l *lab) {
				for i, first := range counts {
					l.sim.Journal().SetNextKey(first)
					began := l.now().Add(time.Duration(i-len(counts)) * time.Hour)
					for n := range 30 {
						l.appendAt(began.Add(time.Duration(n)*time.Minute), 1)
					}
				}
				l.append(5)
				r := l.fromTheBeginning().start()
				l.wantEachOnce()
				l.swept()
				l.append(5)
				l.wantEachOnce()
				r.stop()
				l.start()
				l.swept()
				l.append(5)
				l.wantEachOnce()
			})
		})
	}
}

// What is left of a count that has overflowed lies beyond what is swept, and a late event of the new one before it: that is found, and
// brings nothing else.
func TestALateEventBeforeWhatIsLeftOfAnOverflow(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(math.MaxInt32 - 29)
		l.appendAt(l.now().Add(-2*time.Hour), 30)
		l.sim.Journal().SetNextKey(100)
		l.startSwept(5)
		l.swept()
		l.appendLate(3)
		l.append(1)
		l.wantEachOnce()
	})
}

// A vCenter that says it speaks the version, and refuses to read by key, is read as any other.
func TestAVCenter9ThatDoesNotReadByKey(t *testing.T) {
	l := newLabOf(t, simulator.Settings{Version: "9.0.0"})
	l.settings.Events.Overlap = time.Second
	l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.Status(http.StatusNotFound, "")})
	l.fromTheBeginning().start()
	l.append(5)
	eventually(t, "a try", func() bool { return l.proxy.Count("QueryEvents").Requests > 0 })
	l.append(5)
	l.wantEachOnce()
	assert.Equal(t, 1, l.logs.FilterMessageSnippet("does not read its history by key").Len())
}

// interrupted lets a sweep that has something to find begin, and break off in the middle, until the proxy is cleared.
func (l *lab) interrupted() {
	l.t.Helper()
	l.proxy.Add(fault.Rule{Method: "QueryEvents", Skip: 1, Fault: fault.Cut(-1)})
	before := l.proxy.Count("QueryEvents").Requests
	l.appendLate(3)
	eventually(l.t, "a sweep that breaks off", func() bool { return l.proxy.Count("QueryEvents").Requests > before+2 })
	l.forget()
}

// vCenter is restored in the middle of a sweep: what that knew of the keys is worth nothing then.
func TestKeysThatStartAgainInTheMiddleOfASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(5000)
		l.startSwept(30)
		l.interrupted()
		l.restored()
		l.sim.Journal().PruneCreatedBefore(l.now())
		l.sim.Journal().SetNextKey(100)
		l.append(30)
		l.wantEachOnce()
		l.proxy.Clear()
		l.swept()
		l.appendLate(3)
		l.append(5)
		l.wantEachOnce()
	})
}

// Another vCenter answers in the middle of a sweep: it has keys of its own.
func TestAnotherVCenterInTheMiddleOfASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.startSwept(30)
		l.interrupted()
		l.forget()
		l.sim.SetInstanceUUID("another")
		l.sim.KillSessions()
		l.append(30)
		l.proxy.Clear()
		l.wantEachOnce()
		l.swept()
		l.appendLate(3)
		l.wantEachOnce()
	})
}

// What a sweep has found is refused, and given back because the session is lost meanwhile: it is found again.
func TestARefusalInTheMiddleOfASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.startSwept(30)
		late := l.appendLate(1)
		l.sink.obey(refusing(badRequest, late...))
		eventually(t, "the refusal", func() bool {
			offered, _ := l.sink.seen()
			return slices.Contains(offered[len(offered)-1].uids, late[0])
		})
		l.quiet(200 * time.Millisecond)
		logins := l.calls("Login")
		l.sim.KillSessions()
		eventually(t, "another session", func() bool { return l.calls("Login") > logins })
		l.sink.obey(nil)
		l.wantEachOnce()
	})
}

// An event that is not well-formed stands in the way of a sweep: that goes around it, the stream goes on, and what is behind it is
// found.
func TestASweepOverAnEventThatIsNotWellFormed(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.appendSpread(15, time.Minute)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.append(5)
		l.appendMalformed()
		l.append(5)
		l.wantEachOnce()
		l.swept()
		l.appendLate(3)
		l.wantEachOnce()
		eventually(t, "OK", l.host.ok)
		before := l.calls("CreateCollectorForEvents")
		l.quiet(3 * time.Second)
		assert.Less(t, l.calls("CreateCollectorForEvents")-before, 20, "some a pass")
	})
}

// A vCenter that refuses to read by key once, because it is busy or its proxy is, is asked again with the next pass.
func TestASweepThatIsRefusedOnce(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.startSwept(30)
		l.proxy.Add(fault.Rule{Method: "QueryEvents", Count: 1, Fault: fault.Status(http.StatusNotFound, "")})
		l.appendLate(3)
		l.wantEachOnce()
	})
}

// What the collectors have returned is not read a second time.
func TestASweepReadsOnlyWhatIsMissing(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.startSwept(10)
		before, begun := l.calls("QueryEvents"), time.Now()
		for range 20 {
			l.append(20)
			l.quiet(150 * time.Millisecond)
		}
		l.wantEachOnce()
		passes := int(time.Since(begun) / time.Second)
		assert.LessOrEqual(t, l.calls("QueryEvents")-before, 2*passes+4, "not 40 pages")
	})
}

// Under a steady stream of events no page is ever empty. Late ones are found all the same.
func TestASweepUnderASteadyStream(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sink.obey(func(int, plog.Logs) error {
			time.Sleep(30 * time.Millisecond)
			return nil
		})
		l.settings.Events.PageSize = 1000
		l.startSwept(30)
		late := l.appendLate(1)
		for begun := time.Now(); l.sink.missing(late) > 0; l.quiet(2 * time.Millisecond) {
			require.Less(t, time.Since(begun), 15*time.Second)
			l.append(1)
		}
		l.wantEachOnce()
	})
}

// Hidden events, a huge hole in the keys, and hidden events again: from each place in the hole vCenter shows nothing. It is passed
// some requests at a time, and neither the stream nor vCenter is kept busy by it.
func TestASweepOverAHugeHole(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.startSwept(5)
		l.sim.Journal().SetHiding(journal.Sticks)
		l.appendHidden(15, 0)
		l.sim.Journal().SkipKeys(2_000_000_000)
		l.appendHidden(15, 0)
		before, begun := l.calls("QueryEvents"), time.Now()
		l.append(10)
		l.wantEachOnce()
		l.swept()
		passes := int(time.Since(begun)/time.Second) + 2
		t.Logf("%d requests in %d passes", l.calls("QueryEvents")-before, passes)
		assert.Less(t, l.calls("QueryEvents")-before, 200*passes)
	})
}

// What is behind such a hole, and no collector returns, is found all the same, by the passes that follow, also after a restart.
func TestWhatIsBehindAHoleIsFound(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		r := l.startSwept(5)
		l.append(1)
		l.wantEachOnce() // with how far it was swept
		l.sim.Journal().SetHiding(journal.Sticks)
		l.appendHidden(15, 0)
		l.sim.Journal().SkipKeys(3000)
		l.appendHidden(15, 0)
		late := l.appendLate(3)
		l.append(1)
		l.swept()
		l.append(1)
		r.stop()
		l.start()
		l.wantEachOnce()
		assert.Zero(t, l.sink.missing(late))
	})
}

// vCenter's database is restored, and the process is killed as soon as an event of the new count is stored: that the old one was swept
// says nothing of what is inserted late into the new one.
func TestKilledWhenTheKeysStartAgainUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(5000)
		r := l.startSwept(30)
		l.restored()
		l.sim.Journal().PruneCreatedBefore(l.now())
		l.sim.Journal().SetNextKey(100)
		l.append(1)
		l.wantEachOnce()
		l.committed()
		killed := l.disk.copy()
		r.stop()
		l.disk = killed
		l.start()
		l.append(1)
		l.wantAll()
		l.swept()
		l.swept()
		l.appendLate(3)
		l.append(1)
		l.wantAll()
	})
}

// A history in which vCenter has counted anew is read for the first time, and the process is killed as soon as that is stored: what is
// left of the old count is not delivered again.
func TestKilledWhenTheKeysStartAgainBeforeTheFirstSweep(t *testing.T) {
	l := newLabOfVCenter9(t, byInsertion)
	l.sim.Journal().SetNextKey(5000)
	l.appendAt(l.now().Add(-2*time.Hour), 30)
	old := slices.Clone(l.expects)
	l.sim.Journal().SetNextKey(100)
	l.append(15)
	last := l.expects[len(l.expects)-1]
	var killed *disk
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if killed == nil && slices.Contains(remember(logs).uids, last) {
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
	l.swept()
	l.append(1)
	l.wantAll()
	for _, uid := range l.repeated() {
		assert.NotContains(t, old, uid)
	}
}

// Hidden events before one that is not well-formed: fewer are asked for because of that one, and no more than those are passed over.
func TestASweepPassesOverNothingThatWasNotAskedFor(t *testing.T) {
	for _, hidden := range []int{0, 2, 6} {
		for _, malformed := range []bool{false, true} {
			t.Run(fmt.Sprint(hidden, malformed), func(t *testing.T) { sweepSkips(t, hidden, malformed) })
		}
	}
}

func sweepSkips(t *testing.T, hidden int, malformed bool) {
	l := newLabOfVCenter9(t, byInsertion)
	l.startSwept(5)
	l.append(1)
	l.wantEachOnce()
	l.swept()
	l.quiet(300 * time.Millisecond)
	l.sim.Journal().SetHiding(journal.Sticks)
	old := l.now().Add(-30 * time.Minute)
	l.sim.Journal().SetStalled(true) // the collectors return nothing
	var list []types.BaseEvent
	for range hidden {
		list = append(list, journal.Hidden{BaseEvent: poweredOn(old)})
	}
	l.sim.Journal().Append(list...)
	for range 3 {
		l.add(poweredOn(old))
	}
	late := l.expects[len(l.expects)-3:]
	if malformed {
		l.add(journal.NewMalformed("VmPoweredOnEvent", types.Event{CreatedTime: old, FullFormattedMessage: "on"}))
	}
	l.append(12)
	l.swept()
	l.quiet(time.Second)
	l.sim.Journal().SetStalled(false)
	l.append(1)
	l.swept()
	l.quiet(6 * time.Second)
	assert.Zero(t, l.sink.missing(late))
}

// An event that is not well-formed, of which not even the key can be told, behind a hole in the keys: the hole is not walked key by
// key while the stream waits.
func TestAnEventWithoutAKeyBehindAHole(t *testing.T) {
	l := newLabOfVCenter9(t, byInsertion)
	l.startSwept(5)
	l.append(1)
	l.wantEachOnce()
	l.swept()
	l.sim.Journal().SkipKeys(20_000)
	raw, err := journal.NewRaw("VmPoweredOnEvent", fmt.Sprintf("<key>%d</key><chainId>1</chainId><createdTime>%s</createdTime><userName>a</userName>", l.sim.Journal().NextKey(), l.now().Format(time.RFC3339Nano)))
	require.NoError(t, err)
	raw.Content = []byte("<key>12 &bad; 34</key><chainId>1</chainId><createdTime>" + l.now().Format(time.RFC3339Nano) + "</createdTime><userName>a</userName>")
	raw.Malformed = true
	l.sim.Append(raw)
	l.append(5)
	before := l.calls("QueryEvents")
	l.quiet(4 * time.Second)
	l.append(1)
	uid := l.expects[len(l.expects)-1]
	at := time.Now()
	for l.sink.missing([]string{uid}) > 0 && time.Since(at) < 40*time.Second {
		l.quiet(20 * time.Millisecond)
	}
	assert.Less(t, l.calls("QueryEvents")-before, 2000)
}

// All that is remembered is an event without a key when vCenter 8 becomes vCenter 9: that is no sign that it counts anew, and the whole
// history is not delivered a second time.
func TestAnUpgradeBehindAnEventWithoutAKey(t *testing.T) {
	l := newLabOfVCenter9(t, byInsertion)
	l.filter(event.FilterSettings{ExcludeTypes: []string{"UserLogin*", "UserLogout*"}})
	upgrade := l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.Status(http.StatusNotFound, "")})
	l.appendAt(l.now().Add(-time.Hour), 30)
	l.appendNameless(fmt.Sprintf("<createdTime>%s</createdTime><userName>no key</userName>", l.now().Format(time.RFC3339Nano)))
	appended := l.now()
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	l.wantNameless(1)
	for n := 1; !l.readTo().After(appended); n++ {
		l.sim.SetClockOffset(time.Duration(n) * 2 * time.Minute)
		l.passes(2)
	}
	l.away(r, 0)
	upgrade()
	l.start()
	for range 2 {
		l.append(1)
		l.wantAll()
		l.swept()
	}
	l.append(1)
	l.wantEachOnce()
	assert.NotContains(t, l.log(), "counts its events anew")
}

// An event is inserted late, and vCenter counts anew before it is swept: what was swept of the old count is known, and what was not.
func TestALateEventRightBeforeKeysStartAgain(t *testing.T) {
	for name, next := range map[string]int32{"lower": 100, "negative": math.MinInt32} {
		t.Run(name, func(t *testing.T) {
			onVCenter9(t, func(t *testing.T, l *lab) {
				l.sim.Journal().SetNextKey(5000)
				l.startSwept(30)
				l.restored()
				l.swept()
				l.appendLate(1)
				l.append(1)
				l.sim.Journal().SetNextKey(next)
				l.append(1)
				l.swept()
				l.append(1)
				l.wantEachOnce()
			})
		})
	}
}

// A vCenter that does not read by key has counted anew, and its keys have holes: nothing of them is collected for sweeps that never come.
func TestKeysAreNotCollectedWithoutSweeps(t *testing.T) {
	l := newLabOf(t, simulator.Settings{Order: byInsertion, Version: "8.0.0"})
	l.sim.Journal().SetNextKey(5000)
	l.fromTheBeginning().start()
	l.append(30)
	l.wantEachOnce()
	l.restored()
	l.sim.Journal().SetNextKey(4990)
	l.append(1)
	l.wantEachOnce()
	for range 50 {
		l.sim.Journal().SkipKeys(3)
		l.append(1)
	}
	l.wantEachOnce()
	l.committed()
	record := string(l.disk.bytes()["v1/events/"+l.sim.InstanceUUID()])
	assert.Contains(t, record, `"sweep":{"to":`)
	assert.NotContains(t, record, `"read":`)
}

// setBy moves vCenter's clock on until the position is stored, which is done once a minute, and what was read before is forgotten.
func (l *lab) setBy(d time.Duration) {
	l.t.Helper()
	for begun := l.sim.ClockOffset(); l.sim.ClockOffset() < begun+d; {
		l.sim.SetClockOffset(l.sim.ClockOffset() + 5*time.Minute)
		l.lose()
		l.swept()
		l.passes(2)
	}
}

// A filter is set for a while, and taken back. The newest event that it wants has a lower key than what was swept: that is no new count
// of keys, and what was delivered is not delivered again.
func TestAFilterThereAndBackUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.appendSpread(30, time.Hour)
		l.add(l.problem())
		l.append(5)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		l.swept()
		l.passes(1)
		l.append(1)
		l.wantEachOnce()
		l.committed()
		r.stop()

		r = l.filter(event.FilterSettings{Types: []string{"esx.problem.x"}}).start()
		l.setBy(15 * time.Minute)
		r.stop()

		l.settings.Events.Filter = nil
		l.start()
		l.swept()
		l.passes(1)
		l.wantEachOnce()
	})
}

// The account may not see the newest events for a while, and then sees them again: they were delivered.
func TestAPermissionThatIsTakenAndGivenBackUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.appendSpread(60, time.Hour)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.swept()
		l.passes(1)
		since := l.now().Add(-30 * time.Minute)
		l.sim.Journal().Hide(func(e types.BaseEvent) bool { return e.GetEvent().CreatedTime.After(since) }, journal.Passes)
		l.swept()
		l.passes(2)
		l.sim.Journal().Hide(nil, journal.Passes)
		l.swept()
		l.append(1)
		l.passes(2)
		l.wantEachOnce()
	})
}

// vCenter counts anew, unnoticed, and the last that it has inserted came late: those before it tell that it does, and it is found.
func TestALateEventIsTheLastOfANewCount(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.filter(event.FilterSettings{ExcludeTypes: []string{"UserLogin*", "UserLogout*"}})
		l.sim.Journal().SetNextKey(5000)
		l.startSwept(30)
		l.passes(2)
		l.restored()
		l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.Status(http.StatusNotFound, "")})
		l.sim.Journal().PruneCreatedBefore(l.now())
		l.sim.Journal().SetNextKey(100)
		l.append(3)
		l.wantEachOnce()
		l.appendLate(1)
		l.proxy.Clear()
		l.wantEachOnce()
	})
}

// vCenter's clock is set back when it counts anew: what is stamped before the last sweep came after it all the same.
func TestAClockThatIsSetBackWhenKeysStartAgainUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(5000)
		l.startSwept(30)
		l.passes(2)
		l.sim.SetClockOffset(-3 * time.Hour)
		eventually(t, "the warning", func() bool { return l.logs.FilterMessageSnippet("clock was set back").Len() == 1 })
		l.sim.Journal().Prune(func(*journal.Entry) bool { return true })
		l.sim.Journal().SetNextKey(100)
		l.append(5)
		l.wantAll()
		l.swept()
		l.swept() // the first one is over
		l.appendLate(3)
		l.wantAll()
	})
}

// A history begins with a page of hidden events, or what is new does before anything was visible: it is passed by key. No collector has
// returned anything by then, and nothing that is visible is taken for read.
func TestTheFirstVisibleEventsBehindAHiddenPage(t *testing.T) {
	for _, from := range []string{"beginning", "end"} {
		t.Run(from, func(t *testing.T) {
			onVCenter9(t, func(t *testing.T, l *lab) {
				l.settings.Events.Overlap = 10 * time.Minute
				l.settings.Events.Beginning = from == "beginning"
				l.sim.Journal().Hide(isLogin, journal.Sticks)
				if from == "end" {
					l.start()
					eventually(t, "a sweep that finds nothing", func() bool { return l.calls("QueryEvents") > 0 })
				}
				for range 6 {
					l.appendHidden(37, 0)
					l.append(1)
				}
				if from == "beginning" {
					l.start()
				}
				l.wantEachOnce()
				l.wantInOrder()
			})
		})
	}
}

// What is left after a gap begins with a page of hidden events: nothing that is visible behind it is taken for read, though the position
// has moved.
func TestTheFirstVisibleEventsBehindAGapAndAHiddenPage(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.MaxAge = 10*time.Minute, time.Hour
		l.sim.Journal().Hide(isLogin, journal.Sticks)
		l.appendAt(l.now().Add(-3*time.Hour), 20)
		l.forget()
		for range 6 {
			l.appendHidden(37, 0)
			l.append(1)
		}
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantInOrder()
		l.wantNothingUnwanted()
	})
}

// A filter has never matched anything, and is taken back; then a collector stalls before anything is delivered. The way by key, which
// passes that, delivers nothing of what the filter left out.
func TestAFilterThatNeverMatchedIsTakenBackBeforeAStall(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.appendSpread(30, time.Hour)
		l.forget()
		began := l.now()
		r := l.filter(event.FilterSettings{Types: []string{"esx.problem.x"}}).fromTheBeginning().start()
		for n := 1; !l.readTo().After(began); n++ {
			require.Less(t, n, 20, "the position must move")
			l.append(10)
			l.sim.SetClockOffset(time.Duration(n) * 2 * time.Minute)
			l.passes(2)
		}
		l.away(r, 0)
		l.expects = nil // the last of them are younger than the position

		l.settings.Events.Filter = nil
		l.sim.Journal().SetStalled(true)
		l.start()
		l.swept()
		l.sim.Journal().SetStalled(false)
		l.append(1)
		l.wantEachOnce()
		l.wantNothingUnwanted()
	})
}
