package e2e

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrap puts the receiver's block of a configuration into the smallest whole one.
func wrap(block string) string {
	lines := strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n    ")
	return `
receivers:
  vcenter_stream:
    ` + lines + `
exporters:
  debug:
service:
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [vcenter_stream]
      exporters: [debug]
`
}

// assertClear asserts what holds for every message: it is for the operator, and not for the developer, and keeps secrets.
func assertClear(t *testing.T, output string) {
	t.Helper()
	assert.NotContains(t, output, "goroutine ")
	assert.NotContains(t, output, "panic")
	assert.NotContains(t, output, password)
}

// A configuration that cannot work ends the collector at once, with the key and what is wrong with its value.
func TestBadConfigurationIsNamed(t *testing.T) {
	const access = "endpoint: https://vc.example.com\nusername: otel\npassword: " + password + "\n"
	for name, c := range map[string]struct{ block, want string }{
		"no endpoint":        {"username: otel\npassword: " + password, "endpoint: required, such as https://vcenter.example.com"},
		"endpoint, no URL":   {"endpoint: vc.example.com\nusername: otel\npassword: " + password, `endpoint: "vc.example.com" must begin with https:// or http://`},
		"secret in endpoint": {"endpoint: https://otel:" + password + "@vc.example.com\nusername: otel\npassword: " + password, "endpoint: must not contain a user name or a password"},
		"no username":        {"endpoint: https://vc.example.com\npassword: " + password, "username: required"},
		"no password":        {"endpoint: https://vc.example.com\nusername: otel", "password: required (or password_file)"},
		"two passwords":      {access + "password_file: /run/secrets/vc", "password: cannot be set together with password_file"},
		"unknown key":        {access + "bogus: 1", "invalid keys: bogus"},
		"no duration":        {access + "wait: soon", `invalid duration`},
		"short wait":         {access + "wait: 1ms", "wait: 1ms is less than 1s"},
		"retry off":          {access + "retry_on_failure:\n  enabled: false", "retry_on_failure::enabled: cannot be false"},
		"start_at":           {access + "events:\n  start_at: middle", `events: start_at: "middle" is neither "end" nor "beginning"`},
		"lookback":           {access + "events:\n  start_at: beginning\n  lookback: 1h", "lookback: has no meaning with start_at: beginning"},
		"page_size":          {access + "events:\n  page_size: 5000", "events: page_size: 5000 is not between 1 and 1000"},
		"overlap":            {access + "events:\n  overlap: 0s", "events: overlap: 0s is less than 1s"},
		"position":           {access + "events:\n  position: a/b", `position: "a/b" is no name`},
		"no such storage":    {access + "storage: file_storage", `extension "file_storage" is not configured under service::extensions`},
		"no such ca_file":    {access + "tls:\n  ca_file: /nowhere/ca.pem", "/nowhere/ca.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := runCollector(t, wrap(c.block))
			code := p.exit(t, patience)
			output := p.output(t)
			assert.Equal(t, 1, code, output)
			assert.Contains(t, output, c.want)
			assertClear(t, output)
		})
	}
}

// A vCenter that cannot be reached keeps the collector running, and tells what to look at.
func TestUnreachableVCenterIsExplained(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body>Welcome</body></html>"))
	}))
	t.Cleanup(page.Close)
	encrypted := httptest.NewUnstartedServer(page.Config.Handler)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes are to fail
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	nobody := freeAddress(t)

	for name, c := range map[string]struct {
		block string
		want  []string
	}{
		"nobody listens": {"endpoint: http://" + nobody, []string{"connection refused", "check host and port in endpoint"}},
		"no such host":   {"endpoint: https://vcenter.invalid", []string{"vcenter.invalid", "check the host in endpoint"}},
		"not a vCenter":  {"endpoint: " + page.URL, []string{"check that endpoint (" + page.URL}},
		"no TLS there":   {"endpoint: " + strings.Replace(page.URL, "http:", "https:", 1), []string{"not TLS, though the endpoint begins with https"}},
		"unknown authority": {"endpoint: " + encrypted.URL, []string{
			"certificate signed by unknown authority", "set tls::ca_file to the authority that signed vCenter's certificate",
		}},
		"trusted, not a vCenter": {"endpoint: " + encrypted.URL + "\ntls:\n  ca_file: " + authority(t, encrypted), []string{"check that endpoint"}},
		"no password file":       {"endpoint: " + page.URL + "\npassword_file: /nowhere/secret", []string{"password_file: open /nowhere/secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			block := c.block + "\nusername: otel\n"
			if !strings.Contains(block, "password_file") {
				block += "password: " + password
			}
			p := runCollector(t, wrap(block))
			for _, want := range c.want {
				eventually(t, "the log says: "+want, func() bool { return p.ended() || strings.Contains(p.output(t), want) })
				assert.Contains(t, p.output(t), want)
			}
			require.False(t, p.ended(), "the collector goes on")
			begin := time.Now()
			p.finish(t, false)
			assert.Less(t, time.Since(begin), 10*time.Second)
			assertClear(t, p.output(t))
		})
	}
}

// authority writes a server's certificate to a file.
func authority(t *testing.T, server *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	return file
}
