package traffic

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// problem is an event type without a class: what a host reports.
type problem struct {
	id, severity string
	arguments    []string // {1}, {2} … of the message
	message      string
}

var problems = []problem{
	{
		"esx.problem.storage.redundancy.lost", "warning", []string{"naa.600a0b80001234", "vmhba1:C0:T0:L3", "LocalDS_0"},
		"Lost path redundancy to storage device {1}. Path {2} is down. Affected datastores: {3}.",
	},
	{
		"esx.problem.net.connectivity.lost", "error", []string{"vSwitch0", "vmnic1", "VM Network"},
		"Lost network connectivity on virtual switch {1}. Physical NIC {2} is down. Affected portgroups: {3}.",
	},
	{
		"esx.problem.scsi.device.io.latency.high", "warning", []string{"naa.600a0b80001234", "1832", "56219"},
		"Device {1} performance has deteriorated. I/O latency increased from average value of {2} microseconds to {3} microseconds.",
	},
	{
		"esx.clear.net.vmnic.linkstate.up", "info", []string{"vmnic1"}, "Physical NIC {1} linkstate is up.",
	},
	{
		"esx.audit.ssh.session.opened", "info", []string{"root@10.20.0.7"}, "SSH session was opened for '{1}'.",
	},
}

func (p *Producer) hostProblem(at Place) []types.BaseEvent {
	is := pick(p, problems)
	text := is.message
	e := &types.EventEx{EventTypeId: is.id, Severity: is.severity, ObjectId: at.Host.Host.Value, ObjectType: "HostSystem", ObjectName: at.Host.Name}
	for i, value := range is.arguments {
		key := fmt.Sprint(i + 1)
		text = strings.ReplaceAll(text, "{"+key+"}", value)
		e.Arguments = append(e.Arguments, types.KeyAnyValue{Key: key, Value: value})
	}
	e.Event, e.Message = at.onHost("", text), text
	return []types.BaseEvent{e}
}

// hostLost and found again.
func (p *Producer) hostLost(at Place) []types.BaseEvent {
	lost, back := &types.HostConnectionLostEvent{}, &types.HostConnectedEvent{}
	lost.Event = at.onHost("", fmt.Sprintf("Host %s in %s is not responding", at.Host.Name, at.Datacenter.Name))
	back.Event = at.onHost("", fmt.Sprintf("Connected to %s in %s", at.Host.Name, at.Datacenter.Name))
	return []types.BaseEvent{lost, back}
}

func (p *Producer) highAvailability(at Place) []types.BaseEvent {
	failed := &types.EventEx{
		EventTypeId: "com.vmware.vc.HA.DasHostFailedEvent", Severity: "error",
		ObjectId: at.Host.Host.Value, ObjectType: "HostSystem", ObjectName: at.Host.Name,
	}
	failed.Event = at.onHost("", fmt.Sprintf("vSphere HA detected a possible host failure of host %s in cluster %s in datacenter %s",
		at.Host.Name, at.ComputeResource.Name, at.Datacenter.Name))
	restarted := &types.EventEx{
		EventTypeId: "com.vmware.vc.ha.VmRestartedByHAEvent", Severity: "warning",
		ObjectId: at.VM.Vm.Value, ObjectType: "VirtualMachine", ObjectName: at.VM.Name,
	}
	restarted.Event = at.base("", fmt.Sprintf("vSphere HA restarted virtual machine %s on host %s in cluster %s",
		at.VM.Name, at.Host.Name, at.ComputeResource.Name))
	return []types.BaseEvent{failed, restarted}
}
