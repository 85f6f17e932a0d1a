package fault

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// exchange is one request with its answer.
type exchange struct {
	ctx    context.Context // ends with the client's connection, and with the proxy
	method string
	w      http.ResponseWriter
	conn   *conn
	send   func(context.Context) (*answer, error)

	done   *answer // what the target answered, once it was asked
	times  int     // the request went to the target
	passed bool    // the whole answer was written
}

// answer is an HTTP answer, read to its end.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	chunked bool
}

// execute has the target execute the request, once.
func (x *exchange) execute() *answer {
	if x.done == nil {
		x.done = x.again()
	}
	return x.done
}

// again has the target execute the request, once more if need be.
func (x *exchange) again() *answer {
	x.times++
	a, err := x.send(x.ctx)
	if err != nil {
		x.cut()
	}
	return a
}

// head writes the answer's head; whatever part of the body is written then, the head announces all of it.
func (x *exchange) head(a *answer) {
	maps.Copy(x.w.Header(), a.header)
	x.w.Header().Del("Content-Length")
	if !a.chunked {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.w.WriteHeader(a.status)
	x.flush()
}

// write puts a part of the body on the wire.
func (x *exchange) write(part []byte) {
	if _, err := x.w.Write(part); err != nil {
		x.cut()
	}
	x.flush()
}

func (x *exchange) flush() {
	if err := http.NewResponseController(x.w).Flush(); err != nil {
		x.cut()
	}
}

// pass writes a whole answer.
func (x *exchange) pass(a *answer) {
	x.head(a)
	x.write(a.body)
	x.passed = true
}

// wait holds the exchange at a gate. It does not return when the client is gone.
func (x *exchange) wait(g *Gate) {
	if g.wait(x.ctx) != nil {
		x.cut()
	}
}

// cut ends the connection where it stands, and the exchange with it.
func (x *exchange) cut() {
	_ = x.conn.Close()
	panic(http.ErrAbortHandler)
}

// reset ends the connection with a RST, and the exchange with it.
func (x *exchange) reset() {
	x.conn.reset()
	panic(http.ErrAbortHandler)
}

// forward sends a request on to the target and reads its answer to the end.
func (p *Proxy) forward(ctx context.Context, r *http.Request, body []byte) (*answer, error) {
	out := r.Clone(ctx)
	out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = p.target.Scheme, p.target.Host, p.target.Host, ""
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.Close = false
	dropHop(out.Header)
	out.Header.Del("Accept-Encoding")
	response, err := p.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	full, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	dropHop(response.Header)
	return &answer{
		status:  response.StatusCode,
		header:  response.Header,
		body:    full,
		chunked: response.ContentLength < 0,
	}, nil
}

// dropHop removes the headers that are of one connection only.
func dropHop(h http.Header) {
	for _, name := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		h.Del(name)
	}
}
