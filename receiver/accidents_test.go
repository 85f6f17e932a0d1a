package receiver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// A call has its effect in vCenter, and its answer is that the session has ended: whatever it was that began then is forgotten with it.
func TestASessionThatEndsInTheMiddleOfACall(t *testing.T) {
	for _, method := range []string{
		"CurrentTime", "CreateCollectorForEvents", "SetCollectorPageSize", "ReadNextEvents", "DestroyCollector",
		"CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx", "RetrievePropertiesEx",
	} {
		t.Run(method, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.settings.Events.Overlap = 2 * time.Second // a pass, and with it a collector, ends after half of that
				l.append(10)
				l.sim.KillSessionDuring(method)
				l.fromTheBeginning().start()
				eventually(t, "another login", func() bool { return l.calls("Login") == 2 })
				l.append(10)
				l.wantEachOnce()
				assert.Equal(t, 2, l.calls("Login"))
			})
		})
	}
}

// vCenter is away for longer than it lets a session be idle: that costs a login afterwards, and no event.
func TestASessionThatWasIdleForTooLong(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.proxy.Add(fault.Rule{Fault: fault.Status(http.StatusServiceUnavailable, "away")})
		l.append(10)
		l.quiet(300 * time.Millisecond)
		l.sim.SetIdleTimeout(200 * time.Millisecond)
		eventually(t, "the end of the long poll", func() bool { return l.proxy.Count("RetrieveServiceContent").Requests > 3 })
		l.quiet(300 * time.Millisecond)
		l.proxy.Clear()
		eventually(t, "another login", func() bool { return l.calls("Login") > 1 })
		l.sim.SetIdleTimeout(0)
		l.append(10)
		l.wantEachOnce()
	})
}

// vCenter gathers what is new for longer than a burst lasts, and notifies once.
func TestADoorbellThatRingsOnceForManyEvents(t *testing.T) {
	l := newLabOf(t, simulator.Settings{Order: byInsertion, Coalesce: time.Second})
	l.settings.Events.PollInterval = time.Hour
	l.start()
	l.pinned()
	for range 3 {
		for range 20 {
			l.append(1)
			l.quiet(5 * time.Millisecond)
		}
		l.wantEachOnce()
	}
	l.wantInOrder()
}

// Answers that come slowly, or that something before vCenter gives in its place.
func TestALineThatIsSlowOrBusy(t *testing.T) {
	for name, trouble := range map[string]fault.Fault{
		"drip": fault.Drip(100, fault.After(time.Millisecond)),
		"429":  fault.Status(http.StatusTooManyRequests, "slow down"),
		"502":  fault.Status(http.StatusBadGateway, "no vCenter behind"),
	} {
		t.Run(name, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.start()
				l.pinned()
				for range 5 {
					l.proxy.Add(fault.Rule{Count: 4, Fault: trouble})
					l.append(50)
					l.wantAll()
					l.proxy.Clear()
				}
				l.wantEachOnce()
				assert.Equal(t, 1, l.calls("Login"))
			})
		})
	}
}
