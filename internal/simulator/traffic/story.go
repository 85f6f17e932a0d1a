package traffic

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vim25/types"
)

// stories are what happens, as often as its weight says, in a hundred.
var stories = []struct {
	weight int
	tell   func(*Producer, Place) []types.BaseEvent
}{
	{18, (*Producer).powerOn},
	{14, (*Producer).powerOff},
	{14, (*Producer).reconfigure},
	{12, (*Producer).snapshot},
	{10, (*Producer).migrate},
	{6, (*Producer).drsMigrate},
	{10, (*Producer).login},
	{8, (*Producer).alarm},
	{5, (*Producer).hostProblem},
	{2, (*Producer).hostLost},
	{1, (*Producer).highAvailability},
}

const weights = 100

func (p *Producer) story() []types.BaseEvent {
	place := p.inventory[p.random.IntN(len(p.inventory))]
	n := p.random.IntN(weights)
	for _, s := range stories {
		if n < s.weight {
			return s.tell(p, place)
		}
		n -= s.weight
	}
	return stories[0].tell(p, place)
}

var users = []string{
	`VSPHERE.LOCAL\Administrator`, `VSPHERE.LOCAL\backup`, `EXAMPLE\alice`, `EXAMPLE\bob`, `VSPHERE.LOCAL\vpxd-extension-4f2d`,
}

func (p *Producer) user() string { return pick(p, users) }

func pick[T any](p *Producer, of []T) T { return of[p.random.IntN(len(of))] }

func (p *Producer) task(at Place, user, id, name string) types.BaseEvent {
	e := &types.TaskEvent{Event: at.base(user, "Task: "+name)}
	e.Info = types.TaskInfo{
		Key: fmt.Sprintf("task-%d", p.random.IntN(1_000_000)), Name: strings.ReplaceAll(id, "VirtualMachine.", ""), DescriptionId: id,
		Entity: &at.VM.Vm, EntityName: at.VM.Name, State: types.TaskInfoStateQueued, Reason: &types.TaskReasonUser{UserName: user},
	}
	e.Info.Task = types.ManagedObjectReference{Type: "Task", Value: e.Info.Key}
	return e
}

func (p *Producer) powerOn(at Place) []types.BaseEvent {
	user, vm, on := p.user(), at.VM.Name, at.Host.Name+" in "+at.Datacenter.Name
	starting, powered := &types.VmStartingEvent{}, &types.VmPoweredOnEvent{}
	starting.Event = at.base(user, vm+" on host "+on+" is starting")
	powered.Event = at.base(user, vm+" on "+on+" has powered on")
	return []types.BaseEvent{p.task(at, user, "VirtualMachine.powerOn", "Power On virtual machine"), starting, powered}
}

func (p *Producer) powerOff(at Place) []types.BaseEvent {
	user, vm, on := p.user(), at.VM.Name, at.Host.Name+" in "+at.Datacenter.Name
	stopping, powered := &types.VmStoppingEvent{}, &types.VmPoweredOffEvent{}
	stopping.Event = at.base(user, vm+" on "+on+" is stopping")
	powered.Event = at.base(user, vm+" on "+on+" is powered off")
	return []types.BaseEvent{p.task(at, user, "VirtualMachine.powerOff", "Power Off virtual machine"), stopping, powered}
}

func (p *Producer) reconfigure(at Place) []types.BaseEvent {
	user := p.user()
	e := &types.VmReconfiguredEvent{}
	e.Event = at.base(user, fmt.Sprintf("Reconfigured %s on %s in %s. \n \nModified:  \n \nconfig.hardware.memoryMB: 4096 -> 8192; \n\n Added:  \n \n Deleted:  \n \n",
		at.VM.Name, at.Host.Name, at.Datacenter.Name))
	e.ConfigSpec = types.VirtualMachineConfigSpec{MemoryMB: 8192, NumCPUs: int32(1 + p.random.IntN(8))}
	e.ConfigChanges = &types.ChangesInfoEventArgument{Modified: "config.hardware.memoryMB: 4096 -> 8192; \n\n"}
	return []types.BaseEvent{p.task(at, user, "VirtualMachine.reconfigure", "Reconfigure virtual machine"), e}
}

func (p *Producer) snapshot(at Place) []types.BaseEvent {
	id, name := "VirtualMachine.createSnapshot", "Create virtual machine snapshot"
	if p.random.IntN(2) == 0 {
		id, name = "VirtualMachine.removeAllSnapshots", "Remove all snapshots"
	}
	return []types.BaseEvent{p.task(at, p.user(), id, name)}
}

// destination is another place in the same cluster, where there is one.
func (p *Producer) destination(at Place) Place {
	for range 8 {
		to := pick(p, p.inventory)
		if to.ComputeResource.ComputeResource == at.ComputeResource.ComputeResource && to.Host.Host != at.Host.Host {
			return to
		}
	}
	return at
}

func (p *Producer) migrate(at Place) []types.BaseEvent {
	user, to := p.user(), p.destination(at)
	being, done := &types.VmBeingHotMigratedEvent{}, &types.VmMigratedEvent{}
	being.Event = at.base(user, fmt.Sprintf("Migrating %s from %s, %s to %s, %s in %s",
		at.VM.Name, at.Host.Name, at.Datastore.Name, to.Host.Name, to.Datastore.Name, at.Datacenter.Name))
	being.DestHost, being.DestDatacenter, being.DestDatastore = to.Host, &to.Datacenter, &to.Datastore
	done.Event = at.base(user, fmt.Sprintf("Virtual machine %s migrated from %s, %s in %s to %s, %s in %s",
		at.VM.Name, at.Host.Name, at.Datastore.Name, at.Datacenter.Name, to.Host.Name, to.Datastore.Name, to.Datacenter.Name))
	done.Host = &to.Host
	done.SourceHost, done.SourceDatacenter, done.SourceDatastore = at.Host, &at.Datacenter, &at.Datastore
	return []types.BaseEvent{p.task(at, user, "VirtualMachine.migrate", "Migrate virtual machine"), being, done}
}

func (p *Producer) drsMigrate(at Place) []types.BaseEvent {
	to := p.destination(at)
	e := &types.DrsVmMigratedEvent{}
	e.Event = at.base("", fmt.Sprintf("DRS migrated %s from %s to %s in cluster %s in %s",
		at.VM.Name, at.Host.Name, to.Host.Name, at.ComputeResource.Name, at.Datacenter.Name))
	e.Host = &to.Host
	e.SourceHost, e.SourceDatacenter, e.SourceDatastore = at.Host, &at.Datacenter, &at.Datastore
	return []types.BaseEvent{e}
}

func (p *Producer) login(Place) []types.BaseEvent {
	user, address := p.user(), fmt.Sprintf("10.20.%d.%d", p.random.IntN(4), 2+p.random.IntN(250))
	agent := pick(p, []string{"VMware-client/8.0.3", "PowerCLI/13.3.0", "govc/0.56.0", "Veeam Backup/12.1"})
	id := p.uuid()
	in, out := &types.UserLoginSessionEvent{IpAddress: address, UserAgent: agent, Locale: "en", SessionId: id}, &types.UserLogoutSessionEvent{}
	in.Event = types.Event{UserName: user, FullFormattedMessage: fmt.Sprintf("User %s@%s logged in as %s", user, address, agent)}
	out.IpAddress, out.UserAgent, out.SessionId, out.CallCount = address, agent, id, p.random.Int64N(5000)
	out.Event = types.Event{UserName: user, FullFormattedMessage: fmt.Sprintf(
		"User %s@%s logged out (number of API invocations: %d, user agent: %s)", user, address, out.CallCount, agent)}
	return []types.BaseEvent{in, out}
}

// uuid is random, and the same for the same seed.
func (p *Producer) uuid() string {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(p.random.Uint32())
	}
	return id.String()
}

var alarms = []struct{ id, name string }{
	{"alarm-6", "Virtual machine CPU usage"}, {"alarm-7", "Virtual machine memory usage"}, {"alarm-41", "Virtual machine snapshot consolidation"},
}

// alarm goes off, and mostly comes back.
func (p *Producer) alarm(at Place) []types.BaseEvent {
	a := pick(p, alarms)
	up := pick(p, []types.ManagedEntityStatus{types.ManagedEntityStatusRed, types.ManagedEntityStatusYellow})
	events := []types.BaseEvent{statusChanged(at, a.id, a.name, types.ManagedEntityStatusGreen, up)}
	if p.random.IntN(10) < 8 {
		events = append(events, statusChanged(at, a.id, a.name, up, types.ManagedEntityStatusGreen))
	}
	return events
}

func statusChanged(at Place, id, name string, from, to types.ManagedEntityStatus) types.BaseEvent {
	e := &types.AlarmStatusChangedEvent{From: string(from), To: string(to)}
	e.Event = at.base("", fmt.Sprintf("Alarm '%s' on %s changed from %s to %s", name, at.VM.Name, colour(from), colour(to)))
	e.Alarm = types.AlarmEventArgument{
		EntityEventArgument: types.EntityEventArgument{Name: name},
		Alarm:               types.ManagedObjectReference{Type: "Alarm", Value: id},
	}
	e.Entity = types.ManagedEntityEventArgument{EntityEventArgument: at.VM.EntityEventArgument, Entity: at.VM.Vm}
	e.Source = types.ManagedEntityEventArgument{
		EntityEventArgument: types.EntityEventArgument{Name: "Datacenters"},
		Entity:              types.ManagedObjectReference{Type: "Folder", Value: "group-d1"},
	}
	return e
}

func colour(s types.ManagedEntityStatus) string {
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}
