package inventory

import "slices"

// Part is the delta as far as some of its changes were taken. In all that the others change, the object is as it was: they differ from
// the next snapshot, and so does what was taken, if that is taken back. What nobody is told of is as it is.
func (d Delta) Part(taken func(*Change) bool) Delta {
	part, open := d, []Change(nil)
	part.Changes = nil
	for i := range d.Changes {
		if c := &d.Changes[i]; taken(c) {
			part.Changes = append(part.Changes, *c)
		} else {
			open = append(open, *c)
		}
	}
	if len(open) > 0 && len(part.Changes) > 0 {
		part.now = d.now.reverted(d.before, func(name string) bool {
			return slices.ContainsFunc(open, func(c Change) bool { return c.covers(name) || c.path == power && follows(name, d.before, d.now) })
		})
	}
	return part
}

// covers reports whether a property changes with it.
func (c *Change) covers(name string) bool {
	return name == c.path || c.element && within(name, c.path)
}

// reverted is the object with some of its properties as they were before.
func (o *Object) reverted(before *Object, undone func(name string) bool) *Object {
	kept := slices.DeleteFunc(o.properties(), func(p Property) bool { return undone(p.Name) })
	back := slices.DeleteFunc(before.properties(), func(p Property) bool { return !undone(p.Name) })
	return newObject(o.Type, o.Moref, slices.Concat(kept, back), newLayouts())
}
