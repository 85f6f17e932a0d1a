package property

import (
	"slices"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// These change a version of a virtual machine that nobody has seen yet. What it shares with another is replaced.

func setPower(vm *mo.VirtualMachine, to types.VirtualMachinePowerState, at time.Time) {
	guest := *vm.Guest
	vm.Runtime.PowerState, vm.Runtime.BootTime = to, nil
	guest.GuestState, guest.ToolsRunningStatus, guest.ToolsStatus = "notRunning", "guestToolsNotRunning", types.VirtualMachineToolsStatusToolsNotRunning
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	vm.Summary.QuickStats = types.VirtualMachineQuickStats{}
	if to == types.VirtualMachinePowerStatePoweredOn {
		vm.Runtime.BootTime = &at
		guest.GuestState, guest.ToolsRunningStatus, guest.ToolsStatus = "running", "guestToolsRunning", types.VirtualMachineToolsStatusToolsOk
		vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	}
	vm.Guest = &guest
	summarize(vm)
}

func isOn(vm *mo.VirtualMachine) bool {
	return vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
}

func makeTemplate(vm *mo.VirtualMachine) {
	vm.ResourcePool = nil
	vm.Config.Template = true
	setPower(vm, types.VirtualMachinePowerStatePoweredOff, begun)
}

func setName(vm *mo.VirtualMachine, name string) {
	config := *vm.Config
	vm.Name, config.Name = name, name
	vm.Config = &config
	summarize(vm)
}

// reconfigure changes the configuration, as change does with a copy of it.
func reconfigure(vm *mo.VirtualMachine, at time.Time, change func(*types.VirtualMachineConfigInfo)) {
	config := *vm.Config
	config.Hardware.Device = slices.Clone(config.Hardware.Device)
	config.Modified, config.ChangeVersion = at, at.Format(time.RFC3339Nano)
	change(&config)
	vm.Config = &config
	summarize(vm)
}

func setAddress(vm *mo.VirtualMachine, address string) {
	guest := *vm.Guest
	guest.Net = slices.Clone(guest.Net)
	guest.IpAddress = address
	guest.Net[0].IpAddress = []string{address}
	vm.Guest = &guest
	summarize(vm)
}

func setCustomValue(vm *mo.VirtualMachine, key int32, value string) {
	values := slices.DeleteFunc(slices.Clone(vm.CustomValue), func(v types.BaseCustomFieldValue) bool {
		return v.GetCustomFieldValue().Key == key
	})
	vm.CustomValue = append(values, customValue(key, value))
	vm.Value = vm.CustomValue
	summarize(vm)
}

// addSnapshot adds a snapshot below the current one.
func addSnapshot(vm *mo.VirtualMachine, ref types.ManagedObjectReference, name string, at time.Time) {
	node := types.VirtualMachineSnapshotTree{
		Snapshot: ref, Vm: vm.Self, Name: name, Description: "made by a script", CreateTime: at, State: vm.Runtime.PowerState,
		Id: int32(len(vm.RootSnapshot) + 1),
	}
	tree := types.VirtualMachineSnapshotInfo{CurrentSnapshot: &ref}
	if vm.Snapshot != nil {
		tree.RootSnapshotList = below(vm.Snapshot.RootSnapshotList, vm.Snapshot.CurrentSnapshot, node)
	} else {
		tree.RootSnapshotList = []types.VirtualMachineSnapshotTree{node}
		vm.RootSnapshot = []types.ManagedObjectReference{ref}
	}
	vm.Snapshot = &tree
}

// below is a tree with one more node, below another.
func below(nodes []types.VirtualMachineSnapshotTree, parent *types.ManagedObjectReference, node types.VirtualMachineSnapshotTree) []types.VirtualMachineSnapshotTree {
	nodes = slices.Clone(nodes)
	for k := range nodes {
		children := nodes[k].ChildSnapshotList
		if nodes[k].Snapshot == *parent {
			nodes[k].ChildSnapshotList = append(slices.Clone(children), node)
		} else {
			nodes[k].ChildSnapshotList = below(children, parent, node)
		}
	}
	return nodes
}

// removeSnapshot takes the newest snapshot away, and reports whether there was one.
func removeSnapshot(vm *mo.VirtualMachine) bool {
	if vm.Snapshot == nil {
		return false
	}
	roots, parent := trimmed(vm.Snapshot.RootSnapshotList, nil)
	if len(roots) == 0 {
		vm.Snapshot, vm.RootSnapshot = nil, nil
		return true
	}
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{CurrentSnapshot: parent, RootSnapshotList: roots}
	return true
}

// trimmed is a tree without the last leaf of its last branch, and what was above that.
func trimmed(nodes []types.VirtualMachineSnapshotTree, above *types.ManagedObjectReference) ([]types.VirtualMachineSnapshotTree, *types.ManagedObjectReference) {
	nodes = slices.Clone(nodes)
	last := &nodes[len(nodes)-1]
	if len(last.ChildSnapshotList) == 0 {
		return nodes[:len(nodes)-1], above
	}
	ref := last.Snapshot
	last.ChildSnapshotList, above = trimmed(last.ChildSnapshotList, &ref)
	return nodes, above
}
