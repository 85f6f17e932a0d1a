package simulator

import "sync"

// ambush waits for a call, to kill its session in the middle.
type ambush struct {
	mu     sync.Mutex // guards the field below
	method string     // "": for none
}

// KillSessionDuring kills the session of the next call of a method: the call has its effect, and its client is told that
// the session is not authenticated. An empty method takes that back.
func (s *Simulator) KillSessionDuring(method string) {
	s.ambush.mu.Lock()
	defer s.ambush.mu.Unlock()
	s.ambush.method = method
}

// meets tells whether a call is the one, once.
func (a *ambush) meets(c *call) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.session == nil || a.method == "" || a.method != c.method.Name {
		return false
	}
	a.method = ""
	return true
}
