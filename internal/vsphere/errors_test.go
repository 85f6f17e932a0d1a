package vsphere

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

var update = flag.Bool("update", false, "write the golden files anew")

func countDials(dial func(context.Context, string, string) (net.Conn, error), n *atomic.Int32) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		n.Add(1)
		return dial(ctx, network, address)
	}
}

// predicates by the letter that stands for them in the table below.
var predicates = map[rune]func(error) bool{
	'N': IsNotAuthenticated, 'G': IsGone, 'L': IsInvalidLogin, 'F': IsFault, 'T': IsTransport,
	'C': IsCertificate, 'V': IsNotVCenter, 'S': IsStandalone,
}

func TestPredicatesSeeThroughEverything(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string // the predicates that hold
	}{
		"nil":                         {nil, ""},
		"something else":              {errOther, ""},
		"the caller gave up":          {context.Canceled, ""},
		"not authenticated":           {faultOf(t, "NotAuthenticated"), "NF"},
		"not authenticated, missing":  {soap.WrapVimFault(&types.NotAuthenticated{}), "N"},
		"no permission":               {faultOf(t, "NoPermission"), "F"},
		"gone":                        {faultOf(t, "ManagedObjectNotFound"), "GF"},
		"wrong password":              {faultOf(t, "InvalidLogin"), "LF"},
		"password expired":            {faultOf(t, "PasswordExpired"), "LF"},
		"unknown fault":               {faultOf(t, "FaultOfTheFuture"), "F"},
		"deadline":                    {context.DeadlineExceeded, "T"},
		"own deadline":                {&transportError{err: &timeoutError{}}, "T"},
		"reset":                       {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "T"},
		"refused":                     {&url.Error{Op: "Post", Err: syscall.ECONNREFUSED}, "T"},
		"broken pipe":                 {syscall.EPIPE, "T"},
		"unexpected EOF":              {io.ErrUnexpectedEOF, "T"},
		"EOF":                         {&url.Error{Err: io.EOF}, "T"},
		"envelope open":               {&truncatedError{}, "T"},
		"429":                         {&statusError{code: 429}, "T"},
		"500 without a fault":         {&statusError{code: 500}, "T"},
		"502":                         {&statusError{code: 502}, "T"},
		"503":                         {&statusError{code: 503}, "T"},
		"504":                         {&statusError{code: 504}, "T"},
		"301":                         {&statusError{code: 301}, "V"},
		"401":                         {&statusError{code: 401}, "V"},
		"404":                         {&statusError{code: 404}, "V"},
		"a page":                      {&foreignError{}, "V"},
		"ESXi":                        {&standaloneError{}, "S"},
		"certificate":                 {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "C"},
		"certificate, on the way":     {&url.Error{Err: &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}}, "C"},
		"refused login, not repeated": {&refusedError{err: faultOf(t, "InvalidLogin")}, "LF"},
		"advised":                     {&advisedError{err: &statusError{code: 404}}, "V"},
	} {
		t.Run(name, func(t *testing.T) {
			var wrapped []error
			if test.err != nil {
				wrapped = []error{
					fmt.Errorf("read history: %w", &CallError{Err: test.err}),
					errors.Join(errOther, test.err),
					fmt.Errorf("%w, %w", test.err, errOther),
					&redactedError{err: fmt.Errorf("a: %w", errors.Join(errOther, fmt.Errorf("b: %w", test.err)))},
				}
			}
			for _, err := range append(wrapped, test.err) {
				for letter, holds := range predicates {
					assert.Equal(t, strings.ContainsRune(test.want, letter), holds(err), "%c of %v", letter, err)
				}
			}
		})
	}
}

func faultOf(t *testing.T, name string) error {
	t.Helper()
	return (&answer{status: http.StatusInternalServerError, body: []byte(faultEnvelope(name, "text"))}).check()
}

// addresses are what people put into endpoint.
func addresses(t *testing.T) map[string]func() Settings {
	answering := func(h http.HandlerFunc) func() Settings {
		return func() Settings { return testSettings(serve(t, h)) }
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	fakeWith := func(change func(*fake)) func() Settings {
		return func() Settings {
			f := newFake()
			change(f)
			return testSettings(serve(t, f))
		}
	}
	return map[string]func() Settings{
		"web page":             answering(text(200, "<!DOCTYPE html><html><body>Welcome</body></html>")),
		"empty answer":         answering(text(200, "")),
		"plain text":           answering(text(200, "It works!")),
		"JSON":                 answering(text(200, `{"value":1}`)),
		"XML of another kind":  answering(text(200, `<?xml version="1.0"?><rss></rss>`)),
		"SOAP of another kind": answering(text(200, envelope(`<HelloResponse/>`))),
		"not found":            answering(text(404, "404 page not found")),
		"forbidden":            answering(text(403, "no")),
		"starting":             answering(text(503, "503 Service Unavailable")),
		"error page":           answering(text(500, "<html>oops</html>")),
		"redirect": answering(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://vc.example.com/sdk?token=s3cret", http.StatusMovedPermanently)
		}),
		"cut":             answering(text(200, response("RetrieveServiceContent", "")[:150])),
		"ESXi host":       fakeWith(func(f *fake) { f.apiType = "HostAgent" }),
		"unknown product": fakeWith(func(f *fake) { f.apiType = "Toaster" }),
		"wrong password": fakeWith(func(f *fake) {
			f.password = "another"
			f.intercept = refuseLogin("InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
		}),
		"no role": fakeWith(func(f *fake) {
			f.intercept = refuseLogin("NoPermission", "Permission to perform this operation was denied.")
		}),
		"refused connection": func() Settings {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer listener.Close()
			return testSettings(parse(t, "http://"+listener.Addr().String()))
		},
		"http for https": func() Settings { return testSettings(secure(t, serve(t, newFake()))) },
		"https for http": func() Settings { u := *tlsServer(t).url; u.Scheme = "http"; return testSettings(&u) },
		"wrong CA":       func() Settings { return testSettings(tlsServer(t).url) },
		"wrong host name": func() Settings {
			server := tlsServer(t)
			s := testSettings(server.url)
			s.TLS.Config = &tls.Config{RootCAs: server.pool, ServerName: "vcenter.other"}
			return s
		},
		"expired": func() Settings {
			server := tlsServer(t)
			s := testSettings(server.url)
			later := func() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }
			s.TLS.Config = &tls.Config{RootCAs: server.pool, Time: later}
			return s
		},
		"wrong CA file": func() Settings {
			s := testSettings(tlsServer(t).url)
			s.TLS.Authorities = "tls::ca_file (/etc/ssl/vcenter.pem)"
			return s
		},
		"old TLS": func() Settings {
			server := tlsServer(t)
			s := testSettings(server.url)
			s.TLS.Config = &tls.Config{RootCAs: server.pool, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
			return s
		},
		"connection reset": func() Settings {
			return testSettings(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { reset(w) })))
		},
	}
}

func refuseLogin(fault, text string) func(w http.ResponseWriter, method string) bool {
	return func(w http.ResponseWriter, method string) bool {
		if method == "Login" {
			faultWith(w, fault, text)
		}
		return method == "Login"
	}
}

func secure(t *testing.T, u *url.URL) *url.URL {
	t.Helper()
	u.Scheme = "https"
	return u
}

type secureServer struct {
	url  *url.URL
	pool *x509.CertPool
	fake *fake

	certificate []byte
}

// tlsServer runs a fake behind TLS.
func tlsServer(t *testing.T) secureServer {
	t.Helper()
	f := newFake()
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are what some tests want
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return secureServer{url: parse(t, server.URL), pool: pool, fake: f, certificate: server.Certificate().Raw}
}

// What a wrong setting reads like at three in the morning: testdata/errors.
func TestAWrongSettingIsNamed(t *testing.T) {
	for name, settings := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			settings := settings()
			s := supervise(t, settings)
			_, err := s.Acquire(t.Context())
			require.Error(t, err)
			golden(t, name, normalised(err, settings.Endpoint))
		})
	}
}

func TestAWrongHostOrFirewallIsNamed(t *testing.T) {
	for name, dial := range map[string]error{
		"no such host": &net.DNSError{Err: "no such host", Name: "vcenter.invalid", IsNotFound: true},
		"no route":     os.NewSyscallError("connect", syscall.EHOSTUNREACH),
		"dial timeout": os.ErrDeadlineExceeded,
	} {
		t.Run(name, func(t *testing.T) {
			settings := testSettings(parse(t, "https://vcenter.invalid"))
			s := supervise(t, settings)
			s.base.DefaultTransport().DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: dial}
			}
			_, err := s.Acquire(t.Context())
			require.True(t, IsTransport(err), "%v", err)
			golden(t, name, normalised(err, settings.Endpoint))
		})
	}
}

// normalised takes out of a text what differs from run to run.
func normalised(err error, endpoint *url.URL) string {
	text := strings.ReplaceAll(err.Error(), endpoint.Host, "HOST")
	if next, ok := NextLogin(err); ok {
		text = strings.ReplaceAll(text, next.UTC().Format("2006-01-02T15:04:05Z"), "TIME")
	}
	if _, local, found := strings.Cut(text, "127.0.0.1:"); found {
		port, _, _ := strings.Cut(local, "->")
		text = strings.ReplaceAll(text, "127.0.0.1:"+port, "HERE")
	}
	return text
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "errors", strings.ReplaceAll(name, " ", "-")+".txt")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got+"\n"), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSuffix(string(want), "\n"), got)
}

func TestOurOwnAuthorityIsTrusted(t *testing.T) {
	server := tlsServer(t)
	settings := testSettings(server.url)
	settings.TLS.Config = &tls.Config{RootCAs: server.pool}
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.NoError(t, err)
	assert.Nil(t, settings.TLS.Config.NextProtos, "the settings are not changed")
}

func TestACertificateThatWasReplacedCostsNoLoginWhereItIsTrusted(t *testing.T) {
	f := newFake()
	first, second := httptest.NewTLSServer(f), httptest.NewTLSServer(f)
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	var address atomic.Pointer[string]
	at := first.Listener.Addr().String()
	address.Store(&at)
	settings := testSettings(parse(t, "https://example.com"))
	pool := x509.NewCertPool()
	pool.AddCert(first.Certificate())
	settings.TLS.Config = &tls.Config{RootCAs: pool}
	s := supervise(t, settings)
	s.base.DefaultTransport().DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, *address.Load())
	}
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	at2 := second.Listener.Addr().String()
	address.Store(&at2)
	first.CloseClientConnections()
	s.Report(session, io.ErrUnexpectedEOF)
	same, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, session, same)
}

func TestMissingPropertiesOfNobodyAreNoEmptyInventory(t *testing.T) {
	missing := `<missingSet><path>name</path><fault><fault xsi:type="%s"/><localizedMessage/></fault></missingSet>`
	object := `<obj type="VirtualMachine">vm-1</obj>`
	for name, test := range map[string]struct {
		method, content string
		want            bool
	}{
		"retrieve":         {"RetrievePropertiesEx", "<returnval><objects>" + object + missing + "</objects></returnval>", true},
		"the second":       {"RetrievePropertiesEx", "<returnval><objects>" + object + "</objects><objects>" + object + missing + "</objects></returnval>", true},
		"without paging":   {"RetrieveProperties", "<returnval>" + object + missing + "</returnval>", true},
		"updates":          {"WaitForUpdatesEx", "<returnval><filterSet><objectSet>" + object + missing + "</objectSet></filterSet></returnval>", true},
		"missing object":   {"WaitForUpdatesEx", `<returnval><filterSet><missingObjects>` + object + `<fault><fault xsi:type="%s"/></fault></missingObjects></filterSet></returnval>`, true},
		"a task's error":   {"RetrievePropertiesEx", `<returnval><objects>` + object + `<propSet><val><missingSet><fault xsi:type="%s"/></missingSet></val></propSet></objects></returnval>`, false},
		"nothing is there": {"RetrievePropertiesEx", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, fault := range []string{"NotAuthenticated", "NoPermission"} {
				body, err := soapxml.Body([]byte(response(test.method, strings.ReplaceAll(test.content, "%s", fault))))
				require.NoError(t, err)
				err = MissingNotAuthenticated(body)
				assert.Equal(t, test.want && fault == "NotAuthenticated", IsNotAuthenticated(err))
				assert.Equal(t, err != nil, IsNotAuthenticated(err))
			}
		})
	}
}
