package journal

import (
	"slices"
	"sync"
	"sync/atomic"
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
	stall    stall
	changed  chan struct{} // closed by the next append

	retention time.Duration // 0: for ever
	pruned    []Fact        // of what was pruned, oldest first
	forgotten int           // how many more there were

	cursors atomic.Uint64 // that were ever made
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
			event, hidden := reveal(e)
			j.fillIn(event, chain[0])
			j.insert(Clone(event), hidden)
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
	if raw, ok := event.(*Raw); ok && raw.given() {
		return
	}
	if j.nextKey == 0 {
		j.nextKey = 1 // 0 is no key
	}
	if e.Key == 0 {
		e.Key = j.nextKey
		j.nextKey++
	} else if e.Key >= j.nextKey {
		j.nextKey = e.Key + 1
	}
	if e.ChainId == 0 {
		e.ChainId = first.GetEvent().Key
	}
}

func (j *Journal) insert(e types.BaseEvent, hidden bool) {
	j.seq++
	entry := newEntry(e)
	entry.seq, entry.hidden, entry.inserted, entry.clock = j.seq, hidden, time.Now(), j.settings.Now()
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

// SkipKeys leaves out the next n keys: a burst that the vCenter counted but did not store.
func (j *Journal) SkipKeys(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.nextKey += int32(n)
}

// NextKey is the key of the next event that has none.
func (j *Journal) NextKey() int32 {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.nextKey
}

// Entries are all entries, by insertion.
func (j *Journal) Entries() []*Entry {
	j.expire()
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
	j.expire()
	j.mu.RLock()
	defer j.mu.RUnlock()
	return len(j.inserted)
}

// Last is the entry that was inserted last, nil where there is none.
func (j *Journal) Last() *Entry {
	j.expire()
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
