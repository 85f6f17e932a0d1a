package property

import (
	"github.com/vmware/govmomi/vim25/types"
)

// MostObjects are the objects in one answer, whatever a client wants.
const MostObjects = 1000

// Reading is what one RetrievePropertiesEx found: objects as they were at that moment.
type Reading struct {
	objects []found
}

// found is a version of an object, and the paths that it is asked for. Without a session there is no version.
type found struct {
	ref   types.ManagedObjectReference
	now   any
	paths []path
}

// Len is how many objects are left.
func (r *Reading) Len() int { return len(r.objects) }

// Next takes objects off, in the form of the wire.
func (r *Reading) Next(limit int) []types.ObjectContent {
	n := len(r.objects)
	if limit > 0 {
		n = min(n, limit)
	}
	all := make([]types.ObjectContent, n)
	for at, f := range r.objects[:n] {
		all[at] = f.content()
	}
	r.objects = r.objects[n:]
	return all
}

func (f found) content() types.ObjectContent {
	c := types.ObjectContent{Obj: f.ref}
	for _, p := range f.paths {
		if f.now == nil {
			c.MissingSet = append(c.MissingSet, types.MissingProperty{
				Path: p.name, Fault: types.LocalizedMethodFault{Fault: notAuthenticated(f.ref)},
			})
			continue
		}
		if v := read(f.now, p.name); v != nil {
			c.PropSet = append(c.PropSet, types.DynamicProperty{Name: p.name, Val: v})
		}
	}
	return c
}

// Read finds the objects that are asked for. A client without a session, whose views are nil, learns of each object that it
// names that its properties are missing.
func (i *Inventory) Read(specs []types.PropertyFilterSpec, views Views) (*Reading, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := &Reading{}
	for _, spec := range specs {
		asked, err := newPaths(spec.PropSet)
		if err != nil {
			return nil, err
		}
		t := &traversal{Inventory: i, views: views, paths: asked, seen: map[types.ManagedObjectReference]bool{}}
		for _, o := range spec.ObjectSet {
			if err := t.begin(o); err != nil {
				return nil, err
			}
		}
		r.objects = append(r.objects, t.found...)
	}
	return r, nil
}
