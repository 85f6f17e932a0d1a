package receiver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// gone is what vCenter says of a collector that it has no more, as under memory pressure.
var gone = strings.NewReplacer("SystemErrorFault", "ManagedObjectNotFoundFault", "SystemError", "ManagedObjectNotFound",
	"<reason>busy</reason>", `<obj type="EventHistoryCollector">session[1]2</obj>`).Replace(soapFault)

// vCenter has lost our collector, and not our session: another collector is made, and nobody logs in for it.
func TestACollectorThatIsGoneCostsNoLogin(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		for range 3 {
			l.append(5)
			l.wantEachOnce()
			l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.Answer(http.StatusInternalServerError, "text/xml; charset=utf-8", gone)})
			l.append(5)
			l.wantEachOnce()
		}
		assert.NotZero(t, l.logs.FilterMessageSnippet("interrupted").Len())
		assert.Equal(t, 1, l.calls("Login"))
		eventually(t, "one collector", func() bool { return l.sim.Stats().Objects.EventCollectors == 1 })
	})
}

// A middle box forgets connections that rest for a while, or cuts them: each costs a new one, and neither a session nor an
// event.
func TestAMiddleBoxThatCutsIdleConnections(t *testing.T) {
	l := newLab(t, byInsertion)
	const idle = 400 * time.Millisecond // more than a slow machine takes from one call to the next
	l.start()
	l.pinned()
	l.proxy.Add(fault.Rule{IdleFor: idle, Fault: fault.ResetBefore()})
	cut := 0
	for i := range 6 {
		l.append(2)
		l.wantEachOnce()
		l.quiet(2 * idle)
		if i%2 == 0 {
			cut += l.proxy.ResetIdle()
		}
	}
	l.append(1)
	l.wantEachOnce()
	assert.NotZero(t, cut)
	assert.NotZero(t, l.logs.FilterMessageSnippet("interrupted").Len(), "a call went into a connection that was forgotten")
	assert.Equal(t, 1, l.calls("Login"))
}
