package vsphere

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
