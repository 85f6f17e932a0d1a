package fault

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
)

// Options of a Proxy. The zero value serves plain HTTP without faults.
type Options struct {
	// Listen is the address to listen at; default 127.0.0.1:0, a free port.
	Listen string
	// Certificate makes the proxy serve TLS; nil: plain HTTP.
	Certificate *tls.Certificate
	// TargetTLS is how the target's certificate is judged; nil: any is taken, for the proxy stands in front of a test server.
	TargetTLS *tls.Config
	// Seed of all that is drawn by chance.
	Seed uint64
	// Rules in force from the first request on; see Proxy.Add.
	Rules []Rule
}

// Proxy is a listening fault proxy.
type Proxy struct {
	target      *url.URL
	certificate atomic.Pointer[tls.Certificate]
	transport   *http.Transport
	server      *http.Server
	door        *door
	script      script
	makings     makings

	cancel context.CancelFunc
	active sync.WaitGroup // handlers and the serving goroutines

	mu     sync.Mutex // guards closed, and that nothing joins active after it is set
	closed bool
}

// New listens and forwards to target until Close.
func New(target *url.URL, options Options) (*Proxy, error) {
	p := &Proxy{target: target, script: newScript(options.Seed), transport: newTransport(options.TargetTLS)}
	p.certificate.Store(options.Certificate)
	p.Add(options.Rules...)
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.server = &http.Server{
		Handler:     p,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: withConn,
		ConnState:   noteState,
		ErrorLog:    log.New(io.Discard, "", 0), // broken connections are what this is for
		Protocols:   new(http.Protocols),
	}
	p.server.Protocols.SetHTTP1(true) // faults are of connections, which HTTP/2 would share among calls
	p.door = newDoor(cmp.Or(options.Listen, "127.0.0.1:0"), p.serve)
	if err := p.door.listen(Open); err != nil {
		cancel()
		return nil, fmt.Errorf("fault proxy: %w", err)
	}
	return p, nil
}

func newTransport(config *tls.Config) *http.Transport {
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // see Options.TargetTLS
	}
	// Nothing is compressed on the way, so that offsets are offsets of the XML.
	return &http.Transport{TLSClientConfig: config, DisableCompression: true}
}

// URL is where the proxy listens, with the target's path.
func (p *Proxy) URL() *url.URL {
	u := &url.URL{Scheme: "http", Host: p.door.address(), Path: p.target.Path}
	if p.certificate.Load() != nil {
		u.Scheme = "https"
	}
	return u
}

// Certificate is what the proxy serves; nil without TLS.
func (p *Proxy) Certificate() *tls.Certificate { return p.certificate.Load() }

// SetCertificate serves another certificate from the next handshake on. The proxy must have been made with one.
func (p *Proxy) SetCertificate(certificate tls.Certificate) { p.certificate.Store(&certificate) }

// Listen changes what becomes of new connections. Connections that are open live on: see Reset.
func (p *Proxy) Listen(mode Listening) error {
	if err := p.door.listen(mode); err != nil {
		return fmt.Errorf("fault proxy: %w", err)
	}
	return nil
}

// Reset breaks every open connection with a RST, whatever it is doing, and says how many there were.
func (p *Proxy) Reset() int { return p.door.reset(func(*conn) bool { return true }) }

// ResetIdle breaks the connections on which no request is under way, as a middle box does that is short of memory.
func (p *Proxy) ResetIdle() int { return p.door.reset((*conn).idle) }

// Add puts rules behind those in force, until remove is called. The first rule that matches a request decides.
func (p *Proxy) Add(rules ...Rule) (remove func()) { return p.script.add(rules) }

// Clear forgets all rules; the counts stay.
func (p *Proxy) Clear() { p.script.clear() }

// Count of a method's requests and faults so far.
func (p *Proxy) Count(method string) Count { return p.script.count(method) }

// Counts of all methods seen.
func (p *Proxy) Counts() map[string]Count { return p.script.all() }

// Close ends everything at once and returns when nothing runs any more.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	_ = p.server.Close()
	p.door.close()
	p.active.Wait()
	p.transport.CloseIdleConnections()
}

// join counts a goroutine in unless the proxy is closed.
func (p *Proxy) join() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.active.Add(1)
	}
	return !p.closed
}

func (p *Proxy) serve(l net.Listener) {
	if !p.join() {
		_ = l.Close()
		return
	}
	if p.certificate.Load() != nil {
		l = tls.NewListener(l, &tls.Config{
			GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.certificate.Load(), nil },
			SessionTicketsDisabled: true, // a resumed session would never see the new certificate
			MinVersion:             tls.VersionTLS12,
		})
	}
	go func() {
		defer p.active.Done()
		if err := p.server.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			_ = l.Close()
		}
	}()
}

// ServeHTTP is one exchange: count it, find its rule, play its fault.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.join() {
		panic(http.ErrAbortHandler)
	}
	defer p.active.Done()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	x := &exchange{
		ctx:    r.Context(),
		method: methodOf(r, body),
		w:      w,
		conn:   connOf(r.Context()),
		send:   func(ctx context.Context) (*answer, error) { return p.forward(ctx, r, body) },
	}
	defer p.makings.note(x) // also of one that is cut
	p.script.decide(x).play(x)
}
