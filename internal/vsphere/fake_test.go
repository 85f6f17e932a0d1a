package vsphere

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// fake is a vCenter of a few methods that counts what it is asked.
type fake struct {
	mu        sync.Mutex // guards what follows
	uuid      string
	apiType   string
	versions  string // vimServiceVersions.xml; "": 404
	password  string
	clock     func() time.Time
	sessions  map[string]bool
	logins    int
	logouts   int
	requests  []request
	destroyed []string

	// intercept answers in the fake's place and returns true, or lets it.
	intercept func(w http.ResponseWriter, method string) bool
}

type request struct {
	method, operationID, userAgent, action, body string
}

func newFake() *fake {
	return &fake{
		uuid: "11111111-0000-0000-0000-000000000000", apiType: "VirtualCenter", password: "s3cret&<",
		clock: time.Now, sessions: map[string]bool{},
	}
}

var (
	methodPattern    = regexp.MustCompile(`<Body[^>]*><(\w+)`)
	operationPattern = regexp.MustCompile(`<operationID[^>]*>([^<]*)<`)
	passwordPattern  = regexp.MustCompile(`<password>([^<]*)<`)
	thisPattern      = regexp.MustCompile(`<_this[^>]*>([^<]*)<`)
)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	method := submatch(methodPattern, body)
	if r.Method == http.MethodGet {
		method = "vimServiceVersions"
	}
	f.mu.Lock()
	f.requests = append(f.requests, request{
		method: method, operationID: submatch(operationPattern, body), userAgent: r.UserAgent(),
		action: r.Header.Get("SOAPAction"), body: string(body),
	})
	intercept := f.intercept
	f.mu.Unlock()
	if intercept != nil && intercept(w, method) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer(w, r, method, body)
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request, method string, body []byte) {
	cookie, _ := r.Cookie("vmware_soap_session")
	authenticated := cookie != nil && f.sessions[cookie.Value]
	switch {
	case method == "vimServiceVersions" && f.versions == "":
		http.NotFound(w, r)
	case method == "vimServiceVersions":
		_, _ = io.WriteString(w, f.versions)
	case method == "RetrieveServiceContent":
		respond(w, method, fmt.Sprintf(serviceContent, f.apiType, f.uuid))
	case method == "Login" && submatch(passwordPattern, body) != "s3cret&amp;&lt;" && f.password != "":
		faultWith(w, "InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
	case method == "Login":
		f.logins++
		id := fmt.Sprintf("cookie-%d", f.logins)
		f.sessions[id] = true
		http.SetCookie(w, &http.Cookie{Name: "vmware_soap_session", Value: id, Path: "/", HttpOnly: true})
		respond(w, method, "<returnval><key>k</key><userName>u</userName><fullName>u</fullName></returnval>")
	case !authenticated:
		faultWith(w, "NotAuthenticated", "The session is not authenticated.")
	case method == "CurrentTime":
		respond(w, method, "<returnval>"+f.clock().UTC().Format(time.RFC3339Nano)+"</returnval>")
	case method == "Logout":
		f.logouts++
		delete(f.sessions, cookie.Value)
		respond(w, method, "")
	case method == "DestroyCollector" || method == "DestroyPropertyCollector" || method == "DestroyView" || method == "DestroyPropertyFilter":
		f.destroyed = append(f.destroyed, submatch(thisPattern, body))
		respond(w, method, "")
	default:
		respond(w, method, "<returnval/>")
	}
}

const serviceContent = `<returnval><rootFolder type="Folder">group-d1</rootFolder>` +
	`<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>` +
	`<about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 8.0.3 build-24022515</fullName><vendor>VMware, Inc.</vendor>` +
	`<version>8.0.3</version><build>24022515</build><osType>linux-x64</osType><productLineId>vpx</productLineId>` +
	`<apiType>%s</apiType><apiVersion>8.0.3.0</apiVersion><instanceUuid>%s</instanceUuid></about>` +
	`<sessionManager type="SessionManager">SessionManager</sessionManager></returnval>`

func envelope(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		"\n<soapenv:Body>\n" + body + "\n</soapenv:Body>\n</soapenv:Envelope>\n"
}

func response(method, content string) string {
	return envelope(fmt.Sprintf(`<%sResponse xmlns="urn:vim25">%s</%sResponse>`, method, content, method))
}

func faultEnvelope(fault, text string) string {
	return envelope(fmt.Sprintf(`<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring>`+
		`<detail><%sFault xmlns="urn:vim25" xsi:type="%s"></%sFault></detail></soapenv:Fault>`, text, fault, fault, fault))
}

func respond(w http.ResponseWriter, method, content string) {
	_, _ = io.WriteString(w, response(method, content))
}

func faultWith(w http.ResponseWriter, fault, text string) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, faultEnvelope(fault, text))
}

func submatch(pattern *regexp.Regexp, text []byte) string {
	if m := pattern.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return ""
}

func (f *fake) set(change func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fake) interceptWith(intercept func(w http.ResponseWriter, method string) bool) {
	f.set(func(f *fake) { f.intercept = intercept })
}

func (f *fake) killSessions() { f.set(func(f *fake) { clear(f.sessions) }) }

// count returns how many requests of a method came.
func (f *fake) count(method string) (n int) {
	f.set(func(f *fake) {
		for _, r := range f.requests {
			if r.method == method {
				n++
			}
		}
	})
	return n
}

// seen returns the requests so far.
func (f *fake) seen() (requests []request) {
	f.set(func(f *fake) { requests = slices.Clone(f.requests) })
	return requests
}

func (f *fake) gone() (objects []string) {
	f.set(func(f *fake) { objects = slices.Clone(f.destroyed) })
	return objects
}

func (f *fake) logs() (logins, logouts, sessions int) {
	f.set(func(f *fake) { logins, logouts, sessions = f.logins, f.logouts, len(f.sessions) })
	return logins, logouts, sessions
}

// serve runs a handler on the loopback and returns its address.
func serve(t *testing.T, h http.Handler) *url.URL {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return parse(t, server.URL)
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

// testSettings reach a server on the loopback.
func testSettings(endpoint *url.URL) Settings {
	return Settings{
		Endpoint: endpoint, Name: "dc1", Username: "otel@vsphere.local",
		Password:   func() (string, error) { return "s3cret&<", nil },
		APITimeout: 10 * time.Second, UserAgent: "otelcol-vcenter/0.1.0", Operation: "vcenter_stream/dc1",
	}
}

// supervise makes a Supervisor that is closed with the test.
func supervise(t *testing.T, settings Settings) *Supervisor {
	t.Helper()
	s := NewSupervisor(settings)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Close(ctx)
	})
	return s
}

// open makes a fake, a Supervisor of it and its first session.
func open(t *testing.T) (*fake, *Supervisor, *Session) {
	t.Helper()
	f := newFake()
	s := supervise(t, testSettings(serve(t, f)))
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	return f, s, session
}

func observed() (*zap.Logger, *observer.ObservedLogs) {
	core, logs := observer.New(zap.DebugLevel)
	return zap.New(core), logs
}

// pipes is a network in memory, for tests in a bubble of synctest.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
}

func newPipes() *pipes {
	return &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.connections <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// superviseInMemory makes a Supervisor of a handler that is reached over pipes.
func superviseInMemory(t *testing.T, h http.Handler, change func(*Settings)) *Supervisor {
	t.Helper()
	network := newPipes()
	server := &http.Server{Handler: h}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(network) }()
	t.Cleanup(func() { _ = server.Close(); <-served })
	settings := testSettings(parse(t, "http://vc.example.com"))
	if change != nil {
		change(&settings)
	}
	s := supervise(t, settings)
	s.base.DefaultTransport().DialContext = network.dial
	return s
}
