package vsphere

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
)

// A change of the files leaves no connection behind, neither of those before nor, at the end, of those after.
func TestAChangeOfFilesLeavesNoConnectionBehind(t *testing.T) {
	var open atomic.Int32
	server := httptest.NewUnstartedServer(newFake())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	trust := func(more ...*x509.Certificate) *tls.Config {
		pool := x509.NewCertPool()
		for _, certificate := range append(more, server.Certificate()) {
			pool.AddCert(certificate)
		}
		return &tls.Config{RootCAs: pool}
	}
	var present atomic.Pointer[tls.Config]
	present.Store(trust())
	settings := testSettings(parse(t, server.URL))
	settings.TLS = TLS{
		Config: trust(), ReloadInterval: time.Nanosecond,
		Reload: func(context.Context) (*tls.Config, error) { return present.Load(), nil },
	}
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, open.Load())
	present.Store(trust(&x509.Certificate{Raw: []byte("another")}))
	require.NoError(t, session.Synchronise(t.Context()))
	require.Eventually(t, func() bool { return open.Load() == 1 }, 10*time.Second, time.Millisecond, "the one before is closed")
	require.NoError(t, s.Close(t.Context()))
	require.Eventually(t, func() bool { return open.Load() == 0 }, 10*time.Second, time.Millisecond)
}

// What a middle box has done to one connection it has done to all that rest: that costs one call, and not one for each.
func TestConnectionsThatRestAreNotTriedOneByOne(t *testing.T) {
	const connections = 5
	f := newFake()
	server, forget := behindAMiddleBox(f)
	t.Cleanup(server.Close)
	s := supervise(t, testSettings(parse(t, server.URL)))
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	var arrived, answered sync.WaitGroup
	arrived.Add(connections)
	f.interceptWith(func(http.ResponseWriter, string) bool { arrived.Done(); arrived.Wait(); return false })
	for range connections {
		answered.Go(func() {
			_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
			assert.NoError(t, err)
		})
	}
	answered.Wait()
	f.interceptWith(nil)

	forget()
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.True(t, IsTransport(err), "%v", err)
	s.Report(session, err)
	same, err := s.Acquire(t.Context())
	require.NoError(t, err, "the probe has a connection of its own")
	assert.Same(t, session, same)
}

// behindAMiddleBox serves a handler behind a box that can forget the connections there are: it says so to whoever uses one.
func behindAMiddleBox(h http.Handler) (server *httptest.Server, forget func()) {
	type made struct{}
	var forgotten atomic.Int32
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(made{}) != forgotten.Load() {
			reset(w)
			return
		}
		h.ServeHTTP(w, r)
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, made{}, forgotten.Load())
	}
	server.Start()
	return server, func() { forgotten.Add(1) }
}
