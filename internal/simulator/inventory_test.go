package simulator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

func TestManyVirtualMachinesAreMadeFast(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{Size: simulator.Size{VMs: 30, Hosts: 3, Clusters: 2}})
	places := sim.Inventory()
	require.Len(t, places, 60)
	hosts := map[string]int{}
	for _, p := range places {
		hosts[p.Host.Name]++
		assert.NotEmpty(t, p.VM.Name)
		assert.NotEmpty(t, p.Datacenter.Name)
		assert.NotEmpty(t, p.Datastore.Name)
		assert.NotEmpty(t, p.ComputeResource.Name)
		assert.NotEmpty(t, p.Network.Name)
	}
	assert.Len(t, hosts, 6)

	c := login(t, sim)
	v, err := view.NewManager(c).CreateContainerView(ctx(t), c.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	require.NoError(t, err)
	var vms []mo.VirtualMachine
	require.NoError(t, v.Retrieve(ctx(t), []string{"VirtualMachine"}, []string{"name", "runtime.host"}, &vms))
	assert.Len(t, vms, 60)
	task, err := object.NewVirtualMachine(c, places[59].VM.Vm).PowerOff(ctx(t))
	require.NoError(t, err)
	require.NoError(t, task.Wait(ctx(t)), "a copy is a whole virtual machine")
}

func TestTheSameSettingsMakeTheSameInventory(t *testing.T) {
	t.Parallel()
	settings := simulator.Settings{Size: simulator.Size{Clusters: 2, VMs: 5, Datastores: 2}}
	one, two := start(t, settings), start(t, settings)
	require.Len(t, one.Inventory(), 10)
	assert.Equal(t, one.Inventory(), two.Inventory())
	assert.Equal(t, "DC0_C0_H1", one.Inventory()[1].Host.Name)
}

func TestEntityFiltersKnowTheInventory(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{Size: simulator.Size{Clusters: 2}})
	c := login(t, sim)
	sim.Journal().Prune(func(*entry) bool { return true })
	for _, p := range sim.Inventory() {
		e := &types.VmPoweredOnEvent{}
		e.Vm = &p.VM // as of a VM whose event says nothing else
		sim.Append(e)
	}
	sim.Append(&types.ServerStartedSessionEvent{})
	p := sim.Inventory()[0]
	for _, tt := range []struct {
		entity    types.ManagedObjectReference
		recursion types.EventFilterSpecRecursionOption
		want      int
	}{
		{p.VM.Vm, "self", 1},
		{p.VM.Vm, "children", 0},
		{p.ComputeResource.ComputeResource, "children", 2},
		{p.ComputeResource.ComputeResource, "self", 0},
		{p.Datacenter.Datacenter, "all", 4},
		{c.ServiceContent.RootFolder, "children", 4},
		{c.ServiceContent.RootFolder, "self", 1},
		{c.ServiceContent.RootFolder, "all", 5},
	} {
		hc := collector(t, c, types.EventFilterSpec{Entity: &types.EventFilterSpecByEntity{Entity: tt.entity, Recursion: tt.recursion}})
		page, err := hc.ReadNextEvents(ctx(t), 100)
		require.NoError(t, err)
		assert.Len(t, page, tt.want, "%s %s", tt.entity, tt.recursion)
	}
}

func TestTwentyThousandEventsTakeNoTime(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	begun := time.Now()
	sim.Traffic(1).Burst(20_000)
	t.Logf("20,000 events in %v", time.Since(begun))
	assert.Equal(t, 20_000, sim.Journal().Len())
}
