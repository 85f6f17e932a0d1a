package property

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// script is what can be played: its steps, each of which is seen at once, and what it counts.
type script struct {
	of    string
	steps []func(*scene, int)
}

var scripts map[string]script

func init() {
	scripts = map[string]script{
		"storm":         {"vms", step((*scene).storm)},
		"power":         {"vms", machines((*scene).power)},
		"reconfigure":   {"vms", machines((*scene).reconfigure)},
		"address":       {"vms", machines((*scene).address)},
		"rename":        {"vms", machines((*scene).rename)},
		"move":          {"vms", machines((*scene).move)},
		"vmotion":       {"vms", machines((*scene).vmotion)},
		"clone":         {"vms", step((*scene).clone)},
		"delete":        {"vms", machines((*scene).delete)},
		"snapshot":      {"vms", machines((*scene).snapshot)},
		"unsnapshot":    {"vms", step((*scene).unsnapshot)},
		"attribute":     {"vms", machines((*scene).attribute)},
		"tag":           {"vms", machines((*scene).tag)},
		"untag":         {"vms", step((*scene).untag)},
		"quickstats":    {"vms", machines((*scene).quickStats)},
		"grow":          {"vms", machines((*scene).grow)},
		"alarm":         {"vms", machines((*scene).alarm)},
		"host-failure":  {"hosts", step((*scene).hostFailure, (*scene).restart)},
		"host-recovery": {"hosts", step((*scene).hostRecovery)},
		"maintenance":   {"hosts", step((*scene).maintenance)},
		"fill":          {"datastores", step((*scene).fill)},

		"rename-datastore": {"datastores", step((*scene).renameDatastore)},
		"rename-folder":    {"folders", step((*scene).renameFolder)},
		"define":           {"attributes", step((*scene).define)},
	}
}

// Scripts are the names of what Play can play, with what each counts: vms, hosts, datastores, folders or attributes.
func Scripts() map[string]string {
	names := map[string]string{}
	for name, s := range scripts {
		names[name] = s.of
	}
	return names
}

func step(steps ...func(*scene, int)) []func(*scene, int) { return steps }

// machines is a step in which the same happens to each of some virtual machines.
func machines(do func(*scene, *mo.VirtualMachine)) []func(*scene, int) {
	return step(func(s *scene, n int) {
		for _, ref := range pick(s, "VirtualMachine", n, inUse) {
			do(s, of[mo.VirtualMachine](s.edit, ref))
		}
	})
}

// inUse are virtual machines to which something happens: no templates, and none on a host that is lost.
func inUse(vm *mo.VirtualMachine) bool {
	return !vm.Config.Template && vm.Runtime.ConnectionState == types.VirtualMachineConnectionStateConnected
}

// weather is what can happen in a storm.
var weather = []func(*scene, *mo.VirtualMachine){
	(*scene).power, (*scene).reconfigure, (*scene).address, (*scene).rename, (*scene).move, (*scene).vmotion, (*scene).snapshot,
	(*scene).attribute,
}

// storm lets something happen to each.
func (s *scene) storm(n int) {
	for _, ref := range pick(s, "VirtualMachine", n, inUse) {
		weather[s.random.IntN(len(weather))](s, of[mo.VirtualMachine](s.edit, ref))
	}
}

func (s *scene) power(vm *mo.VirtualMachine) {
	at := s.where(vm)
	if isOn(vm) {
		setPower(vm, types.VirtualMachinePowerStatePoweredOff, s.now)
		s.tell(at, &types.VmStoppingEvent{}, "%s on %s in %s is stopping", at.VM.Name, at.Host.Name, at.Datacenter.Name)
		s.and(at, &types.VmPoweredOffEvent{}, "%s on %s in %s is powered off", at.VM.Name, at.Host.Name, at.Datacenter.Name)
		return
	}
	setPower(vm, types.VirtualMachinePowerStatePoweredOn, s.now)
	s.tell(at, &types.VmStartingEvent{}, "%s on host %s in %s is starting", at.VM.Name, at.Host.Name, at.Datacenter.Name)
	s.and(at, &types.VmPoweredOnEvent{}, "%s on %s in %s has powered on", at.VM.Name, at.Host.Name, at.Datacenter.Name)
}

// reconfigure gives more memory, or another disk.
func (s *scene) reconfigure(vm *mo.VirtualMachine) {
	what, before := "", vm.Config.Hardware.MemoryMB
	reconfigure(vm, s.now, func(c *types.VirtualMachineConfigInfo) {
		disks := countDisks(c.Hardware.Device)
		if s.random.IntN(2) == 0 && disks < 8 {
			c.Hardware.Device = append(c.Hardware.Device, newDisk(vm.Name, disks, 10<<20, vm.Datastore[0]))
			what = fmt.Sprintf("config.hardware.device(%d): added", 2000+disks)
			return
		}
		c.Hardware.MemoryMB = 1024 * (before/1024%256 + 1)
		what = fmt.Sprintf("config.hardware.memoryMB: %d -> %d", before, c.Hardware.MemoryMB)
	})
	at := s.where(vm)
	e := &types.VmReconfiguredEvent{ConfigChanges: &types.ChangesInfoEventArgument{Modified: what + "; \n\n"}}
	e.ConfigSpec = types.VirtualMachineConfigSpec{MemoryMB: int64(vm.Config.Hardware.MemoryMB), NumCPUs: vm.Config.Hardware.NumCPU}
	s.tell(at, e, "Reconfigured %s on %s in %s. \n \nModified:  \n \n%s; \n\n Added:  \n \n Deleted:  \n \n",
		at.VM.Name, at.Host.Name, at.Datacenter.Name, what)
}

// address gives an IP address that no other one has or had, which is no event. By chance it would be the same now and then.
func (s *scene) address(vm *mo.VirtualMachine) {
	s.serial++
	setAddress(vm, fmt.Sprintf("10.%d.%d.%d", 200+s.serial>>16, s.serial>>8&255, s.serial&255))
}

func (s *scene) rename(vm *mo.VirtualMachine) {
	before := vm.Name
	s.serial++
	setName(vm, fmt.Sprintf("renamed-%d", s.serial))
	at := s.where(vm)
	s.tell(at, &types.VmRenamedEvent{OldName: before, NewName: vm.Name},
		"Renamed %s from %s to %s in %s", vm.Name, before, vm.Name, at.Datacenter.Name)
}

// move puts a virtual machine into another folder, which is a task and no more.
func (s *scene) move(vm *mo.VirtualMachine) {
	to := other(s, s.folders, func(f *mo.Folder) bool { return f.Self != *vm.Parent })
	if to == nil {
		return
	}
	alarms := vm.TriggeredAlarmState
	s.setAlarms(vm, nil)
	s.unlist(vm)
	self := to.Self
	vm.Parent = &self
	s.list(vm)
	s.setAlarms(vm, alarms)
	s.task(s.where(vm), "Folder.moveInto", "Move entities")
}

func (s *scene) snapshot(vm *mo.VirtualMachine) {
	addSnapshot(vm, s.edit.name("VirtualMachineSnapshot", "snapshot-"), "snapshot of "+s.now.Format(time.DateTime), s.now)
	s.task(s.where(vm), "VirtualMachine.createSnapshot", "Create virtual machine snapshot")
}

func (s *scene) unsnapshot(n int) {
	for _, ref := range pick(s, "VirtualMachine", n, func(vm *mo.VirtualMachine) bool { return vm.Snapshot != nil }) {
		vm := of[mo.VirtualMachine](s.edit, ref)
		removeSnapshot(vm)
		s.task(s.where(vm), "vm.Snapshot.remove", "Remove snapshot")
	}
}

func (s *scene) attribute(vm *mo.VirtualMachine) {
	fields := s.version(s.settings.Attributes).(*mo.CustomFieldsManager).Field
	field, value := fields[s.random.IntN(len(fields))], fmt.Sprintf("value-%d", s.random.IntN(1_000_000))
	setCustomValue(vm, field.Key, value)
	at := s.where(vm)
	e := &types.CustomFieldValueChangedEvent{FieldKey: field.Key, Name: field.Name, Value: value}
	e.Entity = types.ManagedEntityEventArgument{EntityEventArgument: at.VM.EntityEventArgument, Entity: vm.Self}
	s.tell(at, e, "Changed custom field %s on %s in %s to %s", field.Name, vm.Name, at.Datacenter.Name, value)
}

// fill changes how much space there is on datastores.
func (s *scene) fill(n int) {
	for _, ref := range pick(s, "Datastore", n, func(*mo.Datastore) bool { return true }) {
		ds := of[mo.Datastore](s.edit, ref)
		ds.Summary.FreeSpace = s.random.Int64N(ds.Summary.Capacity)
	}
}

// alarm goes off, or ends: an event, and a state that is not pushed.
func (s *scene) alarm(vm *mo.VirtualMachine) {
	from, to := types.ManagedEntityStatusGreen, types.ManagedEntityStatusRed
	if len(vm.TriggeredAlarmState) > 0 {
		from, to = to, from
	}
	var states []types.AlarmState
	if to == types.ManagedEntityStatusRed {
		states = []types.AlarmState{{
			Key: cpuAlarm.Value + "." + vm.Self.Value, Entity: vm.Self, Alarm: cpuAlarm, OverallStatus: to, Time: s.now, Acknowledged: no,
		}}
	}
	s.setAlarms(vm, states)
	vm.OverallStatus, vm.Summary.OverallStatus = to, to
	at := s.where(vm)
	e := &types.AlarmStatusChangedEvent{From: string(from), To: string(to)}
	e.Alarm = types.AlarmEventArgument{EntityEventArgument: types.EntityEventArgument{Name: "Virtual machine CPU usage"}, Alarm: cpuAlarm}
	e.Entity = types.ManagedEntityEventArgument{EntityEventArgument: at.VM.EntityEventArgument, Entity: vm.Self}
	e.Source = types.ManagedEntityEventArgument{EntityEventArgument: s.named(s.settings.Root), Entity: s.settings.Root}
	s.tell(at, e, "Alarm 'Virtual machine CPU usage' on %s changed from %s to %s", vm.Name, from, to)
}
