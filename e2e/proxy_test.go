package e2e

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/tunnel"
)

// proxyPassword is that of the proxy's user. It is as secret as vCenter's.
const proxyPassword = "a-proxy-is-told-this-3c1b"

// behindProxy runs a vCenter with TLS under a name that only the proxy knows, and prepares a collector.
func behindProxy(t *testing.T) (vc *vcenter, proxy *tunnel.Proxy, c *collector, back *sink) {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	vc = simulate(t, "insertion", "-tls", "-tls-name", "vcenter.invalid", "-ca-file", ca)
	address, err := url.Parse(vc.endpoint)
	require.NoError(t, err)
	proxy, err = tunnel.New(address.Host)
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	proxy.Demand(url.UserPassword("collector", proxyPassword))
	back = newSink(t)
	c = install(t, "https://vcenter.invalid", back.url())
	c.Receiver = "\n    tls:\n      ca_file: " + ca
	return vc, proxy, c, back
}

// startIn begins the first life, with more in its environment.
func (c *collector) startIn(t *testing.T, environment ...string) {
	t.Helper()
	c.Life++
	var yaml strings.Builder
	require.NoError(t, configuration.Execute(&yaml, c))
	c.process = runCollector(t, yaml.String(), append(environment, "VCENTER_PASSWORD="+c.Password)...)
}

// The way to vCenter is the proxy of the environment. What it refuses is told as its word, and its password to nobody.
func TestThroughAProxy(t *testing.T) {
	vc, proxy, c, back := behindProxy(t)
	c.Level = "debug"
	proxy.Refuse(http.StatusProxyAuthRequired)
	c.startIn(t, "HTTPS_PROXY="+proxy.URL().String())
	c.awaitStatus(t, statusRecoverable, "wants another user and password: set them in HTTPS_PROXY")
	proxy.Refuse(http.StatusServiceUnavailable)
	c.awaitStatus(t, statusRecoverable, "HTTP status 503 Service Unavailable; check that the proxy")
	proxy.Refuse(0)
	c.awaitStatus(t, statusOK, "")
	for range 3 {
		vc.burst(t, 10)
		want := vc.wanted(t)
		proxy.Cut()
		eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil })
	}
	assert.Contains(t, proxy.Asked(), "vcenter.invalid:443")
	assert.Equal(t, 0, c.stop(t))
	vc.assertLeft(t)
	assertClear(t, c.output(t))
	assert.NotContains(t, c.output(t), proxyPassword)
}

// What NO_PROXY names is reached without.
func TestAroundAProxy(t *testing.T) {
	_, proxy, c, _ := behindProxy(t)
	c.startIn(t, "HTTPS_PROXY="+proxy.URL().String(), "NO_PROXY=.invalid,vcenter.invalid")
	c.awaitStatus(t, statusRecoverable, "check the host in endpoint (https://vcenter.invalid/sdk)")
	assert.Equal(t, 0, c.stop(t))
	assert.Empty(t, proxy.Asked())
	assert.NotContains(t, c.output(t), proxyPassword)
}
