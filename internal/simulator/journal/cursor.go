package journal

import (
	"slices"
	"sort"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// Cursor reads the events that match a filter, from a place that lies between two events. A new cursor stands before the
// oldest. A cursor whose place was pruned goes on with what is left.
type Cursor struct {
	journal *Journal
	filter  filter
	serial  uint64 // of the journal's cursors, from 1

	mu     sync.Mutex // guards the fields below
	beside *Entry     // the event next to the cursor's place; nil: before the oldest
	past   bool       // the place is behind that event, not before it
}

// Cursor returns a new cursor.
func (j *Journal) Cursor(spec types.EventFilterSpec) *Cursor {
	return &Cursor{journal: j, filter: newFilter(spec, j.settings), serial: j.cursors.Add(1)}
}

// Next returns the next newer events, at most n, oldest first, and moves behind them.
func (c *Cursor) Next(n int) []*Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.journal.view()
	if v.stalls(c) {
		return nil
	}
	page := c.filter.take(n, slices.Values(v.entries[v.place(c.beside, c.past):]))
	return c.move(v, page, true)
}

// Previous returns the next older events, at most n, newest first, and moves before them.
func (c *Cursor) Previous(n int) []*Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.journal.view()
	if v.stalls(c) {
		return nil
	}
	page := c.filter.take(n, backward(v.entries[:v.place(c.beside, c.past)]))
	return c.move(v, page, false)
}

func (c *Cursor) move(v view, page []*Entry, past bool) []*Entry {
	shown := v.visible(page)
	stuck := len(shown) == 0 && v.hiding == Sticks
	if len(page) > 0 && !stuck {
		c.beside, c.past = page[len(page)-1], past
	}
	return shown
}

// Rewind moves before the oldest event.
func (c *Cursor) Rewind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beside, c.past = nil, false
}

// Reset moves behind the newest event.
func (c *Cursor) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beside, c.past = nil, false
	if v := c.journal.view(); len(v.entries) > 0 {
		c.beside, c.past = v.entries[len(v.entries)-1], true
	}
}

// Latest returns the newest events, at most n, newest first. It does not move the cursor.
func (c *Cursor) Latest(n int) []*Entry {
	v := c.journal.view()
	return v.visible(c.filter.take(n, backward(v.entries)))
}

// view is the journal at one moment. Its entries are not changed any more; append and insert may write behind them.
type view struct {
	entries []*Entry
	order   Order
	hide    func(types.BaseEvent) bool
	hiding  Hiding
	stall   stall
}

func (j *Journal) view() view {
	j.expire()
	j.mu.RLock()
	defer j.mu.RUnlock()
	v := view{order: j.order, hide: j.hide, hiding: j.hiding, stall: j.stall, entries: j.inserted}
	if j.order == Creation {
		v.entries = j.created
	}
	return v
}

// place is the index of the first entry behind a place.
func (v view) place(beside *Entry, past bool) int {
	if beside == nil {
		return 0
	}
	return sort.Search(len(v.entries), func(i int) bool {
		if past {
			return v.order.before(beside, v.entries[i])
		}
		return !v.order.before(v.entries[i], beside)
	})
}
