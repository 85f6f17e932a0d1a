package vsphere

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
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
	shape(base.DefaultTransport(), settings)
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
	t.DialContext = dialer.DialContext
	t.DialTLSContext = nil
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if settings.TLS != nil {
		t.TLSClientConfig = settings.TLS.Clone()
	}
	t.TLSHandshakeTimeout = min(dialTimeout, settings.APITimeout)
	t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	// To inflate a page would cost as much again as to read it, and to deflate it costs vCenter ten times that.
	t.DisableCompression = true
}
