package property

import (
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// View is a container view. Nothing of it has to be destroyed: what is in it is found when somebody looks.
type View struct {
	inventory *Inventory
	container types.ManagedObjectReference
	types     []string // none: every entity
	recursive bool
}

// NewView makes a container view.
func (i *Inventory) NewView(container types.ManagedObjectReference, of []string, recursive bool) (*View, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.places[container]; p == nil || p.now == nil {
		return nil, notFound(container)
	}
	switch container.Type {
	case "Folder", "Datacenter", "ComputeResource", "ClusterComputeResource", "ResourcePool", "HostSystem", "VirtualApp":
	default:
		return nil, invalidArgument("container")
	}
	for _, name := range of {
		if !isEntity(name) {
			return nil, invalidArgument("type")
		}
	}
	return &View{inventory: i, container: container, types: of, recursive: recursive}, nil
}

// has reports whether an object is in the view.
func (v *View) has(p *place) bool {
	if p.now == nil || !p.class.is("ManagedEntity") || !v.wants(p.class) {
		return false
	}
	return v.above(p.ref)
}

func (v *View) wants(c *class) bool {
	for _, name := range v.types {
		if c.is(name) {
			return true
		}
	}
	return len(v.types) == 0
}

// above reports whether the container is above an object.
func (v *View) above(ref types.ManagedObjectReference) bool {
	for _, parent := range v.inventory.above(ref) {
		if parent == v.container || v.recursive && v.above(parent) {
			return true
		}
	}
	return false
}

// members are the objects in the view, by age.
func (v *View) members() (all []*place) {
	for p := range v.inventory.living {
		if v.has(p) {
			all = append(all, p)
		}
	}
	return all
}

// object is the view as a property collector reads it.
func (v *View) object(self types.ManagedObjectReference) *mo.ContainerView {
	o := &mo.ContainerView{Container: v.container, Type: v.types, Recursive: v.recursive}
	o.Self = self
	for _, p := range v.members() {
		o.View = append(o.View, p.ref)
	}
	return o
}
