package property

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// user is who plays.
const user = `VSPHERE.LOCAL\Administrator`

// tell begins a chain of events.
func (s *scene) tell(at traffic.Place, e types.BaseEvent, format string, values ...any) {
	s.chains = append(s.chains, nil)
	s.and(at, e, format, values...)
}

// and adds to the chain.
func (s *scene) and(at traffic.Place, e types.BaseEvent, format string, values ...any) {
	base := e.GetEvent()
	base.UserName, base.FullFormattedMessage, base.CreatedTime = user, fmt.Sprintf(format, values...), s.now
	if at.Datacenter.Datacenter.Value != "" {
		base.Datacenter = &at.Datacenter
	}
	if at.Host.Host.Value != "" {
		base.ComputeResource, base.Host = &at.ComputeResource, &at.Host
	}
	if at.VM.Vm.Value != "" {
		base.Vm, base.Ds, base.Net = &at.VM, &at.Datastore, at.Network
	}
	last := len(s.chains) - 1
	s.chains[last] = append(s.chains[last], e)
}

// task tells of a change of a virtual machine that is only a task.
func (s *scene) task(at traffic.Place, id, name string) { s.taskOn(at, at.VM.Vm, at.VM.Name, id, name) }

// taskOn tells of a change of anything that is only a task.
func (s *scene) taskOn(at traffic.Place, entity types.ManagedObjectReference, entityName, id, name string) {
	e := &types.TaskEvent{}
	s.serial++
	key := fmt.Sprintf("task-%d", s.serial)
	e.Info = types.TaskInfo{
		Key: key, Task: types.ManagedObjectReference{Type: "Task", Value: key}, DescriptionId: id, Name: name,
		Entity: &entity, EntityName: entityName, State: types.TaskInfoStateQueued, QueueTime: s.now,
		Reason: &types.TaskReasonUser{UserName: user},
	}
	s.tell(at, e, "Task: %s", name)
}

// tagged tells of a tag, as the tagging service does.
func (s *scene) tagged(at traffic.Place, what, tag string) {
	e := &types.EventEx{
		EventTypeId: "com.vmware.cis.tagging." + what, Severity: "info",
		ObjectId: at.VM.Vm.Value, ObjectType: at.VM.Vm.Type, ObjectName: at.VM.Name,
		Arguments: []types.KeyAnyValue{{Key: "Tag", Value: tag}, {Key: "Object", Value: at.VM.Name}, {Key: "User", Value: user}},
	}
	s.tell(at, e, "User %s %sed tag %s, object %s", user, what, tag, at.VM.Name)
}

// identify makes an ID by the chance of scripts, which is the same for the same seed.
func (i *Inventory) identify() string {
	var id uuid.UUID
	for k := range id {
		id[k] = byte(i.random.Uint32())
	}
	return id.String()
}
