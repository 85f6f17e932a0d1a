package property

import (
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// Views finds the view of a session by its name; nil where there is none. In no session are any.
type Views func(types.ManagedObjectReference) *View

// paths are the properties that are asked for, by the class of an object.
type paths struct {
	specs []types.PropertySpec
	by    map[*class][]path
}

// newPaths checks what is asked for.
func newPaths(specs []types.PropertySpec) (*paths, error) {
	for _, spec := range specs {
		c, known := classes[spec.Type]
		if !known {
			return nil, invalidArgument("specSet.propSet.type")
		}
		for _, name := range spec.PathSet {
			if !c.knows(name) {
				return nil, invalidProperty(name)
			}
		}
	}
	return &paths{specs: specs, by: map[*class][]path{}}, nil
}

// of are the paths that are asked of a class, each once.
func (p *paths) of(c *class) []path {
	if known, ok := p.by[c]; ok {
		return known
	}
	var all []path
	for _, spec := range p.specs {
		if !c.is(spec.Type) {
			continue
		}
		names := spec.PathSet
		if spec.All != nil && *spec.All {
			names = c.properties()
		}
		for _, name := range names {
			if !slices.ContainsFunc(all, func(has path) bool { return has.name == name }) {
				all = append(all, c.path(name))
			}
		}
	}
	p.by[c] = all
	return all
}

// asksFor reports whether anything is asked of a class: an object of another is no part of the answer.
func (p *paths) asksFor(c *class) bool {
	return slices.ContainsFunc(p.specs, func(spec types.PropertySpec) bool { return c.is(spec.Type) })
}

// Concerns reports whether all objects that are asked for are of the inventory, or container views.
func (i *Inventory) Concerns(specs ...types.PropertyFilterSpec) bool {
	n := 0
	for _, spec := range specs {
		for _, o := range spec.ObjectSet {
			if o.Obj.Type != "ContainerView" && !i.Has(o.Obj) {
				return false
			}
			n++
		}
	}
	return n > 0
}

// overView reports whether a selection is the objects of a view, and nothing more.
func overView(o types.ObjectSpec) bool {
	if len(o.SelectSet) != 1 || o.Skip == nil || !*o.Skip {
		return false
	}
	t, ok := o.SelectSet[0].(*types.TraversalSpec)
	return ok && t.Path == "view" && len(t.SelectSet) == 0 && (t.Skip == nil || !*t.Skip)
}
