package tunnel

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
)

// Proxy is an HTTP proxy that leads to one target.
type Proxy struct {
	target  string // host:port
	address string
	server  *http.Server
	forward *httputil.ReverseProxy
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows
	closed  bool
	user    *url.Userinfo // who may use it; nil: anybody
	status  int           // with which it refuses; 0: it does not
	asked   []string
	tunnels map[net.Conn]bool
}

// New listens on a free port of 127.0.0.1 until Close. target is host:port.
func New(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{target: target, address: listener.Addr().String(), tunnels: map[net.Conn]bool{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.forward = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Host = target },
		Transport: &http.Transport{DisableKeepAlives: true},
	}
	p.server = &http.Server{Handler: p, BaseContext: func(net.Listener) context.Context { return p.ctx }}
	p.running.Go(func() { _ = p.server.Serve(listener) })
	return p, nil
}

// URL is what a user writes into HTTPS_PROXY. It holds the password where one is demanded.
func (p *Proxy) URL() *url.URL {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &url.URL{Scheme: "http", Host: p.address, User: p.user}
}

// Demand lets in only who has this user name and password.
func (p *Proxy) Demand(user *url.Userinfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = user
}

// Refuse answers every request with a status, 0: lets it through again. Connections that were made live on.
func (p *Proxy) Refuse(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = status
}

// Asked are the addresses (host:port, or host) that clients wanted to reach, refused or not.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

// Cut breaks all tunnels.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.tunnels {
		_ = conn.Close()
	}
}

// Close ends everything at once and returns when nothing runs any more.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	_ = p.server.Close()
	p.Cut()
	p.running.Wait()
}

// ServeHTTP is one request to the proxy.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := p.admit(r)
	switch {
	case status == http.StatusProxyAuthRequired:
		w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		fallthrough
	case status != http.StatusOK:
		http.Error(w, "the proxy says no", status)
	case r.Method == http.MethodConnect:
		p.connect(w)
	default:
		p.forward.ServeHTTP(w, r)
	}
}

func (p *Proxy) admit(r *http.Request) (status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Host)
	switch {
	case p.status != 0:
		return p.status
	case p.user != nil && r.Header.Get("Proxy-Authorization") != basic(p.user):
		return http.StatusProxyAuthRequired
	}
	return http.StatusOK
}

func basic(user *url.Userinfo) string {
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}

// connect makes a tunnel, and returns while it lives.
func (p *Proxy) connect(w http.ResponseWriter) {
	there, err := new(net.Dialer).DialContext(p.ctx, "tcp", p.target)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n") // a client that is gone is noticed by copy
	p.open(here, there)
}

// open joins two connections. Where one ends, so does the other.
func (p *Proxy) open(here, there net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_, _ = here.Close(), there.Close()
		return
	}
	for from, to := range map[net.Conn]net.Conn{here: there, there: here} {
		p.tunnels[from] = true
		p.running.Go(func() { p.copy(to, from) })
	}
}

func (p *Proxy) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tunnels, from)
}
