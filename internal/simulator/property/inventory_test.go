package property_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// consistent holds the lists of an inventory against what its virtual machines say.
func consistent(t *testing.T, i *property.Inventory) {
	t.Helper()
	listed := map[types.ManagedObjectReference][]types.ManagedObjectReference{}
	for _, ref := range i.Of("VirtualMachine") {
		vm := i.Get(ref).(*mo.VirtualMachine)
		require.Equal(t, vm.Runtime.Host, vm.Summary.Runtime.Host)
		require.Equal(t, vm.Runtime.PowerState, vm.Summary.Runtime.PowerState)
		require.Equal(t, vm.Name, vm.Config.Name)
		for _, above := range append([]types.ManagedObjectReference{*vm.Runtime.Host, *vm.Parent}, append(vm.Datastore, vm.Network...)...) {
			listed[above] = append(listed[above], ref)
		}
		if vm.ResourcePool != nil {
			listed[*vm.ResourcePool] = append(listed[*vm.ResourcePool], ref)
		}
	}
	for _, class := range []string{"HostSystem", "ResourcePool", "Datastore", "Network", "Folder"} {
		for _, ref := range i.Of(class) {
			require.ElementsMatch(t, listed[ref], machinesOf(i.Get(ref)), "%s", ref)
		}
	}
}

func machinesOf(o mo.Reference) []types.ManagedObjectReference {
	switch o := o.(type) {
	case *mo.HostSystem:
		return o.Vm
	case *mo.ResourcePool:
		return o.Vm
	case *mo.Datastore:
		return o.Vm
	case *mo.DistributedVirtualPortgroup:
		return o.Vm
	case *mo.Folder:
		var vms []types.ManagedObjectReference
		for _, child := range o.ChildEntity {
			if child.Type == "VirtualMachine" {
				vms = append(vms, child)
			}
		}
		return vms
	}
	return nil
}

func TestAnInventoryHangsTogether(t *testing.T) {
	i := property.New(property.Settings{VMs: 500})
	consistent(t, i)
	paths := map[string]bool{}
	for _, f := range i.Facts() {
		assert.False(t, paths[f.Path], "%s is there twice", f.Path)
		paths[f.Path] = true
		if f.Path != "/" {
			assert.True(t, strings.HasPrefix(f.Path, "/DC0"), f.Path)
		}
	}
	vm := i.Of("VirtualMachine")[0]
	var kinds []string
	for _, ref := range i.Ancestors(vm) {
		kinds = append(kinds, ref.Type)
	}
	assert.Subset(t, kinds, []string{"Folder", "HostSystem", "ResourcePool", "ClusterComputeResource", "Datacenter"})
	assert.Len(t, i.Places(), 500)
	assert.Equal(t, "DC0", i.Places()[0].Datacenter.Name)
	assert.NotEmpty(t, i.Places()[0].Network.Name)
}

func TestTheSameSettingsMakeTheSameInventory(t *testing.T) {
	s := property.Settings{VMs: 100, Seed: 5}
	a, b := property.New(s), property.New(s)
	for range 3 {
		assert.Equal(t, play(t, a, "storm", 30), play(t, b, "storm", 30))
	}
	assert.Equal(t, a.Facts(), b.Facts())
}

func TestWhatIsAskedForIsChecked(t *testing.T) {
	i := property.New(property.Settings{VMs: 2})
	vm := i.Of("VirtualMachine")[0]
	for name, c := range map[string]struct {
		spec types.PropertyFilterSpec
		is   types.BaseMethodFault
	}{
		"a path": {spec([]types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"config.colour"}}}), &types.InvalidProperty{}},
		"a type": {spec([]types.PropertySpec{{Type: "Teapot", PathSet: []string{"name"}}}), &types.InvalidArgument{}},
		"an object": {types.PropertyFilterSpec{
			ObjectSet: []types.ObjectSpec{{Obj: types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-1"}}}, PropSet: names,
		}, &types.ManagedObjectNotFound{}},
	} {
		var f property.Fault
		_, err := i.Read([]types.PropertyFilterSpec{c.spec}, views(t, i, root))
		require.ErrorAs(t, err, &f, name)
		assert.IsType(t, c.is, f.BaseMethodFault, name)
		_, err = i.NewCollector().CreateFilter(types.ManagedObjectReference{}, c.spec, views(t, i, root))
		require.ErrorAs(t, err, &f, name)
		assert.IsType(t, c.is, f.BaseMethodFault, name)
	}
	_, err := i.NewView(vm, nil, true)
	assert.Error(t, err)
	_, err = i.NewView(root, []string{"ContainerView"}, true)
	assert.Error(t, err)
	_, err = i.NewCollector().CreateFilter(types.ManagedObjectReference{}, types.PropertyFilterSpec{PropSet: names, ObjectSet: []types.ObjectSpec{{
		Obj: root, SelectSet: []types.BaseSelectionSpec{&types.TraversalSpec{Type: "Folder", Path: "childEntity"}},
	}}}, views(t, i, root))
	assert.Error(t, err, "such a traversal would have to be watched at every step")
}

func TestWhoHasNoSessionLearnsWhatIsMissing(t *testing.T) {
	i := property.New(property.Settings{VMs: 2})
	reading, err := i.Read([]types.PropertyFilterSpec{spec(names, root)}, nil)
	require.NoError(t, err)
	missing := map[string]string{}
	for _, o := range reading.Next(0) {
		assert.Empty(t, o.PropSet)
		require.Len(t, o.MissingSet, 1)
		assert.IsType(t, &types.NotAuthenticated{}, o.MissingSet[0].Fault.Fault)
		missing[o.Obj.Value] = o.MissingSet[0].Path
	}
	assert.Equal(t, map[string]string{"group-d1": "name", "v": "view"}, missing)
}

func TestAReadingFollowsTraversals(t *testing.T) {
	i := property.New(property.Settings{VMs: 30, Folders: 10})
	visit := func(class, path string, then ...string) *types.TraversalSpec {
		spec := &types.TraversalSpec{SelectionSpec: types.SelectionSpec{Name: path}, Type: class, Path: path}
		for _, name := range then {
			spec.SelectSet = append(spec.SelectSet, &types.SelectionSpec{Name: name})
		}
		return spec
	}
	reading, err := i.Read([]types.PropertyFilterSpec{{
		PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"name"}}, {Type: "Datacenter", PathSet: []string{"vmFolder"}}},
		ObjectSet: []types.ObjectSpec{{Obj: root, SelectSet: []types.BaseSelectionSpec{
			visit("Folder", "childEntity", "childEntity", "vmFolder"), visit("Datacenter", "vmFolder", "childEntity"),
		}}},
	}}, views(t, i, root))
	require.NoError(t, err)
	assert.Len(t, reading.Next(0), 31, "in folders of folders too")
}

func TestAReadingIsTakenInPages(t *testing.T) {
	i := property.New(property.Settings{VMs: 25})
	reading, err := i.Read([]types.PropertyFilterSpec{spec([]types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"name"}}})}, views(t, i, root))
	require.NoError(t, err)
	play(t, i, "delete", 24)
	var pages []int
	for reading.Len() > 0 {
		pages = append(pages, len(reading.Next(10)))
	}
	assert.Equal(t, []int{10, 10, 5}, pages, "as it was when it was read")
}

func TestAViewThatIsNotRecursiveHasTheChildren(t *testing.T) {
	i := property.New(property.Settings{VMs: 25})
	v, err := i.NewView(root, nil, false)
	require.NoError(t, err)
	reading, err := i.Read([]types.PropertyFilterSpec{spec(names)}, func(ref types.ManagedObjectReference) *property.View {
		if ref == viewRef {
			return v
		}
		return nil
	})
	require.NoError(t, err)
	children := reading.Next(0)
	require.Len(t, children, 1)
	assert.Equal(t, "Datacenter", children[0].Obj.Type)
}

func TestScriptsTellWhatTheyCannotDo(t *testing.T) {
	i := property.New(property.Settings{VMs: 3})
	for script, n := range map[string]int{"nonsense": 1, "power": 0, "rename": 4, "host-recovery": 1} {
		_, err := i.Play(script, n)
		assert.Error(t, err, script)
	}
}

func TestEachScriptTellsOfItselfInTheHistory(t *testing.T) {
	var told []string
	i := property.New(property.Settings{VMs: 200, Events: func(chains ...[]types.BaseEvent) {
		for _, chain := range chains {
			for _, e := range chain {
				assert.NotEmpty(t, e.GetEvent().FullFormattedMessage)
				assert.NotContains(t, e.GetEvent().FullFormattedMessage, "%!")
				told = append(told, classOf(e))
			}
		}
	}})
	for script, class := range map[string]string{
		"reconfigure": "VmReconfiguredEvent", "rename": "VmRenamedEvent", "move": "TaskEvent", "vmotion": "VmMigratedEvent",
		"clone": "VmClonedEvent", "delete": "VmRemovedEvent", "snapshot": "TaskEvent", "unsnapshot": "TaskEvent",
		"attribute": "CustomFieldValueChangedEvent", "tag": "EventEx", "untag": "EventEx", "alarm": "AlarmStatusChangedEvent",
		"host-failure": "VmRestartedOnAlternateHostEvent", "maintenance": "EnteredMaintenanceModeEvent",
		"rename-datastore": "DatastoreRenamedEvent", "rename-folder": "TaskEvent", "define": "CustomFieldDefAddedEvent",
	} {
		told = nil
		play(t, i, script, 1)
		assert.Contains(t, told, class, script)
	}
	told = nil
	play(t, i, "power", 20)
	assert.Contains(t, told, "VmPoweredOffEvent")
	told = nil
	play(t, i, "host-recovery", 1)
	assert.Equal(t, []string{"HostConnectedEvent"}, told)
}

func classOf(e types.BaseEvent) string {
	return reflect.TypeOf(e).Elem().Name()
}

func TestAHostFailsAndItsMachinesAreRestartedElsewhere(t *testing.T) {
	i := property.New(property.Settings{VMs: 60, Hosts: 3})
	lost := play(t, i, "host-failure", 1)[0]
	for _, f := range i.Facts() {
		if f.Type == "VirtualMachine" && f.Host == lost.Value {
			assert.Equal(t, "poweredOff", f.Power)
			assert.Equal(t, "disconnected", f.Connection)
		}
	}
	cluster := i.Get(i.Of("ClusterComputeResource")[0]).(*mo.ClusterComputeResource).Summary.GetComputeResourceSummary()
	assert.Equal(t, []int32{3, 2}, []int32{cluster.NumHosts, cluster.NumEffectiveHosts})
	assert.Equal(t, cluster.TotalCpu/3*2, cluster.EffectiveCpu)
	consistent(t, i)
	assert.Equal(t, lost, play(t, i, "host-recovery", 1)[0])
	for _, f := range i.Facts() {
		if f.Type == "VirtualMachine" || f.Type == "HostSystem" {
			assert.Equal(t, "connected", f.Connection)
		}
	}
}
