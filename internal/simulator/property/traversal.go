package property

import "github.com/vmware/govmomi/vim25/types"

// traversal walks from object to object as a filter says.
type traversal struct {
	*Inventory
	views Views
	paths *paths
	named map[string]*types.TraversalSpec
	seen  map[types.ManagedObjectReference]bool
	found []found
}

func (t *traversal) begin(o types.ObjectSpec) error {
	if t.views == nil {
		t.missing(o.Obj)
		return nil
	}
	c, version := t.look(o.Obj)
	if version == nil {
		return notFound(o.Obj)
	}
	if o.Skip == nil || !*o.Skip {
		t.take(o.Obj, c, version)
	}
	t.named = map[string]*types.TraversalSpec{}
	t.name(o.SelectSet)
	t.walk(c, version, o.SelectSet, 0)
	return nil
}

// name finds the traversals that have names: others may name them before they stand there themselves.
func (t *traversal) name(set []types.BaseSelectionSpec) {
	for _, selection := range set {
		if spec, ok := selection.(*types.TraversalSpec); ok {
			t.named[spec.Name] = spec
			t.name(spec.SelectSet)
		}
	}
}

// missing is what somebody sees of an object who is nobody.
func (t *traversal) missing(ref types.ManagedObjectReference) {
	asked := t.paths.of(classes[ref.Type])
	if len(asked) == 0 {
		asked = []path{{name: "view"}}
	}
	t.found = append(t.found, found{ref: ref, paths: asked})
}

// look finds an object, or a view.
func (t *traversal) look(ref types.ManagedObjectReference) (*class, any) {
	if v := t.views(ref); v != nil {
		return classes["ContainerView"], v.object(ref)
	}
	t.looked++
	p := t.places[ref]
	if p == nil {
		return nil, nil
	}
	return p.class, p.now
}

func (t *traversal) take(ref types.ManagedObjectReference, c *class, version any) {
	if t.seen[ref] || !t.paths.asksFor(c) {
		return
	}
	t.seen[ref] = true
	t.found = append(t.found, found{ref, version, t.paths.of(c)})
}

// deepest bounds a traversal that goes in circles, up and down again.
const deepest = 64

func (t *traversal) walk(c *class, version any, set []types.BaseSelectionSpec, depth int) {
	if depth > deepest {
		return
	}
	for _, selection := range set {
		spec := t.resolve(selection)
		if spec == nil || !c.is(spec.Type) && (spec.Type != "ManagedObjectView" || c.name != "ContainerView") {
			continue
		}
		for _, ref := range references(version, spec.Path) {
			if of, next := t.look(ref); next != nil {
				if spec.Skip == nil || !*spec.Skip {
					t.take(ref, of, next)
				}
				t.walk(of, next, spec.SelectSet, depth+1)
			}
		}
	}
}

// resolve finds the traversal that a selection is, or names.
func (t *traversal) resolve(selection types.BaseSelectionSpec) *types.TraversalSpec {
	if spec, ok := selection.(*types.TraversalSpec); ok {
		return spec
	}
	return t.named[selection.GetSelectionSpec().Name]
}
