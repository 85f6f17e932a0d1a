package tagging

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// Calls of the REST API, as a proxy names them.
const (
	loginCall = "POST /rest/com/vmware/cis/session"
	listCall  = "POST /rest/com/vmware/cis/tagging/tag-association"
)

// newGuardedLab is a lab with a proxy in front of its vCenter. Each login that arrives there carries the password.
func newGuardedLab(t *testing.T, vms int) (*lab, *fault.Proxy) {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Inventory: property.Settings{VMs: vms}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	proxy, err := fault.New(sim.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	return newLabAt(t, sim, proxy.URL(), nil), proxy
}

// tries waits for a number of readings that have failed.
func (l *lab) tries(n uint64) {
	l.Helper()
	l.eventually(func() bool { return l.tagger.Counts().Failures >= n }, "readings fail")
	l.stop()
}

// wantOneLoginPerReading is of readings that have failed; one more may have been stopped.
func (l *lab) wantOneLoginPerReading(proxy *fault.Proxy) {
	l.Helper()
	failures := l.tagger.Counts().Failures
	assert.Contains(l, []uint64{failures, failures + 1}, uint64(proxy.Count(loginCall).Requests), "logins of %d readings", failures)
}

// An API that is not there, or that a gateway forbids, answers the login as it would answer for objects that are not there: the
// search for these would log in again and again.
func TestAReadingSendsThePasswordOnceWhateverTheLoginIsAnswered(t *testing.T) {
	for name, status := range map[string]int{
		"bad": http.StatusBadRequest, "forbidden": http.StatusForbidden, "absent": http.StatusNotFound, "busy": http.StatusServiceUnavailable,
	} {
		t.Run(name, func(t *testing.T) {
			l, proxy := newGuardedLab(t, 300)
			proxy.Add(fault.Rule{Method: loginCall, Fault: fault.Status(status, "no")})
			l.run().tries(3)
			l.wantOneLoginPerReading(proxy)
			assert.Zero(t, proxy.Count(listCall).Requests)
			assert.Len(t, l.warnings(), 1)
		})
	}
}

func TestAVCenterWithoutTheAPICostsOneLoginPerReading(t *testing.T) {
	l, proxy := newGuardedLab(t, 300)
	l.sim.Tagging().SetAbsent(true)
	l.run().tries(3)
	l.wantOneLoginPerReading(proxy)
}

// endAfter ends the session once the first call of a kind was answered. The first login is let in, and every other is refused.
func (l *lab) endAfter(proxy *fault.Proxy, kind string, status int) {
	end := sync.OnceFunc(l.sim.Tagging().EndSessions)
	proxy.Add(
		fault.Rule{Method: loginCall, Skip: 1, Fault: fault.Status(status, "no")},
		fault.Rule{Hook: func(method string, _ int, _ []byte) fault.Fault {
			if strings.HasPrefix(method, kind) {
				end()
			}
			return fault.Fault{}
		}},
	)
}

// The session ends between the two lists of a reading, and the login is refused as an object could be.
func TestALoginThatIsRefusedInTheMiddleOfAReadingEndsIt(t *testing.T) {
	for name, status := range map[string]int{"forbidden": http.StatusForbidden, "absent": http.StatusNotFound} {
		t.Run(name, func(t *testing.T) {
			l, proxy := newGuardedLab(t, maxBatch+300)
			l.tagger.pace = usual // there is one reading
			l.endAfter(proxy, listCall, status)
			l.run().tries(1)
			assert.Equal(t, 2, proxy.Count(loginCall).Requests, "the first, and the one that was refused")
			assert.Equal(t, 2, proxy.Count(listCall).Requests)
			assert.False(t, l.tagger.Tags().Known())
		})
	}
}

// Otherwise a tag or a category would be taken for one that is gone, and nobody would ask for its name for an hour.
func TestALoginThatIsRefusedIsNoNameThatIsGone(t *testing.T) {
	for what, kind := range map[string]string{"tag": listCall, "category": "GET /rest/com/vmware/cis/tagging/tag/"} {
		t.Run(what, func(t *testing.T) {
			l, proxy := newGuardedLab(t, 20)
			l.endAfter(proxy, kind, http.StatusForbidden)
			l.run()
			l.eventually(func() bool { return l.tagger.Counts().Failures > 3 }, "readings fail")
			proxy.Clear()
			l.known()
			vm := l.sim.Large().Of("VirtualMachine")[0]
			assert.Equal(t, []Tag{{"application", "shop"}, {"environment", "production"}}, l.tagger.Tags().Of(vm.Value))
		})
	}
}
