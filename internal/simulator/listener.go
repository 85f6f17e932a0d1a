package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// listener is the network side of a vCenter. It can go away, and come back at the same address.
type listener struct {
	address string // host:port
	secure  bool   // by TLS
	names   []string
	handler http.Handler

	mu     sync.Mutex  // guards the fields below
	ca     []byte      // in PEM; nil without TLS
	config *tls.Config // of the next life
	server *server     // nil: down
}

// server is one life of a listener.
type server struct {
	http   *http.Server
	ending context.CancelFunc // of the context of all requests
	served sync.WaitGroup     // the accepting goroutine, and every request

	mu    sync.Mutex // guards the field below
	ended bool       // no request is let in any more
}

// newListener takes no address yet; start does.
func newListener(s Settings, handler http.Handler) (*listener, error) {
	l := &listener{address: s.Listen, handler: handler, secure: s.TLS}
	if !s.TLS {
		return l, nil
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", s.Listen, err)
	}
	l.names = append(s.Names, host)
	l.config, l.ca, err = certify(l.names)
	return l, err
}

// withoutHandshakes leaves out that clients break off handshakes, which is no news where certificates are tested.
type withoutHandshakes struct{ io.Writer }

// Write is called once for each line.
func (w withoutHandshakes) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("TLS handshake error")) {
		return len(p), nil
	}
	return w.Writer.Write(p)
}

// reachable is the address as a client on this machine can use it.
func (l *listener) reachable() string {
	host, port, err := net.SplitHostPort(l.address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return l.address
}

func (l *listener) scheme() string {
	if l.secure {
		return "https"
	}
	return "http"
}

// start listens. The first time, it finds out the port; from then on it is always the same.
func (l *listener) start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken, err := net.Listen("tcp", l.address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if address := taken.Addr().String(); address != l.address {
		l.address = address // the first time; nobody knows it yet
	}
	if l.secure {
		taken = tls.NewListener(taken, l.config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	v := &server{ending: cancel}
	v.http = &http.Server{
		Handler:     v.counted(l.handler),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(withoutHandshakes{log.Writer()}, "", log.LstdFlags),
	}
	v.served.Go(func() { _ = v.http.Serve(taken) })
	l.server = v
	return nil
}

// counted lets stop wait for requests: http.Server.Close does not.
func (v *server) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !v.enter() {
			panic(http.ErrAbortHandler)
		}
		defer v.served.Done()
		h.ServeHTTP(w, r)
	})
}

func (v *server) enter() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.ended {
		v.served.Add(1)
	}
	return !v.ended
}

func (v *server) stop() error {
	v.mu.Lock()
	v.ended = true
	v.mu.Unlock()
	v.ending()
	err := v.http.Close()
	v.served.Wait()
	return err
}

// stop gives up the address, cuts all connections and waits until nothing runs any more.
func (l *listener) stop() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return nil
	}
	err := l.server.stop()
	l.server = nil
	if err != nil {
		return fmt.Errorf("close the listener: %w", err)
	}
	return nil
}
