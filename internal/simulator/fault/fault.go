package fault

import (
	"net/http"
)

// Fault is what happens to one exchange. The zero Fault lets it pass.
type Fault struct {
	name string
	act  func(*exchange)
}

// String names the fault.
func (f Fault) String() string {
	if f.act == nil {
		return "none"
	}
	return f.name
}

func (f Fault) play(x *exchange) {
	if f.act == nil {
		x.pass(x.execute())
		return
	}
	f.act(x)
}

// Cut closes the connection after n bytes of an answer's body that announced its whole Content-Length.
// A negative n leaves so many bytes off the end; an n beyond the end closes the connection behind a whole answer.
func Cut(n int) Fault {
	return Fault{name: "cut", act: func(x *exchange) { x.cutAt(x.execute(), n, false) }}
}

// CutChunked is Cut in an answer with chunked encoding: with an n beyond the end, all that is missing is the last chunk's mark.
func CutChunked(n int) Fault {
	return Fault{name: "cut chunked", act: func(x *exchange) { x.cutAt(x.execute(), n, true) }}
}

func (x *exchange) cutAt(a *answer, n int, chunked bool) {
	framed := *a
	framed.chunked = chunked
	x.head(&framed)
	x.write(a.body[:offset(n, len(a.body))])
	x.cut()
}

// offset is n within size, counted from the end where it is negative.
func offset(n, size int) int {
	if n < 0 {
		n += size
	}
	return max(0, min(n, size))
}

// HoldRequest holds a request at a gate before it is executed.
func HoldRequest(g *Gate) Fault {
	return Fault{name: "hold request", act: func(x *exchange) {
		x.wait(g)
		x.pass(x.execute())
	}}
}

// Hold holds the answer of an executed request at a gate before its first byte.
func Hold(g *Gate) Fault {
	return Fault{name: "hold", act: func(x *exchange) {
		a := x.execute()
		x.wait(g)
		x.pass(a)
	}}
}

// HoldAt holds an answer at a gate after n bytes of its body; n counts as in Cut.
func HoldAt(n int, g *Gate) Fault {
	return Fault{name: "hold at", act: func(x *exchange) {
		a := x.execute()
		at := offset(n, len(a.body))
		x.head(a)
		x.write(a.body[:at])
		x.wait(g)
		x.write(a.body[at:])
		x.passed = true
	}}
}

// Drip sends the body in pieces of n bytes, each through the gate: a line so slow that only an overall deadline ends the call.
func Drip(n int, each *Gate) Fault {
	return Fault{name: "drip", act: func(x *exchange) {
		a := x.execute()
		x.head(a)
		for rest := a.body; len(rest) > 0; {
			piece := rest[:min(max(n, 1), len(rest))]
			x.write(piece)
			x.wait(each)
			rest = rest[len(piece):]
		}
		x.passed = true
	}}
}

// ResetBefore breaks the connection with a RST before the request is executed.
func ResetBefore() Fault { return Fault{name: "reset before", act: (*exchange).reset} }

// ResetAfter breaks the connection with a RST when the request is executed: nothing tells it from ResetBefore.
func ResetAfter() Fault {
	return Fault{name: "reset after", act: func(x *exchange) {
		x.execute()
		x.reset()
	}}
}

// Lose executes the request and closes the connection without an answer: the client sees an end of file.
func Lose() Fault {
	return Fault{name: "lose", act: func(x *exchange) {
		x.execute()
		x.cut()
	}}
}

// BlackHole never executes the request and never answers; it ends with the client's connection.
func BlackHole() Fault {
	return Fault{name: "black hole", act: func(x *exchange) { x.wait(NewGate()) }}
}

// BlackHoleAfter is BlackHole for a request that was executed.
func BlackHoleAfter() Fault {
	return Fault{name: "black hole after", act: func(x *exchange) {
		x.execute()
		x.wait(NewGate())
	}}
}

// Duplicate delivers the request to the target twice, as a box does that repeats what it believes lost. The client gets the
// second answer.
func Duplicate() Fault {
	return Fault{name: "duplicate", act: func(x *exchange) {
		x.execute()
		x.pass(x.again())
	}}
}

// Answer answers in the target's place: the request is not executed.
func Answer(status int, contentType, body string) Fault {
	header := http.Header{"Content-Type": {contentType}}
	return Fault{name: "answer", act: func(x *exchange) {
		x.pass(&answer{status: status, header: header, body: []byte(body)})
	}}
}

// Status answers with a status, as the web server in front of vCenter's services does while they start.
func Status(status int, body string) Fault { return Answer(status, "text/plain; charset=utf-8", body) }

// HTML answers 200 with a page for human eyes, as a captive portal or a maintenance page does.
func HTML() Fault {
	return Answer(http.StatusOK, "text/html; charset=utf-8", "<!DOCTYPE html><html><body><h1>Under maintenance</h1></body></html>")
}

// Empty answers 200 without a body.
func Empty() Fault { return Answer(http.StatusOK, "text/xml; charset=utf-8", "") }

// Rewrite executes the request and changes the body of its answer.
func Rewrite(change func(body []byte) []byte) Fault {
	return Fault{name: "rewrite", act: func(x *exchange) {
		a := *x.execute()
		a.body = change(a.body)
		x.pass(&a)
	}}
}
