package journal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

func moref(kind, value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: value}
}

var (
	root    = moref("Folder", "group-d1")
	dc      = moref("Datacenter", "datacenter-2")
	cluster = moref("ClusterComputeResource", "domain-c3")
	host    = moref("HostSystem", "host-4")
	vm      = moref("VirtualMachine", "vm-5")
	folder  = moref("Folder", "group-v6")
	alarm   = moref("Alarm", "alarm-7")
	planned = moref("ScheduledTask", "schedule-8")
)

// ancestors is an inventory: a VM in a folder, on a host of a cluster.
func ancestors(ref types.ManagedObjectReference) []types.ManagedObjectReference {
	return map[types.ManagedObjectReference][]types.ManagedObjectReference{
		vm:      {folder, host, cluster, dc, root},
		host:    {cluster, dc, root},
		cluster: {dc, root},
		dc:      {root},
	}[ref]
}

// sample is a history with one event of each kind, with keys from 1.
func sample() *journal.Journal {
	on := &types.VmPoweredOnEvent{}
	on.UserName, on.ChangeTag = `DC\Alice`, "blue"
	on.Vm = &types.VmEventArgument{Vm: vm}
	drs := &types.DrsVmMigratedEvent{}
	drs.Vm, drs.ChainId = &types.VmEventArgument{Vm: moref("VirtualMachine", "vm-gone")}, 77
	drs.Host, drs.Datacenter = &types.HostEventArgument{Host: host}, &types.DatacenterEventArgument{Datacenter: dc}
	ex := &types.EventEx{EventTypeId: "esx.problem.x", Severity: "error", ObjectType: host.Type, ObjectId: host.Value}
	login := &types.UserLoginSessionEvent{}
	login.UserName = "bob"
	red := &types.AlarmStatusChangedEvent{}
	red.Alarm.Alarm = alarm
	started := &types.ScheduledTaskStartedEvent{}
	started.ScheduledTask.ScheduledTask = planned

	j := journal.New(journal.Settings{Ancestors: ancestors, Root: root, Category: func(id string) string {
		return map[string]string{"VmPoweredOnEvent": "info", "DrsVmMigratedEvent": "info", "AlarmStatusChangedEvent": "warning"}[id]
	}})
	for i, e := range []types.BaseEvent{on, drs, ex, login, red, started} {
		e.GetEvent().CreatedTime = noon.Add(time.Duration(i) * time.Second)
		j.Append(e)
	}
	return j
}

func entity(ref types.ManagedObjectReference, r types.EventFilterSpecRecursionOption) types.EventFilterSpec {
	return types.EventFilterSpec{Entity: &types.EventFilterSpecByEntity{Entity: ref, Recursion: r}}
}

func second(n int) *time.Time {
	t := noon.Add(time.Duration(n) * time.Second)
	return &t
}

func TestFilters(t *testing.T) {
	const self, children, all = types.EventFilterSpecRecursionOptionSelf,
		types.EventFilterSpecRecursionOptionChildren, types.EventFilterSpecRecursionOptionAll
	j := sample()
	for name, tt := range map[string]struct {
		spec types.EventFilterSpec
		want []int32
	}{
		"none":                     {types.EventFilterSpec{}, []int32{1, 2, 3, 4, 5, 6}},
		"time, both ends included": {types.EventFilterSpec{Time: &types.EventFilterSpecByTime{BeginTime: second(1), EndTime: second(3)}}, []int32{2, 3, 4}},
		"time, open end":           {types.EventFilterSpec{Time: &types.EventFilterSpecByTime{BeginTime: second(4)}}, []int32{5, 6}},
		"time, open begin":         {types.EventFilterSpec{Time: &types.EventFilterSpecByTime{EndTime: second(0)}}, []int32{1}},
		"a class":                  {types.EventFilterSpec{EventTypeId: []string{"VmPoweredOnEvent"}}, []int32{1}},
		"a class above":            {types.EventFilterSpec{EventTypeId: []string{"VmEvent"}}, []int32{1, 2}},
		"the class above all":      {types.EventFilterSpec{EventTypeId: []string{"Event"}}, []int32{1, 2, 3, 4, 5, 6}},
		"a class in between":       {types.EventFilterSpec{EventTypeId: []string{"VmMigratedEvent"}}, []int32{2}},
		"an id":                    {types.EventFilterSpec{EventTypeId: []string{"esx.problem.x", "SessionEvent"}}, []int32{3, 4}},
		"all with an id":           {types.EventFilterSpec{EventTypeId: []string{"EventEx"}}, []int32{3}},
		"no such class":            {types.EventFilterSpec{EventTypeId: []string{"NoEvent"}}, []int32{}},
		"type, the old way":        {types.EventFilterSpec{Type: []string{"SessionEvent"}}, []int32{4}},
		"category":                 {types.EventFilterSpec{Category: []string{"info", "error"}}, []int32{1, 2, 3}},
		"users, ignoring case":     {types.EventFilterSpec{UserName: &types.EventFilterSpecByUsername{UserList: []string{`dc\alice`, "nobody"}}}, []int32{1}},
		"the system's":             {types.EventFilterSpec{UserName: &types.EventFilterSpecByUsername{SystemUser: true}}, []int32{2, 3, 5, 6}},
		"the system's and bob's":   {types.EventFilterSpec{UserName: &types.EventFilterSpecByUsername{SystemUser: true, UserList: []string{"bob"}}}, []int32{2, 3, 4, 5, 6}},
		"a chain":                  {types.EventFilterSpec{EventChainId: 77}, []int32{2}},
		"a tag":                    {types.EventFilterSpec{Tag: []string{"blue"}}, []int32{1}},
		"an alarm":                 {types.EventFilterSpec{Alarm: &alarm}, []int32{5}},
		"a scheduled task":         {types.EventFilterSpec{ScheduledTask: &planned}, []int32{6}},
		"two at once":              {types.EventFilterSpec{EventTypeId: []string{"VmEvent"}, EventChainId: 77}, []int32{2}},
		"a VM":                     {entity(vm, self), []int32{1}},
		"a VM has nothing below":   {entity(vm, children), []int32{}},
		"a host":                   {entity(host, self), []int32{2, 3}},
		"below a host":             {entity(host, children), []int32{1, 2}},
		"a host and all below":     {entity(host, all), []int32{1, 2, 3}},
		"below a cluster":          {entity(cluster, children), []int32{1, 2, 3}},
		"below a folder":           {entity(folder, children), []int32{1}},
		"a datacenter itself":      {entity(dc, self), []int32{2}},
		"below a datacenter":       {entity(dc, children), []int32{1, 2, 3}},
		"the root itself":          {entity(root, self), []int32{4, 5, 6}},
		"below the root":           {entity(root, children), []int32{1, 2, 3}},
		"all":                      {entity(root, all), []int32{1, 2, 3, 4, 5, 6}},
	} {
		assert.Equal(t, tt.want, keysOf(j.Cursor(tt.spec).Next(100)), name)
	}
}
