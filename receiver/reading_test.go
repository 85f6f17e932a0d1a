package receiver_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// latestPage holds one event and is pushed once for a burst: what is delivered is what the collector reads.
func TestABurstLargerThanAnyPage(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.append(20_000)
		l.wantEachOnce()
		assert.Less(t, l.reads(), 60)
	})
}

// Without its doorbell the receiver finds events with the next poll.
func TestALostDoorbellCostsTimeNotEvents(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.SetDoorbell(false)
		l.settings.Events.PollInterval = 100 * time.Millisecond
		l.start()
		l.pinned()
		l.append(10)
		l.wantEachOnce()
	})
}

// With its doorbell the receiver does not wait for the poll.
func TestTheDoorbellRings(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PollInterval = time.Hour
	l.start()
	l.pinned()
	for range 3 {
		l.append(1)
		l.wantEachOnce()
	}
}

// The server's cursor moves even when the answer is lost. Cut at every element and a byte beside it, or at
// 300 other places: the union is complete and nothing is doubled. (That a cut answer is no page, at whatever
// offset, is shown in the event package.)
func TestAnAnswerCutAnywhere(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		r := rand.New(rand.NewPCG(l.seed(), 9))
		var cuts atomic.Int64
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Hook: func(_ string, n int, body []byte) fault.Fault {
			if n%2 == 0 || !bytes.Contains(body, []byte("<returnval")) {
				return fault.Fault{}
			}
			i := int(cuts.Add(1)) - 1
			if l.order == byCreation {
				return fault.CutChunked(r.IntN(len(body)))
			}
			starts := elements(body)
			return fault.Cut(starts[i/3%len(starts)] + i%3 - 1)
		}})
		l.settings.Events.PageSize = 8 // more than share a millisecond: a begin is inclusive
		l.settings.Events.PollInterval = 10 * time.Millisecond
		l.fromTheBeginning().start()
		for cuts.Load() < 300 && !t.Failed() {
			l.append(3)
			l.wantAll()
		}
		l.wantEachOnce()
	})
}

// elements are the offsets at which elements begin or end.
func elements(body []byte) []int {
	var starts []int
	for i, c := range body {
		if c == '<' && i > 0 {
			starts = append(starts, i)
		}
	}
	return starts
}

// Progress is made as long as some answers arrive whole.
func TestAThirdOfAllAnswersIsCut(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 100
		l.appendSpread(3000, time.Hour)
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Probability: 1. / 3, Fault: fault.Cut(-1)})
		l.fromTheBeginning().start()
		l.wantEachOnce()
		assert.Less(t, l.reads(), 100, "reads of 30 pages")
	})
}

// The same with a burst: every page lies within the slack of a pass that is cut.
func TestABurstOverABadLine(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 100
		l.appendSpread(3000, time.Second)
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Probability: 1. / 3, Fault: fault.Cut(-1)})
		l.fromTheBeginning().start()
		l.wantEachOnce()
		assert.Less(t, l.reads(), 150, "reads of 30 pages")
	})
}

// The begin of a collector is inclusive, and a restart lies within 50 events of one millisecond.
func TestEqualTimestampsAcrossARestart(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 20
		now := l.now()
		l.appendAt(now, 25)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		r.stop()
		l.appendAt(now, 25)
		l.start()
		l.wantEachOnce()
	})
}

// Created long ago, inserted now: up to half the overlap late while running.
func TestLateEventsWhileRunning(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 4 * time.Second
		l.settings.Events.PollInterval = 50 * time.Millisecond
		l.start()
		l.pinned()
		l.quiet(time.Second) // what is inserted late must be created after the pin
		for range 4 {
			l.append(5)
			l.wantEachOnce()
			l.quiet(300 * time.Millisecond)
			l.appendAt(l.now().Add(-time.Second), 3)
		}
		l.wantEachOnce()
	})
}

// An event dated an hour ahead must not put the position there.
func TestAnEventFromTheFuture(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.append(10)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		l.appendAt(l.now().Add(time.Hour), 1)
		l.wantEachOnce()
		r.stop()
		l.append(10)
		l.start()
		l.append(10)
		l.wantEachOnce()
	})
}

// "From the end" is pinned when the receiver first connects, not when it first sees an event, and survives a
// kill before that.
func TestStartFromTheEndLosesNothing(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.appendSpread(50, time.Hour)
		l.forget() // of the past nothing is wanted
		r := l.start()
		l.pinned()
		killed := l.disk.copy()
		r.stop()
		l.append(30)
		l.disk = killed
		l.start()
		l.wantEachOnce()
		for _, uid := range l.sink.uids() {
			assert.NotContains(t, l.forgotten(), uid)
		}
	})
}

// With lookback the start lies that much earlier, by vCenter's clock and not by ours.
func TestLookbackGoesByTheClockOfVCenter(t *testing.T) {
	l := newLab(t, byInsertion)
	l.sim.SetClockOffset(-time.Hour)
	l.appendAt(l.now().Add(-30*time.Minute), 5)
	l.forget()
	l.appendAt(l.now().Add(-5*time.Minute), 5)
	l.settings.Events.Lookback = 10 * time.Minute
	l.start()
	l.wantEachOnce()
	assert.NotContains(t, l.sink.uids(), l.forgotten()[0])
}

// A collector that breaks long after a catch-up goes on with the pass: what the pass has read must still be known,
// though the position is far ahead of it.
func TestACutLongAfterACatchUp(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Lookback = time.Hour
		l.appendAt(l.now().Add(-30*time.Minute), 100)
		l.start()
		l.wantEachOnce()
		l.quiet(200 * time.Millisecond) // the tail is confirmed
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.ResetAfter()})
		l.append(1)
		l.wantEachOnce()
	})
}

// Events come out of order, and a third of all answers is cut: what a collector that goes on has skipped is found by
// the passes that follow.
func TestDisorderOverABadLine(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap = 4 * time.Second
	l.settings.Events.PageSize = 50
	r := rand.New(rand.NewPCG(l.seed(), 3))
	begin := l.now().Add(-5 * time.Minute)
	for i := range 2000 {
		l.appendAt(begin.Add(time.Duration(i)*100*time.Millisecond-time.Duration(r.IntN(3000))*time.Millisecond), 1)
	}
	l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Probability: 1. / 3, Count: 30, Fault: fault.Cut(-1)})
	l.fromTheBeginning().start()
	l.wantEachOnce()
}

// A batch is refused for longer than the overlap, and events are inserted late meanwhile, behind the cursor.
func TestLateEventsWhileABatchIsRefused(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 4 * time.Second
		l.settings.Events.PageSize = 5
		l.start()
		l.pinned()
		l.quiet(2 * time.Second) // what is inserted late must be created after the pin
		l.sink.obey(func(int, plog.Logs) error { return errRefused })
		l.append(12)
		l.quiet(500 * time.Millisecond)
		l.appendAt(l.now().Add(-1500*time.Millisecond), 3)
		for range 10 {
			l.quiet(500 * time.Millisecond)
			l.append(4)
		}
		l.sink.obey(nil)
		l.wantEachOnce()
	})
}

// vCenter's clock is set back by an hour while the session lives: what is created from then on lies before the
// collector's begin.
func TestTheClockIsSetBackWhileRunning(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = 4 * time.Second
		l.settings.Events.PollInterval = 100 * time.Millisecond
		l.start()
		l.pinned()
		l.append(5)
		l.wantEachOnce()
		l.sim.SetClockOffset(-time.Hour)
		l.append(5)
		l.quiet(time.Second)
		l.append(5)
		l.wantEachOnce()
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("clock was set back").Len())
	})
}

// The receiver reads what it cannot know: event types of a later vCenter, with all their fields.
func TestUnknownEventType(t *testing.T) {
	l := newLab(t, byInsertion)
	l.appendRaw("VmTeleportedEvent", `<destination>Mars</destination>`)
	l.fromTheBeginning().start()
	l.wantEachOnce()
	_, batches := l.sink.seen()
	require.NotEmpty(t, batches)
	found := false
	for _, b := range batches {
		for _, record := range b.bytes {
			found = found || bytes.Contains([]byte(record), []byte("Mars"))
		}
	}
	assert.True(t, found)
}

// A full page is followed by the next read, not by a wait: neither a ring nor a poll comes to help.
func TestABurstArrivesWithoutAnotherRing(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.SetDoorbell(false)
		l.settings.Events.PollInterval = time.Hour
		l.settings.Events.PageSize = 100
		l.append(3000)
		l.fromTheBeginning().start()
		l.wantEachOnce()
	})
}

// Without its doorbell the receiver finds events within the poll interval.
func TestALostDoorbellCostsNoMoreThanThePoll(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.SetDoorbell(false)
		l.settings.Events.PollInterval = 200 * time.Millisecond
		l.start()
		l.pinned()
		l.quiet(500 * time.Millisecond) // the ring of the first update is used up
		for range 3 {
			began := time.Now()
			l.append(10)
			l.wantEachOnce()
			assert.Less(t, time.Since(began), 2*time.Second)
		}
	})
}

// However long the poll, a pass follows the one before within half the overlap: in order of creation nothing else shows what is
// inserted late, and nothing rings for it.
func TestALongPollDoesNotPutOffTheNextPass(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.SetDoorbell(false)
		l.settings.Events.Overlap, l.settings.Events.PollInterval = 2*time.Second, time.Hour
		l.start()
		l.pinned()
		l.quiet(time.Second) // what is inserted late must be created after the pin
		for range 3 {
			l.appendAt(l.now().Add(-500*time.Millisecond), 2)
			l.wantEachOnce()
			l.passes(2)
		}
	})
}

// A long poll that is never answered is given up: the doorbell rings for its failure.
func TestADoorbellThatIsNeverAnswered(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PollInterval = time.Hour
	l.settings.Wait, l.settings.APITimeout = time.Second, 500*time.Millisecond
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1, Fault: fault.BlackHole()})
	l.start()
	l.pinned()
	l.append(10)
	l.wantEachOnce()
}

const soapFault = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>A general system error occurred</faultstring><detail><SystemErrorFault xmlns="urn:vim25" xsi:type="SystemError"><reason>busy</reason></SystemErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`

// The cursor moves also where the answer is a fault, or arrives whole and cannot be read.
func TestAnAnswerThatIsNoPage(t *testing.T) {
	for name, spoil := range map[string]fault.Fault{
		"fault": fault.Answer(http.StatusInternalServerError, "text/xml; charset=utf-8", soapFault),
		"broken in the middle": fault.Rewrite(func(body []byte) []byte {
			return bytes.Replace(body, []byte("</key>"), []byte("</kez>"), 1)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Hook: func(_ string, n int, body []byte) fault.Fault {
					if n%2 == 0 || !bytes.Contains(body, []byte("<returnval")) {
						return fault.Fault{}
					}
					return spoil
				}})
				l.settings.Events.PageSize = 50
				l.appendSpread(500, time.Minute)
				l.fromTheBeginning().start()
				l.wantEachOnce()
				assert.Equal(t, 1, l.calls("Login"))
			})
		})
	}
}

// A restart begins at the very millisecond of the pin: the begin is inclusive.
func TestEqualTimestampsAtThePin(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		r := l.start()
		l.pinned()
		r.stop()
		since := regexp.MustCompile(`"since":"([^"]+)"`).FindSubmatch(l.disk.bytes()["v1/events/"+l.sim.InstanceUUID()])
		require.Len(t, since, 2)
		pin, err := time.Parse(time.RFC3339Nano, string(since[1]))
		require.NoError(t, err)
		l.appendAt(pin.Truncate(time.Millisecond), 50)
		l.start()
		l.wantEachOnce()
	})
}

// Up to the overlap late across a stop, with a position that is at the present.
func TestLateEventsAcrossAStop(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Minute
		l.appendSpread(50, 10*time.Minute)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		for range 3 { // pages of their own: the frontier is one behind
			l.append(1)
			l.wantEachOnce()
		}
		r.stop()
		l.appendAt(l.now().Add(-50*time.Second), 10)
		l.start()
		l.wantEachOnce()
	})
}

// From the beginning of the history the first page never moves the position: the event has to be in the second.
func TestAnEventFromTheFutureInABacklog(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 10
		l.settings.Events.Overlap = time.Minute
		l.appendAt(l.now().Add(-4*time.Hour), 10)
		l.appendAt(l.now().Add(-3*time.Hour), 9)
		l.appendAt(l.now().Add(-time.Hour), 1) // from the future, as seen by its neighbours
		l.appendAt(l.now().Add(-2*time.Hour), 30)
		gate := fault.NewGate()
		t.Cleanup(gate.Release)
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Skip: 2, Count: 1, Fault: fault.HoldRequest(gate)})
		r := l.fromTheBeginning().start()
		eventually(t, "two pages", func() bool { return l.sink.count() >= 20 })
		l.committed()
		killed := l.disk.copy()
		r.stop() // with the gate closed: nothing more is delivered
		l.proxy.Clear()
		gate.Release()
		l.disk = killed
		l.start()
		l.wantAll()
	})
}

// vCenter's clock was an hour ahead, and is set right while the receiver is down, or while it runs.
func TestTheClockOfVCenterIsSetBack(t *testing.T) {
	for _, down := range []bool{true, false} {
		t.Run(map[bool]string{true: "down", false: "running"}[down], func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.sim.SetClockOffset(time.Hour)
			r := l.fromTheBeginning().start()
			for range 3 {
				l.append(1)
				l.wantEachOnce()
			}
			if down {
				r.stop()
			}
			l.sim.SetClockOffset(0)
			l.append(10)
			if down {
				l.start()
			} else {
				l.sim.KillSessions()
			}
			l.append(10)
			l.wantEachOnce()
		})
	}
}

// vCenter's clock is set back while the receiver runs, and a live collector shows what is created from then on. That is delivered
// once, though it is read again once the clock is known.
func TestEventsAfterTheClockWasSetBack(t *testing.T) {
	l := newLab(t, byInsertion)
	l.fromTheBeginning().start()
	l.append(5)
	l.wantEachOnce()
	l.committed()
	l.sim.SetClockOffset(-time.Hour)
	l.append(5)
	l.wantEachOnce()
	eventually(t, "the new clock", func() bool { return l.logs.FilterMessageSnippet("clock was set back").Len() == 1 })
	l.append(5)
	l.quiet(time.Second)
	l.wantEachOnce()
}

// The same where events are read one by one, around one that is not well-formed: a row of such pages, all of events from the
// future, says no more than one page.
func TestEventsFromTheFutureThatAreReadOneByOne(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize, l.settings.Events.Overlap = 10, time.Minute
		begin := l.now().Add(-4 * time.Hour)
		l.appendAt(begin, 2)
		l.appendAt(begin.Add(2*time.Hour), 4) // from the future, as seen by their neighbours
		l.appendAt(begin.Add(time.Minute), 1)
		next := l.expects[len(l.expects)-1]
		l.appendMalformed()
		l.appendAt(begin.Add(2*time.Minute), 20)
		l.sink.obey(func(_ int, logs plog.Logs) error {
			if slices.Contains(remember(logs).uids, next) {
				return errRefused
			}
			return nil
		})
		r := l.fromTheBeginning().start()
		eventually(t, "a refusal", func() bool { return l.host.last() != nil && l.sink.tried() > l.sink.count() })
		l.committed()
		killed := l.disk.copy()
		r.stop()
		l.disk = killed
		l.sink.obey(nil)
		l.start()
		l.wantAll()
	})
}

// That vCenter's clock was set back is stored as soon as it is noticed, and not with the next event that is accepted: when the
// receiver comes back after that, the clock may have caught up, and tell nothing any more.
func TestAClockThatWasSetBackIsRememberedThoughNothingIsAccepted(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sim.SetClockOffset(time.Hour)
		r := l.fromTheBeginning().start()
		for range 4 {
			l.append(1)
			l.wantEachOnce()
		}
		r.stop()
		require.True(t, l.readTo().After(l.now().Add(-time.Minute)))
		l.sim.SetClockOffset(0)
		l.append(3)
		l.sink.obey(func(int, plog.Logs) error { return errRefused })
		tried := l.sink.tried()
		r = l.start()
		eventually(t, "a refusal", func() bool { return l.sink.tried() > tried })
		r.stop()
		assert.WithinRange(t, l.readTo(), l.now().Add(-time.Minute), l.now())
	})
}

// appendRoomy appends what makes a page of ten that is not full: one of its events is hidden, and leaves room in it.
func (l *lab) appendRoomy(created time.Time) {
	l.appendAt(created, 9)
	l.sim.Journal().Append(journal.Hidden{BaseEvent: poweredOn(created)})
}

// No page of a backlog is full, for there are hidden events among the others, and the line is so slow that another pass is due before
// the overlap is read: that is no reason to begin anew.
func TestABacklogOfPagesThatAreNotFull(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
		for i := range 40 {
			l.appendRoomy(l.now().Add(time.Duration(i-40) * 25 * time.Millisecond))
		}
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Fault: fault.HoldRequest(fault.After(50 * time.Millisecond))})
		l.fromTheBeginning().start()
		l.wantEachOnce()
		assert.Less(t, l.reads(), 80, "reads of 40 pages")
		l.append(1)
		l.wantEachOnce()
	})
}

// The same while events come all the time, at more than half the rate at which they can be read: every pass comes further than the one
// before.
func TestSteadyEventsOnPagesThatAreNotFull(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
		l.start()
		l.pinned()
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Fault: fault.HoldRequest(fault.After(50 * time.Millisecond))})
		for next, last := l.now(), l.now().Add(4*time.Second); next.Before(last); next = next.Add(75 * time.Millisecond) {
			l.quiet(next.Sub(l.now()))
			l.appendRoomy(next) // also where this is late: an overlap has as many pages as cannot be read again in time
		}
		l.wantEachOnce()
	})
}
