package tunnel

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// through makes a client of a proxy that leads to a server, with TLS and without.
func through(t *testing.T, secure bool) (*Proxy, func() (string, error)) {
	t.Helper()
	serve, address := httptest.NewServer, "http://example.com/"
	if secure {
		serve, address = httptest.NewTLSServer, "https://example.com/"
	}
	target := serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(target.Close)
	p, err := New(target.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(p.Close)
	client := target.Client()
	transport := client.Transport.(*http.Transport)
	transport.Proxy = func(*http.Request) (*url.URL, error) { return p.URL(), nil }
	transport.DialContext = nil
	t.Cleanup(client.CloseIdleConnections)
	return p, func() (string, error) {
		res, err := client.Get(address)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return res.Status + " " + string(body), err
	}
}

func TestAProxyLeadsToItsTargetWhateverTheName(t *testing.T) {
	for name, secure := range map[string]bool{"example.com": false, "example.com:443": true} {
		p, get := through(t, secure)
		got, err := get()
		require.NoError(t, err)
		assert.Equal(t, "200 OK hello", got)
		assert.Equal(t, []string{name}, p.Asked())
	}
}

func TestAProxyRefuses(t *testing.T) {
	p, get := through(t, false)
	p.Refuse(http.StatusServiceUnavailable)
	got, err := get()
	require.NoError(t, err)
	assert.Equal(t, "503 Service Unavailable the proxy says no\n", got)

	p, get = through(t, true)
	p.Refuse(http.StatusServiceUnavailable)
	_, err = get()
	require.ErrorContains(t, err, "Service Unavailable")
	p.Refuse(0)
	_, err = get()
	require.NoError(t, err)
	p.Cut()
}

func TestAProxyDemandsAPassword(t *testing.T) {
	p, get := through(t, true)
	p.Demand(url.UserPassword("user", "hush"))
	_, err := get()
	require.NoError(t, err, "its URL has the password")
	assert.Equal(t, http.StatusProxyAuthRequired, p.admit(httptest.NewRequest(http.MethodConnect, "example.com:443", nil)))
}
