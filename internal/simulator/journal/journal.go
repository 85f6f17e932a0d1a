package journal

import (
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Settings are what a Journal knows of the world. The zero value works.
type Settings struct {
	Now       func() time.Time                                                  // the vCenter's clock; default time.Now
	Ancestors func(types.ManagedObjectReference) []types.ManagedObjectReference // everything above an object in the inventory
	Category  func(typeID string) string                                        // info, warning, error or user
	Root      types.ManagedObjectReference                                      // the inventory's root folder: everything is below it
	Order     Order
}

// Journal is a history of events.
type Journal struct {
	settings Settings

	mu       sync.RWMutex // guards the fields below
	inserted []*Entry     // by insertion
	created  []*Entry     // the same entries by creation
	seq      uint64       // of the entry appended last
	nextKey  int32
	order    Order
	hide     func(types.BaseEvent) bool
	hiding   Hiding
	changed  chan struct{} // closed by the next append
}

// New returns an empty journal.
func New(s Settings) *Journal {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Ancestors == nil {
		s.Ancestors = func(types.ManagedObjectReference) []types.ManagedObjectReference { return nil }
	}
	if s.Category == nil {
		s.Category = func(string) string { return "" }
	}
	return &Journal{settings: s, order: s.Order, nextKey: 1, changed: make(chan struct{})}
}

// Append adds events at the end. A zero Key, ChainId or CreatedTime is filled in, in the caller's event too: with the
// next key, the key, and now. The journal keeps a copy, so the caller may change the event and append it again.
func (j *Journal) Append(events ...types.BaseEvent) {
	chains := make([][]types.BaseEvent, len(events))
	for i := range events {
		chains[i] = events[i : i+1]
	}
	j.AppendChains(chains...)
}

// AppendChains is Append for events that belong together: a zero ChainId is filled in with the key of the chain's first.
func (j *Journal) AppendChains(chains ...[]types.BaseEvent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, chain := range chains {
		for _, e := range chain {
			j.fillIn(e, chain[0])
			j.insert(Clone(e))
		}
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *Journal) fillIn(event, first types.BaseEvent) {
	e := event.GetEvent()
	if e.CreatedTime.IsZero() {
		e.CreatedTime = j.settings.Now().UTC().Truncate(time.Microsecond)
	}
	if _, raw := event.(*Raw); raw {
		return
	}
	if e.Key == 0 {
		e.Key = j.nextKey
		j.nextKey++
	} else if e.Key >= j.nextKey {
		j.nextKey = e.Key + 1
	}
	if j.nextKey == 0 {
		j.nextKey = 1
	}
	if e.ChainId == 0 {
		e.ChainId = first.GetEvent().Key
	}
}

func (j *Journal) insert(e types.BaseEvent) {
	j.seq++
	entry := newEntry(j.seq, e)
	j.inserted = append(j.inserted, entry)
	n := len(j.created)
	if n == 0 || j.created[n-1].createdBefore(entry) {
		j.created = append(j.created, entry)
		return
	}
	at, _ := slices.BinarySearchFunc(j.created, entry, func(a, b *Entry) int {
		if a.createdBefore(b) {
			return -1
		}
		return 1
	})
	j.created = slices.Insert(slices.Clone(j.created), at, entry) // readers may still hold the slice
}

// SetNextKey is the key of the next event that has none: to restart the keys, or to let them overflow.
func (j *Journal) SetNextKey(key int32) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.nextKey = key
}

// Prune drops the events that drop says yes to, and returns their number.
func (j *Journal) Prune(drop func(*Entry) bool) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := len(j.inserted)
	j.inserted = without(j.inserted, drop)
	j.created = without(j.created, drop)
	return before - len(j.inserted)
}

// PruneCreatedBefore drops what is older than a time, as a vCenter's event.maxAge does.
func (j *Journal) PruneCreatedBefore(t time.Time) int {
	return j.Prune(func(e *Entry) bool { return e.created.Before(t) })
}

// PruneKeysBefore drops the events with a key lower than key.
func (j *Journal) PruneKeysBefore(key int32) int {
	return j.Prune(func(e *Entry) bool { return e.key < key })
}

// PruneOldest drops the n events that were inserted first.
func (j *Journal) PruneOldest(n int) int {
	j.mu.RLock()
	var last uint64
	if n = min(n, len(j.inserted)); n > 0 {
		last = j.inserted[n-1].seq
	}
	j.mu.RUnlock()
	return j.Prune(func(e *Entry) bool { return e.seq <= last })
}

// without copies, for readers may still hold the slice.
func without(entries []*Entry, drop func(*Entry) bool) []*Entry {
	return slices.DeleteFunc(slices.Clone(entries), drop)
}

// Entries are all entries, by insertion.
func (j *Journal) Entries() []*Entry {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return slices.Clone(j.inserted)
}

// Events are all events, by insertion. They must not be changed.
func (j *Journal) Events() []types.BaseEvent {
	entries := j.Entries()
	events := make([]types.BaseEvent, len(entries))
	for i, e := range entries {
		events[i] = e.Event
	}
	return events
}

// Len is the number of events.
func (j *Journal) Len() int {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return len(j.inserted)
}

// Last is the entry that was inserted last, nil where there is none.
func (j *Journal) Last() *Entry {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if len(j.inserted) == 0 {
		return nil
	}
	return j.inserted[len(j.inserted)-1]
}

// Changed returns how many events were ever appended, and a channel that the next append closes.
func (j *Journal) Changed() (appended uint64, next <-chan struct{}) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.seq, j.changed
}

// SetOrder changes the order of all cursors. A cursor stays behind the event that it read last.
func (j *Journal) SetOrder(o Order) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.order = o
}
