package simulator

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// Inventory is where the virtual machines live, in the order of their names: what traffic is about.
func (s *Simulator) Inventory() traffic.Inventory { return s.places }

// Traffic makes events about the inventory, into the journal. The same seed makes the same events, where the inventory is
// the same.
func (s *Simulator) Traffic(seed uint64) *traffic.Producer {
	return traffic.New(seed, s.places, s.journal.AppendChains)
}

func newPlaces(r *simulator.Registry, i *inventory) traffic.Inventory {
	var all traffic.Inventory
	for _, vm := range virtualMachines(r) {
		all = append(all, newPlace(r, i, vm))
	}
	return all
}

func newPlace(r *simulator.Registry, i *inventory, vm *simulator.VirtualMachine) (p traffic.Place) {
	p.VM = types.VmEventArgument{EntityEventArgument: named(r, vm.Self), Vm: vm.Self}
	for _, ref := range append(i.ancestors(vm.Self), slices.Concat(vm.Datastore, vm.Network)...) {
		argument := named(r, ref)
		switch ref.Type {
		case "HostSystem":
			p.Host = types.HostEventArgument{EntityEventArgument: argument, Host: ref}
		case "ComputeResource", "ClusterComputeResource":
			p.ComputeResource = types.ComputeResourceEventArgument{EntityEventArgument: argument, ComputeResource: ref}
		case "Datacenter":
			p.Datacenter = types.DatacenterEventArgument{EntityEventArgument: argument, Datacenter: ref}
		case "Datastore":
			p.Datastore = types.DatastoreEventArgument{EntityEventArgument: argument, Datastore: ref}
		case "Network", "DistributedVirtualPortgroup":
			p.Network = &types.NetworkEventArgument{EntityEventArgument: argument, Network: ref}
		}
	}
	return p
}

func named(r *simulator.Registry, ref types.ManagedObjectReference) types.EntityEventArgument {
	switch o := r.Get(ref).(type) {
	case *simulator.DistributedVirtualPortgroup:
		return types.EntityEventArgument{Name: o.Name}
	case *mo.Network:
		return types.EntityEventArgument{Name: o.Name}
	case mo.Entity:
		return types.EntityEventArgument{Name: o.Entity().Name}
	}
	return types.EntityEventArgument{}
}
