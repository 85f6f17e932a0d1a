package vsphere

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/tunnel"
)

// proxied makes a Supervisor that reaches a fake through a proxy, as example.com.
func proxied(t *testing.T, secure bool, logger *zap.Logger) (*fake, *tunnel.Proxy, *Supervisor) {
	t.Helper()
	server := tlsServer(t)
	settings := testSettings(parse(t, "https://example.com")) // a name that the certificate has
	settings.TLS.Config = &tls.Config{RootCAs: server.pool}
	settings.Logger = logger
	if !secure {
		settings.Endpoint = parse(t, "http://example.com")
		server.url = serve(t, server.fake)
	}
	proxy, err := tunnel.New(server.url.Host)
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	s := supervise(t, settings)
	s.base.DefaultTransport().Proxy = func(*http.Request) (*url.URL, error) { return proxy.URL(), nil }
	return server.fake, proxy, s
}

func TestASessionGoesThroughAProxy(t *testing.T) {
	for address, secure := range map[string]bool{"example.com:443": true, "example.com": false} {
		f, proxy, s := proxied(t, secure, nil)
		proxy.Demand(url.UserPassword("otel", "hush"))
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		proxy.Cut()
		require.Eventually(t, func() bool {
			same, err := s.Acquire(t.Context())
			if err == nil {
				err = same.Synchronise(t.Context())
				s.Report(same, err)
			}
			return err == nil && assert.Same(t, session, same)
		}, 10*time.Second, time.Millisecond)
		logins, _, _ := f.logs()
		assert.Equal(t, 1, logins)
		assert.Contains(t, proxy.Asked(), address)
	}
}

// What a proxy says must not be taken for vCenter's word, and its password is told to nobody.
func TestAProxyThatRefusesIsNamed(t *testing.T) {
	statuses := map[string]int{
		"proxy wants a password": http.StatusProxyAuthRequired, "proxy forbids": http.StatusForbidden,
		"proxy is overloaded": http.StatusServiceUnavailable,
	}
	for name, status := range statuses {
		t.Run(name, func(t *testing.T) {
			logger, logs := observed()
			_, proxy, s := proxied(t, true, logger)
			proxy.Demand(url.UserPassword("otel", "hush"))
			session, err := s.Acquire(t.Context())
			require.NoError(t, err)
			proxy.Refuse(status)
			proxy.Cut()
			require.Eventually(t, func() bool {
				err = session.Synchronise(t.Context())
				s.Report(session, err)
				_, err = s.Acquire(t.Context())
				return err != nil && strings.Contains(err.Error(), "HTTP status")
			}, 10*time.Second, time.Millisecond)
			assert.True(t, IsTransport(err), "the session may live")
			number := regexp.MustCompile(`-1-\d+\)`) // of the call, which is any
			golden(t, name, number.ReplaceAllString(normalised(err, proxy.URL()), "-1-N)"))
			assertNoProxyPassword(t, err.Error())
			for _, entry := range logs.All() {
				assertNoProxyPassword(t, entry.Message)
				for _, field := range entry.ContextMap() {
					if text, ok := field.(string); ok {
						assertNoProxyPassword(t, text)
					}
				}
			}
		})
	}
}

func assertNoProxyPassword(t *testing.T, text string) {
	t.Helper()
	assert.NotContains(t, text, "hush")
	assert.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte("otel:hush")))
}

func TestAProxyThatWantsAPasswordOfAPlainCallIsNamed(t *testing.T) {
	_, proxy, s := proxied(t, false, nil)
	proxy.Refuse(http.StatusProxyAuthRequired)
	_, err := s.Acquire(t.Context())
	require.ErrorContains(t, err, "as http://user:password@host:port")
	require.ErrorContains(t, err, "HTTP_PROXY")
}

func TestAProxyThatIsNotThereIsNamed(t *testing.T) {
	_, proxy, s := proxied(t, true, nil)
	proxy.Demand(url.UserPassword("otel", "hush"))
	proxy.Close()
	_, err := s.Acquire(t.Context())
	require.True(t, IsTransport(err), "%v", err)
	golden(t, "no proxy", normalised(err, proxy.URL()))
}

// A proxy that looks into connections has a certificate of its own for every name.
func TestAProxyThatInspectsIsSuspected(t *testing.T) {
	_, _, s := proxied(t, true, nil)
	s.base.DefaultTransport().TLSClientConfig.RootCAs = x509.NewCertPool()
	_, err := s.Acquire(t.Context())
	require.True(t, IsCertificate(err), "%v", err)
	require.ErrorContains(t, err, "from HTTPS_PROXY) inspects connections")
}

// The proxy is that of the environment, which net/http reads once in the life of a process: so each case is one.
func TestTheProxyOfTheEnvironment(t *testing.T) {
	if os.Getenv("VCENTER_ADDRESS") != "" {
		loginThroughTheEnvironment(t)
		return
	}
	for name, test := range map[string]struct {
		endpoint  string
		variables map[string]string // PROXY stands for the proxy's URL
		asked     []string
	}{
		"none":                   {"https", nil, nil},
		"HTTPS_PROXY":            {"https", map[string]string{"HTTPS_PROXY": "PROXY"}, []string{"example.com:443"}},
		"https_proxy":            {"https", map[string]string{"https_proxy": "PROXY"}, []string{"example.com:443"}},
		"HTTP_PROXY":             {"https", map[string]string{"HTTP_PROXY": "PROXY"}, nil}, // is for endpoints without TLS
		"NO_PROXY":               {"https", map[string]string{"HTTPS_PROXY": "PROXY", "NO_PROXY": "10.0.0.0/8,example.com"}, nil},
		"NO_PROXY of all":        {"https", map[string]string{"HTTPS_PROXY": "PROXY", "NO_PROXY": "*"}, nil},
		"NO_PROXY of somebody":   {"https", map[string]string{"HTTPS_PROXY": "PROXY", "NO_PROXY": "other.example.com"}, []string{"example.com:443"}},
		"NO_PROXY of the domain": {"https", map[string]string{"HTTPS_PROXY": "PROXY", "NO_PROXY": ".com"}, nil},
		"none of http":           {"http", nil, nil},
		"HTTP_PROXY of http":     {"http", map[string]string{"HTTP_PROXY": "PROXY"}, []string{"example.com"}},
		"http_proxy of http":     {"http", map[string]string{"http_proxy": "PROXY"}, []string{"example.com"}},
		"HTTPS_PROXY of http":    {"http", map[string]string{"HTTPS_PROXY": "PROXY"}, nil}, // is for endpoints with TLS
		"NO_PROXY of http":       {"http", map[string]string{"HTTP_PROXY": "PROXY", "NO_PROXY": "example.com"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			server := tlsServer(t)
			ca := server.write(t)
			if test.endpoint == "http" {
				server.url = serve(t, server.fake)
			}
			proxy, err := tunnel.New(server.url.Host)
			require.NoError(t, err)
			t.Cleanup(proxy.Close)
			proxy.Demand(url.UserPassword("otel", "hush"))
			child := exec.Command(os.Args[0], "-test.run=^TestTheProxyOfTheEnvironment$", "-test.v")
			child.Env = append(withoutProxies(os.Environ()), "VCENTER_SCHEME="+test.endpoint, "VCENTER_ADDRESS="+server.url.Host, "VCENTER_CA="+ca)
			for variable, value := range test.variables {
				child.Env = append(child.Env, variable+"="+strings.ReplaceAll(value, "PROXY", proxy.URL().String()))
			}
			output, err := child.CombinedOutput()
			require.NoError(t, err, string(output))
			logins, _, _ := server.fake.logs()
			assert.Equal(t, 1, logins)
			asked := proxy.Asked()
			slices.Sort(asked)
			assert.Equal(t, test.asked, slices.Compact(asked))
			assertNoProxyPassword(t, string(output))
		})
	}
}

// write writes the server's certificate into a file.
func (s secureServer) write(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate}), 0o600))
	return path
}

func withoutProxies(environment []string) (rest []string) {
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		switch strings.ToUpper(name) {
		case "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUEST_METHOD":
		default:
			rest = append(rest, variable)
		}
	}
	return rest
}

// loginThroughTheEnvironment is what each child does. example.com is where VCENTER_ADDRESS says, for whoever goes there
// without a proxy.
func loginThroughTheEnvironment(t *testing.T) {
	ca, err := os.ReadFile(os.Getenv("VCENTER_CA"))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	settings := testSettings(parse(t, os.Getenv("VCENTER_SCHEME")+"://example.com"))
	settings.TLS.Config = &tls.Config{RootCAs: pool}
	settings.Logger = zap.NewExample()
	s := supervise(t, settings)
	transport := s.base.DefaultTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "example.com:443" || address == "example.com:80" {
			address = os.Getenv("VCENTER_ADDRESS")
		}
		return dial(ctx, network, address)
	}
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
}
