package simulator

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// builtVMs are the virtual machines of a cluster that vcsim creates itself, with two tasks of 20 ms each. The others are
// copies of these.
const builtVMs = 1

// populate fills up each cluster with copies of its virtual machines, and spreads them over its hosts: vcsim rolls dice,
// and the same settings should make the same inventory.
func populate(r *simulator.Registry, perCluster int) {
	ctx := &simulator.Context{Context: context.Background(), Map: r}
	placed := map[types.ManagedObjectReference]int{} // on the hosts of a cluster
	for _, vm := range virtualMachines(r) {
		cluster := clusterOf(r, vm)
		if cluster == nil {
			continue // on a stand-alone host
		}
		i := placed[cluster.Self]
		move(ctx, vm, cluster.Host[i%len(cluster.Host)])
		for i++; i >= builtVMs && i < perCluster; i++ {
			copyVM(ctx, vm, fmt.Sprintf("%s_RP0_VM%d", cluster.Name, i), cluster.Host[i%len(cluster.Host)])
		}
		placed[cluster.Self] = i
	}
}

// virtualMachines are all there are, by name.
func virtualMachines(r *simulator.Registry) (all []*simulator.VirtualMachine) {
	for _, entity := range r.All("VirtualMachine") {
		all = append(all, entity.(*simulator.VirtualMachine))
	}
	slices.SortFunc(all, func(a, b *simulator.VirtualMachine) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

func clusterOf(r *simulator.Registry, vm *simulator.VirtualMachine) *simulator.ClusterComputeResource {
	pool, ok := r.Get(*vm.ResourcePool).(*simulator.ResourcePool)
	if !ok {
		return nil
	}
	cluster, _ := r.Get(pool.Owner).(*simulator.ClusterComputeResource)
	return cluster
}

// move puts a virtual machine on another host.
func move(ctx *simulator.Context, vm *simulator.VirtualMachine, host types.ManagedObjectReference) {
	r := ctx.Map
	from, to := r.Get(*vm.Runtime.Host).(*simulator.HostSystem), r.Get(host).(*simulator.HostSystem)
	r.RemoveReference(ctx, from, &from.Vm, vm.Self)
	r.AppendReference(ctx, to, &to.Vm, vm.Self)
	vm.Runtime.Host, vm.Summary.Runtime.Host = &host, &host
}

// copyVM makes a virtual machine like another, under another name and on a host of the same cluster.
func copyVM(ctx *simulator.Context, template *simulator.VirtualMachine, name string, host types.ManagedObjectReference) {
	r := ctx.Map
	vm := &simulator.VirtualMachine{VirtualMachine: *simulator.Checkpoint(template).(*mo.VirtualMachine)}
	r.NewEntity(vm)
	vm.Name, vm.Config.Name, vm.Summary.Config.Name = name, name, name
	vm.Config.Uuid, vm.Config.InstanceUuid = uuid.NewString(), uuid.NewString()
	vm.Summary.Config.Uuid, vm.Summary.Config.InstanceUuid = vm.Config.Uuid, vm.Config.InstanceUuid
	vm.Summary.Vm, vm.Runtime.Host, vm.Summary.Runtime.Host = &vm.Self, &host, &host

	folder := r.Get(*vm.Parent).(*simulator.Folder)
	r.PutEntity(folder, vm)
	r.AppendReference(ctx, folder, &folder.ChildEntity, vm.Self)
	pool := r.Get(*vm.ResourcePool).(*simulator.ResourcePool)
	r.AppendReference(ctx, pool, &pool.Vm, vm.Self)
	on := r.Get(host).(*simulator.HostSystem)
	r.AppendReference(ctx, on, &on.Vm, vm.Self)
	for _, ref := range vm.Datastore {
		store := r.Get(ref).(*simulator.Datastore)
		r.AppendReference(ctx, store, &store.Vm, vm.Self)
	}
	for _, ref := range vm.Network {
		if network, ok := r.Get(ref).(*simulator.DistributedVirtualPortgroup); ok {
			r.AppendReference(ctx, network, &network.Vm, vm.Self)
		}
	}
}
