package inventory

import "slices"

// Recall tells the cache what was delivered in an earlier life. That lends its names to what is gone since, and its values to what vCenter
// tells to be missing: nothing says that it has changed. It may come at any time, also when everything was read long ago.
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
	next.superseded, c.missing = make(chan struct{}), nil
	c.current.Store(&next)
	close(before.superseded)
}

// lent is a tree in which what is missing is as it was delivered.
func (c *Cache) lent(now *tree, delivered *State) *tree {
	d := draftOf(now)
	for moref, paths := range c.missing {
		o, before := now.get(moref), delivered.get(moref)
		if o == nil || before == nil || before.Type != o.Type {
			continue
		}
		paths = slices.DeleteFunc(paths, o.has)
		d.put(newObject(o.Type, moref, slices.Concat(o.properties(), before.below(paths)), c.layouts))
	}
	return d.tree
}

// miss keeps what of an object is missing, until the earlier life is recalled.
func (c *Cache) miss(u update) {
	switch {
	case c.missing == nil:
	case u.leave, u.enter && len(u.missing) == 0:
		delete(c.missing, u.moref)
	case u.enter:
		c.missing[u.moref] = u.missing
	case len(c.missing[u.moref]) > 0: // some of it may be told now
		c.missing[u.moref] = slices.DeleteFunc(c.missing[u.moref], func(path string) bool {
			return slices.ContainsFunc(u.changes, func(told change) bool { return within(path, told.path) || within(told.path, path) })
		})
	}
}
