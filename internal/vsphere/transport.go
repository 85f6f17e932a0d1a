package vsphere

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
	"go.uber.org/zap"
)

const (
	// dialTimeout bounds the making of a connection, and then the TLS handshake. An address behind a firewall that
	// drops packets would otherwise hold a call for the two minutes of the operating system.
	dialTimeout = 10 * time.Second

	// maxIdleConns is how many connections may rest. Go's default of two per host would have every third caller make
	// a connection, and a TLS handshake, for each call.
	maxIdleConns = 16
)

// newBase returns the client whose transport, and nothing else, is shared by all sessions.
func newBase(settings Settings) *soap.Client {
	base := soap.NewClient(settings.Endpoint, false)
	base.UserAgent = settings.UserAgent
	first := base.DefaultTransport()
	shape(first, settings)
	base.Transport = &transport{
		tls: settings.TLS, logger: settings.Logger,
		present: first, config: first.TLSClientConfig.Clone(), read: time.Now(),
	}
	return base
}

// shape makes a transport of govmomi's our own. Its DialTLSContext heeds neither the context nor any timeout; without
// it, net/http makes TLS connections by DialContext and TLSClientConfig, behind a proxy too.
func shape(t *http.Transport, settings Settings) {
	dialer := net.Dialer{
		Timeout:         min(dialTimeout, settings.APITimeout),
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: min(settings.Wait/2, 30*time.Second), Interval: 10 * time.Second, Count: 3},
	}
	t.Proxy = http.ProxyFromEnvironment
	t.OnProxyConnectResponse = tunnelled
	t.DialContext = dialer.DialContext
	t.DialTLSContext = nil
	t.TLSClientConfig = settings.TLS.client()
	t.TLSHandshakeTimeout = min(dialTimeout, settings.APITimeout)
	t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	// To inflate a page would cost as much again as to read it, and to deflate it costs vCenter ten times that.
	t.DisableCompression = true
}

// transport makes requests over connections that are secured as TLS.Reload says at present. net/http reads its
// TLSClientConfig whenever it makes a connection, so that it must not change: other files are another http.Transport.
// What is under way on connections of the one before ends there.
type transport struct {
	tls    TLS
	logger *zap.Logger

	mu      sync.Mutex // guards what follows
	present *http.Transport
	config  *tls.Config // what present was made with; net/http adds to its own
	read    time.Time   // when the files were read last
	broken  bool        // and could not be read
}

// RoundTrip makes a request. That it failed can be for files which have changed since they were read: a vCenter with a
// new certificate is trusted by the next try. Most other failures are none of theirs, but those that are do not all show
// it: one that refuses our certificate may cut the connection before its reason has arrived.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.current(req.Context()).RoundTrip(req)
	if err != nil && req.Context().Err() == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reload(req.Context())
	}
	return res, err
}

// CloseIdleConnections is for http.Client, which looks for it.
func (t *transport) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.present.CloseIdleConnections()
}

// current is what the next request goes over.
func (t *transport) current(ctx context.Context) *http.Transport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tls.ReloadInterval > 0 && time.Since(t.read) >= t.tls.ReloadInterval {
		t.reload(ctx)
	}
	return t.present
}

// reload reads the files again. Those that cannot be read, or not all yet, change nothing. It must be called with mu held.
func (t *transport) reload(ctx context.Context) {
	if t.tls.Reload == nil {
		return
	}
	config, err := t.tls.Reload(ctx)
	t.read = time.Now()
	if err != nil && !t.broken {
		t.logger.Warn("the files of tls cannot be read again: what they held before is used", zap.Error(err))
	}
	t.broken = err != nil
	if err != nil || config == nil || alike(config, t.config) {
		return
	}
	t.logger.Info("the files of tls have changed, and hold for new connections")
	before := t.present
	t.present, t.config = before.Clone(), config
	t.present.TLSClientConfig = config.Clone()
	before.CloseIdleConnections()
}
