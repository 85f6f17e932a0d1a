package simulator

import (
	"slices"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// inventory answers what lies above an object, out of vcsim's registry.
type inventory struct {
	registry *simulator.Registry
	root     types.ManagedObjectReference

	mu    sync.Mutex // guards the field below
	above map[types.ManagedObjectReference][]types.ManagedObjectReference
}

func newInventory(r *simulator.Registry, root types.ManagedObjectReference) *inventory {
	return &inventory{registry: r, root: root, above: map[types.ManagedObjectReference][]types.ManagedObjectReference{}}
}

// ancestors are all objects above one: its folders and its datacenter, and for a VM its host, pool and cluster too.
// They are looked up once; an object that is gone keeps those that it had, if it was asked for before.
func (i *inventory) ancestors(ref types.ManagedObjectReference) []types.ManagedObjectReference {
	i.mu.Lock()
	defer i.mu.Unlock()
	if known, ok := i.above[ref]; ok {
		return known
	}
	var all []types.ManagedObjectReference
	for next := i.parents(ref); len(next) > 0; next = next[1:] {
		if !slices.Contains(all, next[0]) {
			all = append(all, next[0])
			next = append(next, i.parents(next[0])...)
		}
	}
	if len(all) > 0 {
		i.above[ref] = all
	}
	return all
}

func (i *inventory) parents(ref types.ManagedObjectReference) (refs []types.ManagedObjectReference) {
	obj := i.registry.Get(ref)
	entity, ok := obj.(mo.Entity)
	if !ok {
		return nil
	}
	i.registry.WithLock(&simulator.Context{Map: i.registry}, obj, func() {
		if parent := entity.Entity().Parent; parent != nil {
			refs = append(refs, *parent)
		}
		if vm, ok := obj.(*simulator.VirtualMachine); ok {
			refs = append(refs, existing(vm.Runtime.Host, vm.ResourcePool)...)
		}
	})
	return refs
}

func existing(refs ...*types.ManagedObjectReference) (all []types.ManagedObjectReference) {
	for _, ref := range refs {
		if ref != nil {
			all = append(all, *ref)
		}
	}
	return all
}
