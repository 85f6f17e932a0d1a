package inventory

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Cache is the inventory of one vCenter as it is now. Watchers write it, one update set at a time; everybody reads it.
type Cache struct {
	instanceUUID string
	current      atomic.Pointer[Snapshot]

	writing sync.Mutex // one update set at a time; it guards the fields below
	layouts *layouts
	gaps    map[string][]gap // of which an earlier life may know more, by moref; nil: that is recalled, or nobody will
}

// ErrAnotherVCenter is what it is to watch another vCenter with the cache of this one: morefs mean nothing there.
var ErrAnotherVCenter = errors.New("the inventory is that of another vCenter")

// errEmpty is what an inventory would be that has not even its root folder: an answer that went wrong, or an account that
// may see nothing. It is not that all has vanished.
var errEmpty = errors.New("the inventory is empty, without even a root folder: the account may see nothing of it")

// NewCache makes the cache of a vCenter.
func NewCache(instanceUUID string) *Cache {
	c := &Cache{instanceUUID: instanceUUID, layouts: newLayouts()}
	c.current.Store(&Snapshot{tombstones: &graveyard{}, superseded: make(chan struct{})})
	return c
}

// InstanceUUID tells which vCenter's inventory it is.
func (c *Cache) InstanceUUID() string { return c.instanceUUID }

// Snapshot is the inventory now.
func (c *Cache) Snapshot() *Snapshot { return c.current.Load() }

// apply makes the next snapshot out of all parts of an update set, or none.
func (c *Cache) apply(parts []updateSet, at time.Time, where places, full bool) (Applied, error) {
	if full && !readable(parts) {
		return Applied{}, fmt.Errorf("read inventory: %w", errEmpty)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	before := c.current.Load()
	d := draftOf(&before.tree)
	applied := Applied{At: at, Full: full}
	told := map[string]bool{} // objects, where all are told
	for _, part := range parts {
		applied.Strange += part.strange
		applied.Updates += len(part.updates)
		for _, u := range part.updates {
			c.miss(u, d.get(u.moref), before.synced)
			d.update(u, c.layouts)
			told[u.moref] = !u.leave
		}
	}
	if full {
		for _, moref := range d.keep(told) {
			delete(c.gaps, moref)
		}
	}
	c.publish(before, d, at, where, full)
	applied.Objects = c.current.Load().len()
	return applied, nil
}

// readable reports whether anything of an object is told. Of the root folder, which the filter itself names, vCenter tells also that it may
// not be read.
func readable(parts []updateSet) bool {
	return slices.ContainsFunc(parts, func(part updateSet) bool {
		return slices.ContainsFunc(part.updates, func(u update) bool { return len(u.changes) > 0 })
	})
}

func (d *draft) update(u update, l *layouts) {
	before := d.get(u.moref)
	switch {
	case u.leave && before != nil:
		d.remove(u.moref)
	case u.leave: // of what was never known
	case u.enter:
		d.put(entered(u, before, l))
	default:
		d.put(modified(u, before, l))
	}
}

// keep removes all objects but those that were told, and returns which.
func (d *draft) keep(told map[string]bool) (gone []string) {
	for o := range d.all() {
		if !told[o.Moref] {
			gone = append(gone, o.Moref)
		}
	}
	for _, moref := range gone {
		d.remove(moref)
	}
	return gone
}

// publish makes a snapshot of a draft, and wakes who waits for news. An update set without any makes none.
func (c *Cache) publish(before *Snapshot, d *draft, at time.Time, where places, full bool) {
	if !d.changed && before.synced && before.places == where {
		return
	}
	was := *before
	was.places = where // which a snapshot of an earlier life does not know
	next := &Snapshot{
		tree: *d.tree, tombstones: before.tombstones.after(&was, d.tree), places: where,
		synced: true, at: at, reads: before.reads, superseded: make(chan struct{}),
	}
	if full {
		next.reads++
	}
	c.current.Store(next)
	close(before.superseded)
}

// Applied says what an update set was.
type Applied struct {
	At      time.Time // by vCenter's clock
	Full    bool      // everything was read, as by a new watcher
	Answers int       // in which it came
	Bytes   int       // of these
	Updates int       // of objects
	Strange int       // that named no object, and were passed over
	Objects int       // there are now
}
