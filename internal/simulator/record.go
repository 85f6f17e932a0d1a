package simulator

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Call is one call that the vCenter got.
type Call struct {
	Method      string // ReadNextEvents
	This        string // the object that it was called on: EventHistoryCollector:session[…]…
	OperationID string
	UserAgent   string
	Session     string // "" where there was none
	At          time.Time
}

// keptCalls are the last calls that a simulator can tell in full. The counts are complete.
const keptCalls = 10_000

// record is what the vCenter was asked.
type record struct {
	mu     sync.Mutex // guards the fields below
	calls  []Call
	counts map[string]int
}

func (r *record) add(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	r.counts[c.Method]++
	if len(r.calls) == 2*keptCalls {
		r.calls = slices.Clone(r.calls[keptCalls:])
	}
	r.calls = append(r.calls, c)
}

// Calls are the calls that the vCenter got, oldest first: all of the last 10,000 and maybe some before.
func (s *Simulator) Calls() []Call {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.calls)
}

// Stats are counts of what lives in the vCenter now, and of what it was asked since it began.
type Stats struct {
	Sessions []SessionStats `json:"sessions"`
	Objects  Objects        `json:"objects"` // of all sessions
	Calls    map[string]int `json:"calls"`   // by method
	Logins   int            `json:"logins"`  // that were let in
	Events   int            `json:"events"`  // in the journal
	LastKey  int32          `json:"lastKey"` // of the event appended last
}

// SessionStats are counts of what lives in one session.
type SessionStats struct {
	Key       string    `json:"key"`
	User      string    `json:"user"`
	UserAgent string    `json:"userAgent"`
	Since     time.Time `json:"since"`
	Objects   Objects   `json:"objects"`
}

// Objects are counts of the objects that clients made and did not destroy.
type Objects struct {
	EventCollectors    int `json:"eventCollectors"`
	TaskCollectors     int `json:"taskCollectors"`
	PropertyCollectors int `json:"propertyCollectors"`
	Filters            int `json:"filters"`
	Views              int `json:"views"`
}

func (o Objects) plus(p Objects) Objects {
	return Objects{
		EventCollectors:    o.EventCollectors + p.EventCollectors,
		TaskCollectors:     o.TaskCollectors + p.TaskCollectors,
		PropertyCollectors: o.PropertyCollectors + p.PropertyCollectors,
		Filters:            o.Filters + p.Filters,
		Views:              o.Views + p.Views,
	}
}

// Sessions are those that live, oldest first.
func (s *Simulator) Sessions() (all []SessionStats) {
	for _, one := range s.sessions.all() {
		all = append(all, one.stats())
	}
	return all
}

// Stats counts.
func (s *Simulator) Stats() Stats {
	stats := Stats{Events: s.journal.Len(), Logins: s.sessions.begun(), Sessions: s.Sessions()}
	if last := s.journal.Last(); last != nil {
		stats.LastKey = last.Key()
	}
	for _, one := range stats.Sessions {
		stats.Objects = stats.Objects.plus(one.Objects)
	}
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	stats.Calls = maps.Clone(s.record.counts)
	return stats
}
