package inventory

import "slices"

// AwaitRecall has the cache keep what a Recall must know that comes when everything was read already. It is for who will recall: what is
// kept is not given up before.
func (c *Cache) AwaitRecall() {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.gaps = map[string][]gap{}
}

// Recall tells the cache what was delivered in an earlier life. That lends its names to what is gone since, and its values to what vCenter
// tells to be missing: nothing says that it has changed. It may come at any time, when it is awaited also after everything was read.
func (c *Cache) Recall(delivered *State) {
	c.writing.Lock()
	defer c.writing.Unlock()
	before := c.current.Load()
	next := *before
	if before.synced {
		next.tree = *c.lent(&before.tree, delivered)
		next.tombstones = before.tombstones.after(&Snapshot{tree: delivered.tree, places: before.places}, &next.tree)
	} else {
		next.tree = delivered.tree
	}
	next.superseded, c.gaps = make(chan struct{}), nil
	c.current.Store(&next)
	close(before.superseded)
}

// lent is a tree in which what is missing is as it was delivered.
func (c *Cache) lent(now *tree, delivered *State) *tree {
	d := draftOf(now)
	for moref, gaps := range c.gaps {
		if o, before := now.get(moref), delivered.get(moref); o != nil && before != nil && before.Type == o.Type {
			lent := slices.DeleteFunc(before.properties(), func(p Property) bool {
				return !slices.ContainsFunc(gaps, func(g gap) bool { return g.has(p.Name) })
			})
			d.put(newObject(o.Type, moref, slices.Concat(o.properties(), lent), c.layouts))
		}
	}
	return d.tree
}

// miss keeps what of an object is not known, until the earlier life is recalled. The object is as it was before the update; one that was not
// there once everything was read is known to have had nothing.
func (c *Cache) miss(u update, before *Object, synced bool) {
	gaps := c.gaps[u.moref]
	switch {
	case c.gaps == nil:
		return
	case u.leave:
		gaps = nil
	case !u.enter:
		gaps = filled(gaps, u.changes)
	case before == nil && !synced:
		gaps = gapsAt(u.missing)
	case before == nil || before.Type != u.class:
		gaps = nil
	default:
		gaps = open(gaps, u.missing)
	}
	if len(gaps) == 0 {
		delete(c.gaps, u.moref)
	} else {
		c.gaps[u.moref] = gaps
	}
}
