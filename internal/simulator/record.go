package simulator

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
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

// record is what the vCenter was asked, and what became of its sessions.
type record struct {
	mu       sync.Mutex // guards the fields below
	calls    []Call
	counts   map[string]int
	peak     Peak
	logins   []Login
	openings []Opening
	tally    tally
}

// tally counts sessions. It is complete.
type tally struct{ logins, refused, logouts, lost int }

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

// reach notes how much lived at a moment.
func (r *record) reach(now Peak) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peak = r.peak.or(now)
}

func (r *record) login(l Login) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.Refused {
		r.tally.refused++
	} else {
		r.tally.logins++
	}
	if len(r.logins) == 2*keptCalls {
		r.logins = slices.Clone(r.logins[keptCalls:])
	}
	r.logins = append(r.logins, l)
}

func (r *record) ended(session string, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(why, errLoggedOut) {
		r.tally.logouts++
	} else {
		r.tally.lost++
	}
	for i := range r.logins {
		if l := &r.logins[i]; !l.Refused && l.Session == session {
			l.Ended, l.Why = time.Now(), why.Error()
		}
	}
}

// open notes an event collector.
func (r *record) open(session string, spec types.EventFilterSpec) {
	o := Opening{At: time.Now(), Session: session}
	if spec.Time != nil && spec.Time.BeginTime != nil {
		o.Begin = *spec.Time.BeginTime
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.openings) == 2*keptCalls {
		r.openings = slices.Clone(r.openings[keptCalls:])
	}
	r.openings = append(r.openings, o)
}

// Calls are the calls that the vCenter got, oldest first: all of the last 10,000 and maybe some before.
func (s *Simulator) Calls() []Call {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.calls)
}

// Stats are counts of what lives in the vCenter now, and of what it was asked since it began.
type Stats struct {
	Sessions      []SessionStats `json:"sessions"`
	Objects       Objects        `json:"objects"`       // of all sessions
	Peak          Peak           `json:"peak"`          // the most that ever lived at a time
	Calls         map[string]int `json:"calls"`         // by method
	Logins        int            `json:"logins"`        // that were let in
	RefusedLogins int            `json:"refusedLogins"` // with a wrong name or password
	Logouts       int            `json:"logouts"`
	LostSessions  int            `json:"lostSessions"` // that ended otherwise: killed, idle, restarted
	Events        int            `json:"events"`       // in the journal
	LastKey       int32          `json:"lastKey"`      // of the event appended last
}

// Peak is the most of each that lived at the same time.
type Peak struct {
	Sessions int `json:"sessions"`
	Objects
}

func (p Peak) or(q Peak) Peak {
	return Peak{Sessions: max(p.Sessions, q.Sessions), Objects: Objects{
		EventCollectors:    max(p.EventCollectors, q.EventCollectors),
		TaskCollectors:     max(p.TaskCollectors, q.TaskCollectors),
		PropertyCollectors: max(p.PropertyCollectors, q.PropertyCollectors),
		Filters:            max(p.Filters, q.Filters),
		Views:              max(p.Views, q.Views),
	}}
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
	s.endIdle()
	for _, one := range s.sessions.all() {
		all = append(all, one.stats())
	}
	return all
}

// Stats counts.
func (s *Simulator) Stats() Stats {
	stats := Stats{Events: s.journal.Len(), Sessions: s.Sessions()}
	if last := s.journal.Last(); last != nil {
		stats.LastKey = last.Key()
	}
	for _, one := range stats.Sessions {
		stats.Objects = stats.Objects.plus(one.Objects)
	}
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	stats.Calls, stats.Peak = maps.Clone(s.record.counts), s.record.peak
	t := s.record.tally
	stats.Logins, stats.RefusedLogins, stats.Logouts, stats.LostSessions = t.logins, t.refused, t.logouts, t.lost
	return stats
}
