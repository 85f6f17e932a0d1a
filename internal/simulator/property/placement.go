package property

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// These are the scripts in which virtual machines come, go, and change their hosts.

// vmotion moves a virtual machine to another host of its cluster, where there is one.
func (s *scene) vmotion(vm *mo.VirtualMachine) {
	from, to := s.where(vm), s.neighbour(vm)
	if to == nil {
		return
	}
	s.settleOn(vm, to.Self)
	at := s.where(vm)
	being := &types.VmBeingHotMigratedEvent{DestHost: at.Host, DestDatacenter: &at.Datacenter, DestDatastore: &at.Datastore}
	s.tell(from, being, "Migrating %s from %s, %s to %s, %s in %s",
		vm.Name, from.Host.Name, from.Datastore.Name, at.Host.Name, at.Datastore.Name, at.Datacenter.Name)
	done := &types.VmMigratedEvent{SourceHost: from.Host, SourceDatacenter: &from.Datacenter, SourceDatastore: &from.Datastore}
	s.and(at, done, "Virtual machine %s migrated from %s, %s in %s to %s, %s in %s",
		vm.Name, from.Host.Name, from.Datastore.Name, from.Datacenter.Name, at.Host.Name, at.Datastore.Name, at.Datacenter.Name)
}

// neighbour is another host of the same cluster that works.
func (s *scene) neighbour(vm *mo.VirtualMachine) *mo.HostSystem {
	host := s.version(*vm.Runtime.Host).(*mo.HostSystem)
	cluster := s.version(*host.Parent).(*mo.ClusterComputeResource)
	return other(s, cluster.Host, func(h *mo.HostSystem) bool { return h.Self != host.Self && works(h) })
}

func works(h *mo.HostSystem) bool {
	return h.Runtime.ConnectionState == types.HostSystemConnectionStateConnected && !h.Runtime.InMaintenanceMode
}

func (s *scene) settleOn(vm *mo.VirtualMachine, host types.ManagedObjectReference) {
	from, to := of[mo.HostSystem](s.edit, *vm.Runtime.Host), of[mo.HostSystem](s.edit, host)
	from.Vm, to.Vm = without(from.Vm, vm.Self), append(to.Vm, vm.Self)
	vm.Runtime.Host = &host
	summarize(vm)
}

// clone makes virtual machines like others, beside them.
func (s *scene) clone(n int) {
	sources := pick(s, "VirtualMachine", n, func(vm *mo.VirtualMachine) bool { return vm.ResourcePool != nil && inUse(vm) })
	s.moved = nil
	for _, ref := range sources {
		source := s.version(ref).(*mo.VirtualMachine)
		self := s.edit.name("VirtualMachine", "vm-")
		vm := newVM(self, fmt.Sprintf("clone-%d", s.serial), s.serial, home{
			folder: *source.Parent, host: *source.Runtime.Host, pool: source.ResourcePool,
			datastore: source.Datastore[0], network: source.Network[0],
		})
		s.add(vm)
		s.list(vm)
		s.moved = append(s.moved, self)
		s.cloned(source, vm)
	}
}

func (s *scene) cloned(source, vm *mo.VirtualMachine) {
	from, at := s.where(source), s.where(vm)
	being := &types.VmBeingClonedEvent{DestName: vm.Name, DestHost: at.Host}
	being.DestFolder = types.FolderEventArgument{EntityEventArgument: s.named(*vm.Parent), Folder: *vm.Parent}
	s.tell(from, being, "Cloning %s on host %s in %s to %s on host %s",
		source.Name, from.Host.Name, from.Datacenter.Name, vm.Name, at.Host.Name)
	s.and(at, &types.VmClonedEvent{SourceVm: from.VM}, "Clone of %s completed", source.Name)
}

func (s *scene) delete(vm *mo.VirtualMachine) {
	at := s.where(vm)
	s.setAlarms(vm, nil)
	s.unlist(vm)
	s.remove(vm.Self)
	s.tagging.forget(vm.Self)
	s.tell(at, &types.VmRemovedEvent{}, "Removed %s on %s from %s", vm.Name, at.Host.Name, at.Datacenter.Name)
}

// hostFailure loses hosts, and with them all that runs there.
func (s *scene) hostFailure(n int) {
	for _, ref := range pick(s, "HostSystem", n, works) {
		host := of[mo.HostSystem](s.edit, ref)
		s.setHost(host, types.HostSystemConnectionStateNotResponding, types.HostSystemPowerStateUnknown, -1)
		for _, vm := range host.Vm {
			vm := of[mo.VirtualMachine](s.edit, vm)
			vm.Runtime.ConnectionState = types.VirtualMachineConnectionStateDisconnected
			summarize(vm)
		}
		at := s.around(&ref)
		s.tell(at, &types.HostConnectionLostEvent{}, "Host %s in %s is not responding", at.Host.Name, at.Datacenter.Name)
		s.and(at, &types.EventEx{
			EventTypeId: "com.vmware.vc.HA.DasHostFailedEvent", Severity: "error",
			ObjectId: ref.Value, ObjectType: ref.Type, ObjectName: at.Host.Name,
		}, "vSphere HA detected a possible host failure of host %s in cluster %s in datacenter %s",
			at.Host.Name, at.ComputeResource.Name, at.Datacenter.Name)
	}
}

// restart lets what ran on the lost hosts run elsewhere. What was switched off stays where it is.
func (s *scene) restart(int) {
	for _, ref := range s.moved {
		for _, vm := range s.version(ref).(*mo.HostSystem).Vm {
			if isOn(s.version(vm).(*mo.VirtualMachine)) {
				s.restartElsewhere(of[mo.VirtualMachine](s.edit, vm))
			}
		}
	}
}

func (s *scene) restartElsewhere(vm *mo.VirtualMachine) {
	from, to := s.where(vm), s.neighbour(vm)
	if to == nil {
		return
	}
	vm.Runtime.ConnectionState = types.VirtualMachineConnectionStateConnected
	s.settleOn(vm, to.Self)
	setPower(vm, types.VirtualMachinePowerStatePoweredOn, s.now)
	at := s.where(vm)
	s.tell(at, &types.VmRestartedOnAlternateHostEvent{SourceHost: from.Host},
		"Virtual machine %s was restarted on %s since %s failed", vm.Name, at.Host.Name, from.Host.Name)
}

// hostRecovery brings lost hosts back.
func (s *scene) hostRecovery(n int) {
	lost := func(h *mo.HostSystem) bool {
		return h.Runtime.ConnectionState == types.HostSystemConnectionStateNotResponding
	}
	for _, ref := range pick(s, "HostSystem", n, lost) {
		host := of[mo.HostSystem](s.edit, ref)
		s.setHost(host, types.HostSystemConnectionStateConnected, types.HostSystemPowerStatePoweredOn, +1)
		for _, vm := range host.Vm {
			vm := of[mo.VirtualMachine](s.edit, vm)
			vm.Runtime.ConnectionState = types.VirtualMachineConnectionStateConnected
			summarize(vm)
		}
		at := s.around(&ref)
		s.tell(at, &types.HostConnectedEvent{}, "Connected to %s in %s", at.Host.Name, at.Datacenter.Name)
	}
}

// setHost changes the state of a host, and what its cluster has to offer.
func (s *scene) setHost(h *mo.HostSystem, connection types.HostSystemConnectionState, power types.HostSystemPowerState, more int32) {
	h.Runtime.ConnectionState, h.Runtime.PowerState = connection, power
	runtime := h.Runtime
	h.Summary.Runtime = &runtime
	cluster := of[mo.ClusterComputeResource](s.edit, *h.Parent)
	summary := *cluster.Summary.(*types.ClusterComputeResourceSummary)
	summary.NumEffectiveHosts += more
	summary.EffectiveCpu += more * hostCores * hostMHz
	summary.EffectiveMemory += int64(more) * hostMemory >> 20
	cluster.Summary = &summary
}
