package receiver_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// A lost session costs one login, and no event.
func TestALostSessionCostsOneLogin(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		for i := range 5 {
			l.append(10)
			l.lose()
			l.append(10)
			l.wantEachOnce()
			assert.Equal(t, i+2, l.calls("Login"))
		}
		eventually(t, "one session", func() bool { return len(l.sim.Stats().Sessions) == 1 })
		eventually(t, "one collector", func() bool { return l.sim.Stats().Objects.EventCollectors == 1 })
	})
}

// Somebody ends our sessions as soon as they begin: each login is an event in vCenter's database, and the account's
// last one must not follow at once.
func TestSessionsThatDoNotLastAreNoLoginStorm(t *testing.T) {
	l := newLab(t, byInsertion)
	l.fromTheBeginning().start()
	for began := time.Now(); time.Since(began) < 3*time.Second; {
		l.lose()
	}
	assert.Less(t, l.calls("Login"), 15)
	l.append(10)
	l.wantEachOnce()
}

// So it is where each session ends together with its connection, and only the probe finds that it has.
func TestSessionsThatEndWithTheirConnectionsAreNoLoginStorm(t *testing.T) {
	l := newLab(t, byInsertion)
	l.proxy.Add(fault.Rule{Hook: func(method string, _ int, body []byte) fault.Fault {
		if method == "CurrentTime" || !bytes.Contains(body, []byte("NotAuthenticated")) {
			return fault.Fault{}
		}
		return fault.Lose()
	}})
	l.fromTheBeginning().start()
	for began := time.Now(); time.Since(began) < 3*time.Second; {
		l.append(1)
		l.wantAll()
		l.lose()
	}
	assert.Less(t, l.calls("Login"), 15)
	l.append(10)
	l.wantEachOnce()
}

// Trouble of the transport costs no login, and no event.
func TestTroubleOfTheTransportCostsNoLogin(t *testing.T) {
	for name, trouble := range map[string]fault.Fault{
		"reset before": fault.ResetBefore(), "reset after": fault.ResetAfter(), "lost answer": fault.Lose(),
		"503": fault.Status(503, "busy"), "cut": fault.Cut(300), "HTML": fault.HTML(),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.start()
			l.pinned()
			for range 10 {
				l.proxy.Add(fault.Rule{Count: 3, Fault: trouble})
				l.append(10)
				l.wantAll()
				l.proxy.Clear()
			}
			l.wantEachOnce()
			assert.Equal(t, 1, l.calls("Login"))
		})
	}
}

// A collector whose creation was answered into a broken line stays in the session, and nobody knows its name.
// Once vCenter makes no more of them, a new session is the only way on.
func TestCollectorsThatNobodyKnowsOf(t *testing.T) {
	l := newLabOf(t, simulator.Settings{MaxCollectors: 3})
	l.proxy.Add(fault.Rule{Method: "CreateCollectorForEvents", Count: 3, Fault: fault.Lose()})
	l.append(10)
	l.fromTheBeginning().start()
	l.wantEachOnce()
	assert.Equal(t, 2, l.calls("Login"))
	eventually(t, "one collector", func() bool { return l.sim.Stats().Objects.EventCollectors == 1 })
}

// A vCenter that restarts, and connections that are all reset at once.
func TestVCenterRestarts(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.append(10)
		l.wantEachOnce()
		require.NoError(t, l.sim.Restart())
		l.append(10)
		l.wantEachOnce()
		l.proxy.Reset()
		l.append(10)
		l.wantEachOnce()
		assert.Equal(t, 2, l.calls("Login"))
	})
}

// Shutdown returns in time though vCenter swallows everything.
func TestShutdownDuringABlackHole(t *testing.T) {
	l := newLab(t, byInsertion)
	r := l.start()
	l.pinned()
	require.NoError(t, l.proxy.Listen(fault.Silent))
	l.proxy.Reset()
	l.quiet(100 * time.Millisecond)
	began := time.Now()
	r.stop()
	assert.Less(t, time.Since(began), 13*time.Second)
}

func TestShutdownDuringABlackHoledFirstDial(t *testing.T) {
	l := newLab(t, byInsertion)
	require.NoError(t, l.proxy.Listen(fault.Silent))
	r := l.start()
	l.quiet(100 * time.Millisecond)
	began := time.Now()
	r.stop()
	assert.Less(t, time.Since(began), 6*time.Second)
}

// Every call has a deadline: one that is never answered is given up, and made again.
func TestACallThatIsNeverAnswered(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.APITimeout = 500 * time.Millisecond
	l.start()
	l.pinned()
	l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 2, Fault: fault.BlackHoleAfter()})
	l.append(10)
	l.wantEachOnce()
	assert.Equal(t, 1, l.calls("Login"))
}

// Starting, a reason while it cannot be OK, OK, a reason again, OK again; and never a permanent error.
func TestStatus(t *testing.T) {
	l := newLab(t, byInsertion)
	require.NoError(t, l.proxy.Listen(fault.Refusing))
	l.start()
	eventually(t, "a reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), "endpoint") })
	require.NoError(t, l.proxy.Listen(fault.Open))
	eventually(t, "OK", l.host.ok)
	require.NoError(t, l.proxy.Listen(fault.Refusing))
	l.proxy.Reset()
	eventually(t, "a reason again", func() bool { return !l.host.ok() })
	require.NoError(t, l.proxy.Listen(fault.Open))
	eventually(t, "OK again", l.host.ok)
	assert.True(t, l.host.onlyRecoverable())
}

// Another vCenter at the same address has a position of its own.
func TestAnotherVCenterAtTheSameAddress(t *testing.T) {
	l := newLab(t, byInsertion)
	l.start()
	l.pinned()
	l.append(20)
	l.wantEachOnce()
	l.sim.SetInstanceUUID("11111111-2222-4333-8444-555555555555")
	l.sim.KillSessions()
	eventually(t, "its record", func() bool {
		_, there := l.disk.bytes()["v1/events/11111111-2222-4333-8444-555555555555"]
		return there
	})
	l.forget()
	l.append(20)
	l.wantEachOnce()
}

// Another vCenter takes the address while somebody logs in: its events are not told as the first one's, nor remembered as that.
func TestAVCenterThatIsReplacedDuringTheLogin(t *testing.T) {
	l := newLab(t, byInsertion)
	gate := fault.NewGate()
	l.proxy.Add(fault.Rule{Method: "Login", Count: 1, Fault: fault.HoldRequest(gate)})
	l.start()
	<-gate.Arrived()
	l.sim.SetInstanceUUID("11111111-2222-4333-8444-555555555555")
	gate.Release()
	l.pinned()
	l.append(20)
	l.wantEachOnce()
}

// A start from the end loses nothing that happens after the first connect, also where that was another stream's, while the events
// waited for their next try.
func TestAStartFromTheEndBeginsWithTheLoginOfAnyStream(t *testing.T) {
	l := newStock(t, 20)
	l.start()
	l.synced()
	l.pinned()
	for i := range 5 {
		logins := l.sim.Stats().Logins
		l.sim.SetInstanceUUID(fmt.Sprintf("11111111-2222-4333-8444-%012d", i))
		l.lose()
		eventually(t, "a login", func() bool { return l.sim.Stats().Logins > logins })
		eventually(t, "the inventory", func() bool { return l.readings() >= i+2 })
		l.append(1)
		l.pinned()
		l.append(1)
		l.wantAll()
	}
}

// The answers to logins are lost, on a line that carries everything else: each may count as a wrong one, or have made a session. The
// log says so, and when the next one is.
func TestLoginsWhoseAnswersAreLostAreFew(t *testing.T) {
	l := newLab(t, byInsertion)
	l.proxy.Add(fault.Rule{Method: "Login", Fault: fault.Lose()})
	l.start()
	eventually(t, "three logins", func() bool { return l.calls("Login") == 3 })
	eventually(t, "the next one", func() bool {
		return strings.Contains(fmt.Sprint(l.host.last()), "the answer to the login did not come") && strings.Contains(l.host.last().Error(), "the next login is tried at")
	})
	l.quiet(2 * time.Second)
	assert.Equal(t, 3, l.calls("Login"))
	lines := l.logs.FilterMessageSnippet("interrupted").All()
	next, _ := lines[len(lines)-1].ContextMap()["next_try_in"].(time.Duration)
	assert.Greater(t, next, time.Minute)
}

// A wrong password is not tried again and again.
func TestAWrongPasswordDoesNotLockTheAccount(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Password = func() (string, error) { return "wrong", nil }
	l.start()
	eventually(t, "a reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), "password") })
	l.quiet(time.Second)
	assert.Equal(t, 1, l.calls("Login"))
}

// Nothing is left in vCenter by starts and stops.
func TestStartsAndStopsLeaveNothing(t *testing.T) {
	l := newLab(t, byInsertion)
	for range 20 {
		r := l.start()
		l.pinned()
		l.append(2)
		l.wantEachOnce()
		r.stop()
		l.wantNothingLeftInVCenter()
	}
	open, opened := l.disk.clients()
	assert.Zero(t, open)
	assert.Equal(t, 20, opened, "one storage client each")
}

// Shutdown has its own bounds, whatever the timeout of a call is.
func TestShutdownDuringABlackHoleWithPatientCalls(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.APITimeout = time.Minute
	r := l.start()
	l.pinned()
	require.NoError(t, l.proxy.Listen(fault.Silent))
	l.proxy.Reset()
	l.quiet(100 * time.Millisecond)
	began := time.Now()
	r.stop()
	assert.Less(t, time.Since(began), 15*time.Second)
}

// first is the status before anything was tried.
func TestStatusBeforeAnythingWasRead(t *testing.T) {
	l := newLab(t, byInsertion)
	require.NoError(t, l.proxy.Listen(fault.Silent))
	l.start()
	assert.ErrorContains(t, l.host.last(), "connecting", "the collector takes a component without a status for OK")
}

// Every pass destroys the collector of the one before: 32 are all that a session may have.
func TestPassesLeaveNoCollector(t *testing.T) {
	l := newLabOf(t, simulator.Settings{MaxCollectors: 3})
	l.settings.Events.Overlap = 400 * time.Millisecond
	l.settings.Events.PollInterval = 20 * time.Millisecond
	l.start()
	l.pinned()
	eventually(t, "six passes", func() bool { return l.calls("CreateCollectorForEvents") >= 6 })
	assert.Equal(t, 1, l.calls("Login"))
	assert.LessOrEqual(t, l.sim.Stats().Objects.EventCollectors, 1)
}

// A balancer with one bad back end cuts every second answer at the tail, too: that is no reason to make collectors as
// fast as vCenter can.
func TestABadLineAtTheTailIsNoBusyLoop(t *testing.T) {
	l := newLab(t, byInsertion)
	l.start()
	l.pinned()
	l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Hook: func(_ string, n int, _ []byte) fault.Fault {
		if n%2 == 0 {
			return fault.Fault{}
		}
		return fault.Cut(50)
	}})
	before := l.calls("CreateCollectorForEvents")
	l.quiet(2 * time.Second)
	assert.Less(t, l.calls("CreateCollectorForEvents")-before, 40)
	l.append(10)
	l.wantEachOnce()
}
