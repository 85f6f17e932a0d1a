package fault

import (
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Rule says which requests suffer a fault. The first rule that matches a request decides, even if it decides that nothing happens.
type Rule struct {
	// Method of the requests it is for; "" is every one.
	Method string
	// IdleFor restricts it to requests on a connection that had been idle at least so long: what a middle box forgets.
	IdleFor time.Duration
	// Skip lets so many of these requests pass first.
	Skip int
	// Probability of each of the others to match; 0 is certainty.
	Probability float64
	// Count is how many may match at most; 0 is no limit.
	Count int
	// Fault to play, unless Hook decides.
	Fault Fault
	// Hook decides by the answer.
	Hook Hook
}

// Hook decides what happens to an executed request: to the nth of its method (from 1) with its whole answer, which it must not
// change. What a fault would do before execution comes too late and is as if after it. Hooks run concurrently.
type Hook func(method string, n int, body []byte) Fault

// Count of a method.
type Count struct {
	Requests int // seen
	Faults   int // of these, with a fault
}

// script is the rules in force and what became of them.
type script struct {
	seed uint64

	mu     sync.Mutex // guards the fields below
	rules  []*scene
	added  uint64
	counts map[string]Count
}

// scene is a rule with what it has seen.
type scene struct {
	Rule
	serial  uint64
	seen    int
	matched int
}

func newScript(seed uint64) script { return script{seed: seed, counts: map[string]Count{}} }

// add returns what takes the rules away again.
func (s *script) add(rules []Rule) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.added + 1
	for _, r := range rules {
		s.added++
		s.rules = append(s.rules, &scene{Rule: r, serial: s.added})
	}
	last := s.added
	return func() { s.remove(first, last) }
}

func (s *script) remove(first, last uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.DeleteFunc(s.rules, func(r *scene) bool { return first <= r.serial && r.serial <= last })
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

func (s *script) count(method string) Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[method]
}

func (s *script) all() map[string]Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.counts)
}

// decide counts a request and finds its fault.
func (s *script) decide(x *exchange) Fault {
	rule, n := s.match(x.method, x.conn.wasIdle())
	f := rule.Fault
	if rule.Hook != nil {
		f = rule.Hook(x.method, n, x.execute().body)
	}
	if f.act != nil {
		s.applied(x.method)
	}
	return f
}

// match finds the rule of the method's next request, whose number it tells.
func (s *script) match(method string, idle time.Duration) (Rule, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[method]
	c.Requests++
	s.counts[method] = c
	for _, scene := range s.rules {
		if scene.matches(method, idle, func() float64 { return s.chance(scene.serial, method, c.Requests) }) {
			return scene.Rule, c.Requests
		}
	}
	return Rule{}, c.Requests
}

func (s *script) applied(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[method]
	c.Faults++
	s.counts[method] = c
}

// chance draws for the nth request of a method. It has no state: requests of other methods in between change nothing.
func (s *script) chance(rule uint64, method string, n int) float64 {
	name := fnv.New64a()
	_, _ = name.Write([]byte(method))
	return rand.New(rand.NewPCG(s.seed^name.Sum64(), rule<<32|uint64(n))).Float64()
}

func (s *scene) matches(method string, idle time.Duration, chance func() float64) bool {
	if s.Method != "" && s.Method != method || idle < s.IdleFor {
		return false
	}
	s.seen++
	switch {
	case s.seen <= s.Skip:
		return false
	case s.Count > 0 && s.matched == s.Count:
		return false
	case s.Probability > 0 && chance() >= s.Probability:
		return false
	}
	s.matched++
	return true
}
