package fault

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Making is a call that makes something which lives on in the target: a login, or a creation. Who does not hear its answer does not
// know of what was made.
type Making struct {
	Method string    `json:"method"`
	At     time.Time `json:"at"`               // of the request; where it is the first of its connection, of that
	Until  time.Time `json:"until"`            // when the exchange was over
	Times  int       `json:"times"`            // it went to the target
	Passed bool      `json:"passed,omitempty"` // the whole answer was written, to a client that was still there
}

// keptMakings are the last ones that a proxy can tell.
const keptMakings = 10_000

// makings are those that a proxy has seen.
type makings struct {
	mu  sync.Mutex // guards the field below
	all []Making
}

func makes(method string) bool {
	return strings.HasPrefix(method, "Login") || strings.HasPrefix(method, "Create")
}

// note keeps what became of an exchange that is over.
func (m *makings) note(x *exchange) {
	if !makes(x.method) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.all) == 2*keptMakings {
		m.all = slices.Clone(m.all[keptMakings:])
	}
	m.all = append(m.all, Making{
		Method: x.method, At: x.conn.since(), Until: time.Now(), Times: x.times, Passed: x.passed && x.ctx.Err() == nil,
	})
}

// Makings are the logins and creations that the proxy has passed on or not, in the order in which they were over: the last 10,000 and
// maybe some before.
func (p *Proxy) Makings() []Making {
	p.makings.mu.Lock()
	defer p.makings.mu.Unlock()
	return slices.Clone(p.makings.all)
}
