package fault

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Listening is what becomes of a new connection.
type Listening uint8

const (
	// Open serves it.
	Open Listening = iota
	// Refusing has no listener: the client sees "connection refused".
	Refusing
	// Silent takes it and never says a word, not even in a TLS handshake.
	Silent
)

// String is the name, as ParseListening reads it.
func (l Listening) String() string { return [...]string{"open", "refusing", "silent"}[l] }

// ParseListening reads the name of a Listening.
func ParseListening(name string) (Listening, error) {
	for _, l := range []Listening{Open, Refusing, Silent} {
		if l.String() == name {
			return l, nil
		}
	}
	return 0, fmt.Errorf("listening %q: neither open nor refusing nor silent", name)
}

// door is the listener of a proxy, which can be shut and opened at the same address, with all connections that came through.
type door struct {
	serve func(net.Listener)

	mu       sync.Mutex // guards the fields below
	mode     Listening
	addr     string
	listener net.Listener // nil while refusing
	conns    map[*conn]struct{}
	closed   bool
}

func newDoor(address string, serve func(net.Listener)) *door {
	return &door{serve: serve, addr: address, conns: map[*conn]struct{}{}}
}

func (d *door) address() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.addr
}

func (d *door) listen(mode Listening) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mode = mode
	switch {
	case d.closed:
		return net.ErrClosed
	case mode == Refusing:
		d.shut()
		return nil
	case d.listener != nil:
		return nil
	}
	return d.open()
}

func (d *door) open() error {
	l, err := net.Listen("tcp", d.addr)
	if err != nil {
		return err
	}
	d.listener, d.addr = l, l.Addr().String()
	d.serve(&entrance{Listener: l, door: d})
	return nil
}

func (d *door) shut() {
	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
}

// admit takes a connection in and says whether it is to be served.
func (d *door) admit(c *conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		_ = c.Conn.Close()
		return false
	}
	d.conns[c] = struct{}{}
	return d.mode != Silent
}

func (d *door) forget(c *conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.conns, c)
}

func (d *door) reset(which func(*conn) bool) int {
	n := 0
	for _, c := range d.list() {
		if which(c) {
			c.reset()
			n++
		}
	}
	return n
}

func (d *door) list() []*conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*conn, 0, len(d.conns))
	for c := range d.conns {
		list = append(list, c)
	}
	return list
}

func (d *door) close() {
	d.mu.Lock()
	d.closed = true
	d.shut()
	d.mu.Unlock()
	for _, c := range d.list() {
		_ = c.Close()
	}
}

// entrance is the listener as the HTTP server sees it.
type entrance struct {
	net.Listener
	door *door
}

// Accept returns the next connection that is to be served.
func (e *entrance) Accept() (net.Conn, error) {
	for {
		raw, err := e.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := (&conn{Conn: raw, door: e.door, asked: time.Now()}); e.door.admit(c) {
			return c, nil
		}
	}
}

// conn is a connection of a client.
type conn struct {
	net.Conn
	door *door

	mu        sync.Mutex    // guards the fields below
	asked     time.Time     // when the request that is under way began; of the first one, when the connection did
	idleSince time.Time     // zero while a request is under way
	idleFor   time.Duration // how long it was idle before the request that is under way
}

// Close ends the connection at once: on TLS without the farewell that tells a cut from an end.
func (c *conn) Close() error {
	c.door.forget(c)
	return c.Conn.Close()
}

// reset ends the connection with a RST.
func (c *conn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func (c *conn) note(state http.ConnState, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateIdle:
		c.idleSince = now
	case http.StateActive:
		c.idleFor = 0
		if !c.idleSince.IsZero() {
			c.idleFor = now.Sub(c.idleSince)
			c.asked = now
		}
		c.idleSince = time.Time{}
	}
}

// since is when the request that is under way can have begun.
func (c *conn) since() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

func (c *conn) idle() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.idleSince.IsZero()
}

func (c *conn) wasIdle() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idleFor
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, unwrap(c))
}

func connOf(ctx context.Context) *conn { return ctx.Value(connKey{}).(*conn) }

func noteState(c net.Conn, state http.ConnState) { unwrap(c).note(state, time.Now()) }

func unwrap(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*conn)
}
