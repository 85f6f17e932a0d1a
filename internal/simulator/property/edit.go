package property

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// edit is one change of the inventory: all of it is seen at once.
type edit struct {
	*Inventory
	touched []*place
	drafts  map[*place]any // the next versions
}

// edit makes a change.
func (i *Inventory) edit(do func(*edit)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	e := &edit{Inventory: i, drafts: map[*place]any{}}
	do(e)
	for _, p := range e.touched {
		p.now = e.drafts[p]
		i.looked++
		for f := range i.filters {
			f.note(p)
		}
	}
	i.sweep()
	if len(e.touched) > 0 {
		close(i.changed)
		i.changed = make(chan struct{})
	}
}

func (e *edit) draft(p *place, version any) {
	if _, known := e.drafts[p]; !known {
		e.touched = append(e.touched, p)
	}
	e.drafts[p] = version
}

// of is the next version of an object, to be changed. It shares all that pointers and lists hold with the one before: what
// is behind them must be replaced, and not changed.
func of[T any](e *edit, ref types.ManagedObjectReference) *T {
	p := e.places[ref]
	if draft, ok := e.drafts[p]; ok {
		return draft.(*T)
	}
	next := *p.now.(*T)
	e.draft(p, &next)
	return &next
}

// version is what is at a place after what was changed so far.
func (e *edit) version(ref types.ManagedObjectReference) any {
	if draft := e.drafts[e.places[ref]]; draft != nil {
		return draft
	}
	return e.Inventory.version(ref)
}

// name is a new name for an object: group-v17.
func (e *edit) name(class, prefix string) types.ManagedObjectReference {
	e.serial++
	return types.ManagedObjectReference{Type: class, Value: fmt.Sprintf("%s%d", prefix, e.serial)}
}

// add adds an object.
func (e *edit) add(o mo.Reference) {
	ref := o.Reference()
	p := &place{ref: ref, class: classes[ref.Type]}
	e.places[ref] = p
	e.all = append(e.all, p)
	e.draft(p, o)
}

// remove takes an object out. Who names it is to be changed too.
func (e *edit) remove(ref types.ManagedObjectReference) {
	p := e.places[ref]
	p.last = p.now
	e.empty++
	e.draft(p, nil)
}

// list adds a virtual machine to all that lists it. What was seen of a list is not touched: it ends before the new one.
func (e *edit) list(vm *mo.VirtualMachine) {
	folder, host := of[mo.Folder](e, *vm.Parent), of[mo.HostSystem](e, *vm.Runtime.Host)
	folder.ChildEntity, host.Vm = append(folder.ChildEntity, vm.Self), append(host.Vm, vm.Self)
	if vm.ResourcePool != nil {
		pool := of[mo.ResourcePool](e, *vm.ResourcePool)
		pool.Vm = append(pool.Vm, vm.Self)
	}
	for _, ref := range vm.Datastore {
		ds := of[mo.Datastore](e, ref)
		ds.Vm = append(ds.Vm, vm.Self)
	}
	for _, ref := range vm.Network {
		network := of[mo.DistributedVirtualPortgroup](e, ref)
		network.Vm = append(network.Vm, vm.Self)
	}
}

// unlist takes a virtual machine from all that lists it.
func (e *edit) unlist(vm *mo.VirtualMachine) {
	folder, host := of[mo.Folder](e, *vm.Parent), of[mo.HostSystem](e, *vm.Runtime.Host)
	folder.ChildEntity, host.Vm = without(folder.ChildEntity, vm.Self), without(host.Vm, vm.Self)
	if vm.ResourcePool != nil {
		pool := of[mo.ResourcePool](e, *vm.ResourcePool)
		pool.Vm = without(pool.Vm, vm.Self)
	}
	for _, ref := range vm.Datastore {
		ds := of[mo.Datastore](e, ref)
		ds.Vm = without(ds.Vm, vm.Self)
	}
	for _, ref := range vm.Network {
		network := of[mo.DistributedVirtualPortgroup](e, ref)
		network.Vm = without(network.Vm, vm.Self)
	}
}

// without is a list without one of it. The list that was is left as it is.
func without(refs []types.ManagedObjectReference, one types.ManagedObjectReference) []types.ManagedObjectReference {
	rest := make([]types.ManagedObjectReference, 0, len(refs))
	for _, ref := range refs {
		if ref != one {
			rest = append(rest, ref)
		}
	}
	return rest
}
