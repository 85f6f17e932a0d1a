package e2e

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// backEnd is a sink that plays Loki's rules, and accidents.
type backEnd struct {
	*sink
	loki lokiRules

	mu       sync.Mutex // guards the fields below
	troubles troubles
	poisoned map[string]bool // uids of the records that are never accepted
	lost     map[int]bool    // places in the run of the requests whose answers were lost
	kill     func(accepted int)
	accepted int // requests, since kill was set
}

// troubles are those that last at present.
type troubles struct {
	status  int           // every request is answered so
	limit   int           // a request with more records is answered 413
	pause   time.Duration // before each answer
	unheard int           // so many answers of acceptance are lost from now on
	choose  bool          // a record of the next request is poisoned
}

func newBackEnd(s *sink) *backEnd {
	b := &backEnd{sink: s, poisoned: map[string]bool{}, lost: map[int]bool{}}
	s.answers(b.decide)
	s.onAccept(b.acknowledge)
	return b
}

func (b *backEnd) trouble(change func(*troubles)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.troubles)
}

// killAt kills a process when so many requests were accepted, before the last one is answered; nil: none.
func (b *backEnd) killAt(p *process, requests int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kill, b.accepted = nil, 0
	if p == nil {
		return
	}
	b.kill = func(accepted int) {
		if accepted == requests {
			p.kill()
		}
	}
}

// decide is the status of a request.
func (b *backEnd) decide(d delivery) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.troubles.choose && len(d.records) > 0 {
		b.poisoned[d.records[len(d.records)/2].uid] = true
		b.troubles.choose = false
	}
	bad := func(r record) bool { return b.poisoned[r.uid] }
	switch {
	case b.troubles.status != 0:
		return b.troubles.status
	case b.troubles.limit > 0 && len(d.records) > b.troubles.limit, slices.ContainsFunc(d.records, bad):
		return http.StatusRequestEntityTooLarge
	}
	return b.loki.answer(d)
}

// acknowledge plays what happens between an acceptance and its answer.
func (b *backEnd) acknowledge(r run) {
	b.mu.Lock()
	b.accepted++
	accepted, kill, pause := b.accepted, b.kill, b.troubles.pause
	unheard := b.troubles.unheard > 0
	if unheard {
		b.troubles.unheard--
		b.lost[len(r)-1] = true
	}
	b.mu.Unlock()
	time.Sleep(pause)
	if kill != nil {
		kill(accepted)
	}
	if unheard {
		panic(http.ErrAbortHandler) // cuts the connection
	}
}

// attempts are the requests so far.
func (b *backEnd) attempts(r run) []robustness.Attempt {
	b.mu.Lock()
	defer b.mu.Unlock()
	attempts := r.hashed().Attempts
	for i := range attempts {
		attempts[i].Unheard = b.lost[i]
	}
	return attempts
}
