package property

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// alarmNames are the definitions of alarms: alarm-1, alarm-2 …
var alarmNames = []string{
	"Host connection and power state", "No compatible host for Secondary VM", "Host CPU usage", "Host memory usage",
	"Datastore usage on disk", "Virtual machine CPU usage", "Virtual machine memory usage",
}

// cpuAlarm is the one that goes off.
var cpuAlarm = types.ManagedObjectReference{Type: "Alarm", Value: "alarm-6"}

func (g *ground) addAlarms() {
	for n, name := range alarmNames {
		a := &mo.Alarm{}
		a.Self = types.ManagedObjectReference{Type: "Alarm", Value: fmt.Sprintf("alarm-%d", n+1)}
		a.Info = types.AlarmInfo{
			AlarmSpec: types.AlarmSpec{Name: name, SystemName: "alarm." + name, Enabled: true},
			Key:       a.Self.Value, Alarm: a.Self, Entity: g.settings.Root, LastModifiedTime: begun,
		}
		g.add(a)
	}
}

// setAlarms changes what is triggered on a virtual machine, which all folders above it list, too.
func (e *edit) setAlarms(vm *mo.VirtualMachine, states []types.AlarmState) {
	vm.TriggeredAlarmState = states
	for ref := vm.Parent; ref != nil; ref = e.parent(*ref) {
		above := e.container(*ref)
		rest := slices.DeleteFunc(slices.Clone(above.TriggeredAlarmState), func(s types.AlarmState) bool { return s.Entity == vm.Self })
		above.TriggeredAlarmState = append(rest, states...)
	}
}

// container is the next version of a folder or of a datacenter, as far as they are alike.
func (e *edit) container(ref types.ManagedObjectReference) *mo.ManagedEntity {
	if ref.Type == "Datacenter" {
		return &of[mo.Datacenter](e, ref).ManagedEntity
	}
	return &of[mo.Folder](e, ref).ManagedEntity
}
