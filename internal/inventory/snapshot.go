package inventory

import (
	"iter"
	"time"
)

// Snapshot is the inventory at one moment. It never changes and may be kept and read by anyone.
type Snapshot struct {
	tree
	tombstones *graveyard
	places     places
	synced     bool
	at         time.Time
	reads      int
	superseded chan struct{}
}

// places are the objects of a vCenter that have a part in the inventory.
type places struct {
	root       string // the root folder, where paths begin
	attributes string // the CustomFieldsManager
}

// Synced reports whether everything was read at least once. Before that there is nothing, or what was known in an earlier
// life.
func (s *Snapshot) Synced() bool { return s.synced }

// At is when the last update was read, by vCenter's clock.
func (s *Snapshot) At() time.Time { return s.at }

// Reads is how many times everything was read until then, as far as that has changed anything: what differs from a snapshot with
// fewer may have changed while nobody watched.
func (s *Snapshot) Reads() int { return s.reads }

// Superseded is closed when there is a newer snapshot.
func (s *Snapshot) Superseded() <-chan struct{} { return s.superseded }

// Len is how many objects there are.
func (s *Snapshot) Len() int { return s.len() }

// Get returns an object, nil where there is none.
func (s *Snapshot) Get(moref string) *Object { return s.get(moref) }

// All yields the objects in no order.
func (s *Snapshot) All() iter.Seq[*Object] { return s.all() }

// Counts says how many objects there are of each type.
func (s *Snapshot) Counts() map[string]int {
	counts := map[string]int{}
	for o := range s.all() {
		counts[o.Type]++
	}
	return counts
}

// Context answers what is known of objects.
func (s *Snapshot) Context() Context { return Context{s} }
