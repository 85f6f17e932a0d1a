package simulator

import (
	"slices"
	"sort"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// Recording is what happened in the vCenter, for those who judge afterwards what a reader made of it.
type Recording struct {
	Instances []Instance      `json:"instances"` // that it has been, oldest first
	Events    []RecordedEvent `json:"events"`    // ever inserted, by insertion
	Forgotten int             `json:"forgotten"` // pruned events that are too old to be in Events
	Logins    []Login         `json:"logins"`    // the last 10,000 and maybe some before, oldest first
	Openings  []Opening       `json:"openings"`  // likewise
}

// Instance is an instanceUuid that the vCenter has, or had.
type Instance struct {
	UUID  string    `json:"uuid"`
	Since time.Time `json:"since"`
}

// RecordedEvent is an event and the instanceUuid that was in force when it was inserted.
type RecordedEvent struct {
	InstanceUUID string `json:"instanceUuid"`
	journal.Fact
}

// Login is a login and, where it was let in, what became of the session.
type Login struct {
	At        time.Time `json:"at"`
	User      string    `json:"user"`
	UserAgent string    `json:"userAgent"`
	Refused   bool      `json:"refused,omitempty"`
	Session   string    `json:"session,omitempty"`
	Ended     time.Time `json:"ended,omitzero"`
	Why       string    `json:"why,omitempty"` // it ended
}

// Opening is an event collector that was made.
type Opening struct {
	At      time.Time `json:"at"`
	Session string    `json:"session"`
	Begin   time.Time `json:"begin,omitzero"` // of what it was asked for
}

// Recording tells what happened so far.
func (s *Simulator) Recording() Recording {
	facts, forgotten := s.journal.Facts()
	s.mu.Lock()
	r := Recording{Instances: slices.Clone(s.instances), Forgotten: forgotten, Events: make([]RecordedEvent, len(facts))}
	s.mu.Unlock()
	for i, f := range facts {
		r.Events[i] = RecordedEvent{r.instance(f.Inserted), f}
	}
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	r.Logins = slices.Clone(s.record.logins)
	r.Openings = slices.Clone(s.record.openings)
	return r
}

// instance is what was in force at a time.
func (r Recording) instance(at time.Time) string {
	later := sort.Search(len(r.Instances), func(i int) bool { return r.Instances[i].Since.After(at) })
	return r.Instances[max(later-1, 0)].UUID
}
