package property_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// load is what is asked for since it is not pushed.
var load = []types.PropertySpec{
	{Type: "ManagedEntity", PathSet: []string{"overallStatus", "triggeredAlarmState"}},
	{Type: "VirtualMachine", PathSet: []string{"summary.quickStats", "summary.storage", "storage", "runtime.maxCpuUsage"}},
	{Type: "HostSystem", PathSet: []string{"summary.quickStats"}},
	{Type: "ResourcePool", PathSet: []string{"summary", "runtime"}},
	{Type: "ClusterComputeResource", PathSet: []string{"summary.usageSummary", "summary.drsScore"}},
}

func TestLoadChangesAndIsNotPushed(t *testing.T) {
	i := property.New(property.Settings{VMs: 40})
	c := watch(t, i, load)
	c.follow(t, 0)
	for _, script := range []string{"quickstats", "grow", "alarm"} {
		before := full(t, i, load)
		play(t, i, script, 39)
		assert.Nil(t, c.next(t, 0), script)
		changed := map[string]bool{}
		for ref, now := range full(t, i, load) {
			for path, value := range now {
				if before[ref][path] != value {
					changed[ref.Type+" "+path] = true
				}
			}
		}
		want := map[string][]string{
			"quickstats": {"VirtualMachine summary.quickStats", "VirtualMachine runtime.maxCpuUsage", "HostSystem summary.quickStats",
				"ResourcePool summary", "ClusterComputeResource summary.usageSummary"},
			"grow":  {"VirtualMachine summary.storage", "VirtualMachine storage"},
			"alarm": {"VirtualMachine overallStatus", "VirtualMachine triggeredAlarmState", "Folder triggeredAlarmState", "Datacenter triggeredAlarmState"},
		}[script]
		assert.Len(t, changed, len(want), script)
		for _, path := range want {
			assert.True(t, changed[path], "%s: %s", script, path)
		}
	}
}

func TestWhoCarriesALoadCarriesItsChange(t *testing.T) {
	i := property.New(property.Settings{VMs: 3, Hosts: 1})
	rest := func() int32 {
		mhz := i.Get(i.Of("HostSystem")[0]).(*mo.HostSystem).Summary.QuickStats.OverallCpuUsage
		for _, ref := range i.Of("VirtualMachine") {
			mhz -= i.Get(ref).(*mo.VirtualMachine).Summary.QuickStats.OverallCpuUsage
		}
		return mhz
	}
	before := rest()
	play(t, i, "quickstats", 3)
	assert.Equal(t, before, rest())
}

// alarms are the keys of those that are triggered, on an object or below it.
func alarms(i *property.Inventory, ref types.ManagedObjectReference) (keys []string) {
	for _, state := range i.Get(ref).(mo.Entity).Entity().TriggeredAlarmState {
		keys = append(keys, state.Key)
	}
	return keys
}

// A vCenter tells of an alarm on all that is above the object, too.
func TestAlarmsAreToldAllTheWayUp(t *testing.T) {
	i := property.New(property.Settings{VMs: 60, Folders: 20})
	consistentAlarms := func() {
		t.Helper()
		want := map[types.ManagedObjectReference][]string{}
		for _, vm := range i.Of("VirtualMachine") {
			own := alarms(i, vm)
			for up := i.Get(vm).(mo.Entity).Entity().Parent; up != nil; up = i.Get(*up).(mo.Entity).Entity().Parent {
				want[*up] = append(want[*up], own...)
			}
		}
		for _, ref := range append(i.Of("Folder"), i.Of("Datacenter")...) {
			require.ElementsMatch(t, want[ref], alarms(i, ref), "%s", ref)
		}
	}
	for range 5 {
		for _, script := range []string{"alarm", "move", "delete", "alarm", "clone"} {
			play(t, i, script, 5)
			consistentAlarms()
		}
	}
	assert.NotEmpty(t, alarms(i, root))
}

// What of an inventory is no entity: definitions of alarms, licences, and what knows the certificates of hosts.
func TestWhatIsBesideTheTreeIsRead(t *testing.T) {
	i := property.New(property.Settings{VMs: 5})
	manager := types.ManagedObjectReference{Type: "LicenseManager", Value: "LicenseManager"}
	alarm := types.ManagedObjectReference{Type: "Alarm", Value: "alarm-6"}
	way := &types.TraversalSpec{Type: "ContainerView", Path: "view", SelectSet: []types.BaseSelectionSpec{
		&types.TraversalSpec{Type: "HostSystem", Path: "configManager.certificateManager"},
	}}
	reading, err := i.Read([]types.PropertyFilterSpec{{
		ObjectSet: []types.ObjectSpec{{Obj: manager}, {Obj: alarm}, {Obj: viewRef, Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{way}}},
		PropSet: []types.PropertySpec{
			{Type: "LicenseManager", PathSet: []string{"licenses"}}, {Type: "Alarm", PathSet: []string{"info.name"}},
			{Type: "HostCertificateManager", PathSet: []string{"certificateInfo.notAfter"}},
		},
	}}, views(t, i, root))
	require.NoError(t, err)
	all := reading.Next(0)
	require.Len(t, all, 4)
	assert.Len(t, all[0].PropSet[0].Val.(types.ArrayOfLicenseManagerLicenseInfo).LicenseManagerLicenseInfo, 3)
	assert.Equal(t, "Virtual machine CPU usage", all[1].PropSet[0].Val)
	assert.NotEmpty(t, all[2].PropSet[0].Val)
}
