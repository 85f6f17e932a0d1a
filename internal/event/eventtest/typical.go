package eventtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// start is when the first of the typical events happens.
var start = time.Date(2026, time.November, 2, 8, 0, 0, 0, time.UTC)

// Typical returns n events of the kinds that a busy vCenter has most of, oldest first, with ascending keys from 1 on and
// up to two seconds between them.
func Typical(n int, seed int64) []types.BaseEvent {
	s := stream{Rand: rand.New(rand.NewPCG(uint64(seed), 0)), clock: start}
	kinds := []func() types.BaseEvent{s.poweredOn, s.reconfigured, s.task, s.extended}
	events := make([]types.BaseEvent, n)
	for i := range events {
		events[i] = kinds[s.IntN(len(kinds))]()
	}
	return events
}

// stream is a vCenter with a little inventory.
type stream struct {
	*rand.Rand
	clock time.Time
	key   int32
}

// base makes what all events have, of something that happens to a VM.
func (s *stream) base(format string) types.Event {
	s.clock = s.clock.Add(time.Duration(s.IntN(2_000_000)) * time.Microsecond)
	s.key++
	vm, host, cluster := s.IntN(5_000), s.IntN(64), s.IntN(8)
	name := fmt.Sprintf("web-%04d", vm)
	return types.Event{
		Key:                  s.key,
		ChainId:              s.key - int32(s.IntN(4)),
		CreatedTime:          s.clock,
		UserName:             `VSPHERE.LOCAL\vpxd-extension-0f3c2a9e`,
		Datacenter:           &types.DatacenterEventArgument{EntityEventArgument: named("Frankfurt-01"), Datacenter: ref("Datacenter", "datacenter-%d", 3)},
		ComputeResource:      &types.ComputeResourceEventArgument{EntityEventArgument: named(fmt.Sprintf("prod-cluster-%02d", cluster)), ComputeResource: ref("ClusterComputeResource", "domain-c%d", 1000+cluster)},
		Host:                 &types.HostEventArgument{EntityEventArgument: named(fmt.Sprintf("esx-%03d.prod.example.com", host)), Host: ref("HostSystem", "host-%d", 2000+host)},
		Vm:                   &types.VmEventArgument{EntityEventArgument: named(name), Vm: ref("VirtualMachine", "vm-%d", 10000+vm)},
		FullFormattedMessage: fmt.Sprintf(format, name, host),
	}
}

func (s *stream) poweredOn() types.BaseEvent {
	return &types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: s.base("Virtual machine %s on esx-%03d.prod.example.com in Frankfurt-01 is powered on")}}
}

func (s *stream) reconfigured() types.BaseEvent {
	return &types.VmReconfiguredEvent{
		VmEvent: types.VmEvent{Event: s.base("Reconfigured %s on esx-%03d.prod.example.com in Frankfurt-01. \n \nModified:  \n \nconfig.hardware.memoryMB: 4096 -> 8192; \n\n")},
		ConfigSpec: types.VirtualMachineConfigSpec{
			ChangeVersion: s.clock.Format(time.RFC3339Nano),
			NumCPUs:       int32(1 << s.IntN(5)),
			MemoryMB:      int64(1024 << s.IntN(5)),
			Files:         &types.VirtualMachineFileInfo{},
		},
		ConfigChanges: &types.ChangesInfoEventArgument{Modified: "config.hardware.memoryMB: 4096 -> 8192; \n\n"},
	}
}

func (s *stream) task() types.BaseEvent {
	event := s.base("Task: Power On virtual machine %s by host %d")
	entity := event.Vm.Vm
	return &types.TaskEvent{Event: event, Info: types.TaskInfo{
		Key:           fmt.Sprintf("task-%d", 50000+s.key),
		Task:          ref("Task", "task-%d", 50000+int(s.key)),
		Name:          "PowerOnVM_Task",
		DescriptionId: "VirtualMachine.powerOn",
		Entity:        &entity,
		EntityName:    event.Vm.Name,
		State:         types.TaskInfoStateQueued,
		Reason:        &types.TaskReasonUser{UserName: event.UserName},
		QueueTime:     s.clock,
		EventChainId:  event.ChainId,
	}}
}

func (s *stream) extended() types.BaseEvent {
	event := s.base("Virtual machine %s was restarted on host esx-%03d since <agent> & \"host\" lost contact")
	return &types.EventEx{
		Event:       event,
		EventTypeId: "com.vmware.vc.ha.VmRestartedByHAEvent",
		Severity:    string(types.EventEventSeverityWarning),
		Arguments: []types.KeyAnyValue{
			{Key: "vm.name", Value: event.Vm.Name},
			{Key: "attempts", Value: int32(s.IntN(5) + 1)},
			{Key: "isolated", Value: s.IntN(2) == 0},
		},
		ObjectId:   event.Vm.Vm.Value,
		ObjectType: event.Vm.Vm.Type,
		ObjectName: event.Vm.Name,
	}
}

func named(name string) types.EntityEventArgument { return types.EntityEventArgument{Name: name} }

func ref(kind, format string, number int) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: fmt.Sprintf(format, number)}
}
