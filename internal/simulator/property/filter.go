package property

import (
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// Filter is a PropertyFilter: what a collector watches. All but ref and collector is guarded by the inventory's mutex.
type Filter struct {
	ref       types.ManagedObjectReference
	collector *Collector
	objects   map[types.ManagedObjectReference]bool
	views     []*View
	paths     *paths

	told  map[*place]any      // what the client was told of each object
	queue []*place            // objects that changed since, in the order of their first change
	dirty map[*place]struct{} // the same objects
}

func newFilter(ref types.ManagedObjectReference, c *Collector, spec types.PropertyFilterSpec, views Views) (*Filter, error) {
	asked, err := newPaths(spec.PropSet)
	if err != nil {
		return nil, err
	}
	f := &Filter{ref: ref, collector: c, paths: asked, objects: map[types.ManagedObjectReference]bool{}}
	for _, o := range spec.ObjectSet {
		view := views(o.Obj)
		switch {
		case view != nil && overView(o):
			f.views = append(f.views, view)
		case view != nil, len(o.SelectSet) > 0:
			return nil, errWatch
		case !c.inventory.Has(o.Obj):
			return nil, notFound(o.Obj)
		default:
			f.objects[o.Obj] = true
		}
	}
	return f, nil
}

// restart forgets what was told: everything is news.
func (f *Filter) restart() {
	f.told, f.dirty, f.queue = map[*place]any{}, map[*place]struct{}{}, nil
	for p := range f.collector.inventory.living {
		if f.has(p) {
			f.note(p)
		}
	}
}

// note is told of each object that changes. Whether it is in the filter is asked later, once for all of its changes.
func (f *Filter) note(p *place) {
	f.collector.inventory.looked++
	if _, known := f.dirty[p]; !known {
		f.dirty[p] = struct{}{}
		f.queue = append(f.queue, p)
	}
}

func (f *Filter) has(p *place) bool {
	if p.now == nil || !f.paths.asksFor(p.class) {
		return false
	}
	return f.objects[p.ref] || slices.ContainsFunc(f.views, func(v *View) bool { return v.has(p) })
}

// take tells of as many changed objects as there may be, and returns their updates.
func (f *Filter) take(limit int) (updates []update) {
	for len(f.queue) > 0 && len(updates) < limit {
		p := f.queue[0]
		f.queue = f.queue[1:]
		delete(f.dirty, p)
		f.collector.inventory.looked++
		if u, changed := f.look(p); changed {
			updates = append(updates, u)
		}
	}
	return updates
}

// look compares what an object is with what was told of it, and counts it as told.
func (f *Filter) look(p *place) (u update, changed bool) {
	before, known := f.told[p]
	has := f.has(p)
	u = update{ref: p.ref, now: p.now}
	switch {
	case has:
		f.told[p] = p.now
	case known:
		delete(f.told, p)
		u.kind = types.ObjectUpdateKindLeave
		return u, true
	default:
		return u, false
	}
	if !known {
		u.kind, u.paths = types.ObjectUpdateKindEnter, f.paths.of(p.class)
		return u, true
	}
	u.kind = types.ObjectUpdateKindModify
	for _, path := range f.paths.of(p.class) {
		if path.changed(before, p.now) {
			u.paths = append(u.paths, path)
		}
	}
	return u, len(u.paths) > 0
}

// update is what is to be told of one object: paths of a version, which are read once they are written to the wire.
type update struct {
	kind  types.ObjectUpdateKind
	ref   types.ManagedObjectReference
	now   any
	paths []path
}

func (u update) object() types.ObjectUpdate {
	o := types.ObjectUpdate{Kind: u.kind, Obj: u.ref}
	for _, p := range u.paths {
		v := read(u.now, p.name)
		if v == nil && u.kind == types.ObjectUpdateKindEnter {
			continue
		}
		o.ChangeSet = append(o.ChangeSet, types.PropertyChange{Name: p.name, Op: types.PropertyChangeOpAssign, Val: v})
	}
	return o
}
