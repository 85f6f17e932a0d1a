package simulator_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	large "github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

func startLarge(t *testing.T, vms int) *simulator.Simulator {
	t.Helper()
	return start(t, simulator.Settings{Inventory: large.Settings{VMs: vms}, Coalesce: time.Nanosecond})
}

func everything(t *testing.T, c *vim25.Client, kinds ...string) *view.ContainerView {
	t.Helper()
	v, err := view.NewManager(c).CreateContainerView(ctx(t), c.ServiceContent.RootFolder, kinds, true)
	require.NoError(t, err)
	return v
}

func TestGovmomiReadsTheLargeInventory(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	var vms []mo.VirtualMachine
	v := everything(t, c, "VirtualMachine")
	require.NoError(t, v.Retrieve(ctx(t), []string{"VirtualMachine"}, nil, &vms))
	require.Len(t, vms, 30)
	for _, vm := range vms {
		assert.Equal(t, vm.Name, vm.Summary.Config.Name)
		assert.Equal(t, vm.Runtime.PowerState, vm.Summary.Runtime.PowerState)
		assert.NotEmpty(t, vm.Config.Hardware.Device)
		assert.NotEmpty(t, vm.Guest.HostName)
	}
	var all []types.ObjectContent
	v = everything(t, c)
	require.NoError(t, v.Retrieve(ctx(t), nil, nil, &all), "all properties of all types")
	assert.Len(t, all, len(sim.Large().Facts())-1, "all but the root")
}

func TestALargeReadComesInPages(t *testing.T) {
	sim := startLarge(t, 2500)
	c := login(t, sim)
	var vms []mo.VirtualMachine
	v := everything(t, c, "VirtualMachine")
	require.NoError(t, v.Retrieve(ctx(t), []string{"VirtualMachine"}, []string{"name"}, &vms))
	require.Len(t, vms, 2500)
	calls := sim.Stats().Calls
	assert.Equal(t, 3, calls["RetrievePropertiesEx"]+calls["ContinueRetrievePropertiesEx"])
	_, err := methods.ContinueRetrievePropertiesEx(ctx(t), c, &types.ContinueRetrievePropertiesEx{
		This: c.ServiceContent.PropertyCollector, Token: "1",
	})
	assert.True(t, fault.Is(err, &types.InvalidArgument{}), "a token is good for one call: %v", err)
	require.NoError(t, v.Destroy(ctx(t)))
	assert.Zero(t, sim.Stats().Objects)
	assert.Error(t, v.Retrieve(ctx(t), []string{"VirtualMachine"}, []string{"name"}, &vms))
}

func TestAFinderWalksTheTree(t *testing.T) {
	sim := startLarge(t, 50)
	c := login(t, sim)
	finder := find.NewFinder(c)
	dc, err := finder.DefaultDatacenter(ctx(t))
	require.NoError(t, err)
	finder.SetDatacenter(dc)
	vms, err := finder.VirtualMachineList(ctx(t), "/DC0/vm/*/*")
	require.NoError(t, err)
	assert.Len(t, vms, 50)
	paths := map[string]bool{}
	for _, f := range sim.Large().Facts() {
		paths[f.Path] = true
	}
	for _, vm := range vms {
		assert.True(t, paths[vm.InventoryPath], vm.InventoryPath)
	}
	hosts, err := finder.HostSystemList(ctx(t), "/DC0/host/*/*")
	require.NoError(t, err)
	assert.Len(t, hosts, 2)
	ancestors, err := mo.Ancestors(ctx(t), c, c.ServiceContent.PropertyCollector, vms[0].Reference())
	require.NoError(t, err)
	assert.Equal(t, "Datacenters", ancestors[0].Name)
}

// watching is a filter over everything, of a property collector of its own.
type watching struct {
	pc *property.Collector
	c  *vim25.Client
}

func watchEverything(t *testing.T, c *vim25.Client, specs ...types.PropertySpec) watching {
	t.Helper()
	pc, err := property.DefaultCollector(c).Create(ctx(t))
	require.NoError(t, err)
	v := everything(t, c)
	_, err = pc.CreateFilter(ctx(t), types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{
			{Obj: c.ServiceContent.RootFolder}, {Obj: *c.ServiceContent.CustomFieldsManager},
			{Obj: v.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{
				&types.TraversalSpec{Type: "ContainerView", Path: "view"},
			}},
		},
		PropSet: specs,
	}})
	require.NoError(t, err)
	return watching{pc, c}
}

func (w watching) wait(t *testing.T, version string, most, seconds int32) (*types.UpdateSet, error) {
	t.Helper()
	res, err := methods.WaitForUpdatesEx(ctx(t), w.c, &types.WaitForUpdatesEx{This: w.pc.Reference(), Version: version,
		Options: &types.WaitOptions{MaxObjectUpdates: most, MaxWaitSeconds: &seconds}})
	if err != nil {
		return nil, err
	}
	return res.Returnval, nil
}

func TestGovmomiIsToldOfChanges(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name", "runtime.host"}},
		types.PropertySpec{Type: "CustomFieldsManager", PathSet: []string{"field"}})
	set, err := w.wait(t, "", 0, 5)
	require.NoError(t, err)
	assert.Len(t, set.FilterSet[0].ObjectSet, 31)
	renamed, err := sim.Large().Play("rename", 1)
	require.NoError(t, err)
	next, err := w.wait(t, set.Version, 0, 5)
	require.NoError(t, err)
	update := next.FilterSet[0].ObjectSet[0]
	assert.Equal(t, renamed[0], update.Obj)
	assert.Equal(t, "name", update.ChangeSet[0].Name)
	last := sim.Journal().Last().Event.(*types.VmRenamedEvent)
	assert.Equal(t, update.ChangeSet[0].Val, last.NewName)
	assert.Equal(t, renamed[0], last.Vm.Vm)

	again, err := w.wait(t, set.Version, 0, 5)
	require.NoError(t, err)
	assert.Equal(t, next, again, "the answer was lost")
	_, err = w.wait(t, "77", 0, 5)
	assert.True(t, fault.Is(err, &types.InvalidCollectorVersion{}), "%v", err)
	none, err := w.wait(t, next.Version, 0, 0)
	require.NoError(t, err)
	assert.Nil(t, none)
}

func TestALongPollOfTheInventoryEndsWithItsSession(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name"}})
	set, err := w.wait(t, "", 0, 5)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := w.wait(t, set.Version, 0, 50)
		ended <- err
	}()
	waitForCalls(t, sim, "WaitForUpdatesEx", 2)
	assert.Equal(t, 1, sim.KillSessions())
	err = <-ended
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	_, err = w.wait(t, set.Version, 0, 5)
	assert.Error(t, err)
	require.Eventually(t, func() bool {
		before := sim.Large().Looked()
		_, err := sim.Large().Play("rename", 1)
		return err == nil && sim.Large().Looked() == before+1
	}, time.Minute, time.Millisecond, "nobody watches any more")
}

func waitForCalls(t *testing.T, sim *simulator.Simulator, method string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return sim.Stats().Calls[method] >= n }, time.Minute, time.Millisecond)
}

func TestAClientThatHangsUpTakesNoUpdatesWithIt(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name"}})
	set, err := w.wait(t, "", 0, 5)
	require.NoError(t, err)
	for n := range 5 {
		hung, hangUp := context.WithCancel(ctx(t))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = methods.WaitForUpdatesEx(hung, c, &types.WaitForUpdatesEx{This: w.pc.Reference(), Version: set.Version})
		}()
		waitForCalls(t, sim, "WaitForUpdatesEx", 2+2*n)
		hangUp()
		<-ended
		renamed, err := sim.Large().Play("rename", 1)
		require.NoError(t, err)
		next, err := w.wait(t, set.Version, 0, 30)
		require.NoError(t, err)
		require.NotNil(t, next)
		assert.Equal(t, renamed[0], next.FilterSet[0].ObjectSet[0].Obj)
		set = next
	}
}

func TestWaitsAreCancelled(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name"}})
	set, err := w.wait(t, "", 0, 5)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := w.wait(t, set.Version, 0, 50)
		ended <- err
	}()
	waitForCalls(t, sim, "WaitForUpdatesEx", 2)
	require.Eventually(t, func() bool {
		require.NoError(t, w.pc.CancelWaitForUpdates(ctx(t)))
		return len(ended) > 0
	}, time.Minute, time.Millisecond)
	err = <-ended
	assert.True(t, fault.Is(err, &types.RequestCanceled{}), "%v", err)
	require.NoError(t, w.pc.Destroy(ctx(t)))
	assert.Zero(t, sim.Stats().Objects.Filters+sim.Stats().Objects.PropertyCollectors)
}

func TestAStormFromAPropertyCollectorIsAFullRead(t *testing.T) {
	sim := startLarge(t, 60)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name", "parent", "runtime", "config", "guest", "snapshot"}})
	known, version := map[types.ManagedObjectReference]map[string]any{}, ""
	for round := range 4 {
		for more := true; more; {
			set, err := w.wait(t, version, 25, 5)
			require.NoError(t, err)
			require.NotNil(t, set)
			for _, u := range set.FilterSet[0].ObjectSet {
				apply(known, u)
			}
			version, more = set.Version, set.Truncated != nil && *set.Truncated
		}
		compare(t, c, known, fmt.Sprintf("round %d", round))
		for script, n := range map[string]int{"storm": 20, "clone": 5, "delete": 5, "snapshot": 4, "unsnapshot": 2} {
			_, err := sim.Large().Play(script, n)
			require.NoError(t, err)
		}
	}
}

func apply(known map[types.ManagedObjectReference]map[string]any, u types.ObjectUpdate) {
	if u.Kind == types.ObjectUpdateKindLeave {
		delete(known, u.Obj)
		return
	}
	if u.Kind == types.ObjectUpdateKindEnter {
		known[u.Obj] = map[string]any{}
	}
	for _, change := range u.ChangeSet {
		if change.Val == nil {
			delete(known[u.Obj], change.Name)
			continue
		}
		known[u.Obj][change.Name] = change.Val
	}
}

// compare reads everything anew.
func compare(t *testing.T, c *vim25.Client, known map[types.ManagedObjectReference]map[string]any, when string) {
	t.Helper()
	v := everything(t, c, "VirtualMachine")
	var content []types.ObjectContent
	require.NoError(t, v.Retrieve(ctx(t), []string{"VirtualMachine"}, []string{"name", "parent", "runtime", "config", "guest", "snapshot"}, &content))
	require.NoError(t, v.Destroy(ctx(t)))
	require.Len(t, known, len(content), when)
	for _, o := range content {
		is := map[string]any{}
		for _, p := range o.PropSet {
			is[p.Name] = p.Val
		}
		require.Equal(t, is, known[o.Obj], "%s: %s", when, o.Obj)
	}
}

func TestHistoryAndInventoryAreNotWatchedTogether(t *testing.T) {
	sim := startLarge(t, 5)
	c := login(t, sim)
	w := watchEverything(t, c, types.PropertySpec{Type: "VirtualMachine", PathSet: []string{"name"}})
	hc := collector(t, c, types.EventFilterSpec{})
	_, err := w.pc.CreateFilter(ctx(t), types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{Obj: hc.Reference()}},
		PropSet:   []types.PropertySpec{{Type: "EventHistoryCollector", PathSet: []string{"latestPage"}}},
	}})
	assert.True(t, fault.Is(err, &types.NotSupported{}), "%v", err)
	_, err = w.pc.CreateFilter(ctx(t), types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{Obj: c.ServiceContent.RootFolder}},
		PropSet:   []types.PropertySpec{{Type: "Folder", PathSet: []string{"colour"}}},
	}})
	assert.True(t, fault.Is(err, &types.InvalidProperty{}), "%v", err)
}

func TestWithoutASessionPropertiesAreMissing(t *testing.T) {
	sim := startLarge(t, 30)
	c := connect(t, sim)
	var folder mo.Folder
	err := property.DefaultCollector(c).RetrieveOne(ctx(t), c.ServiceContent.RootFolder, []string{"name"}, &folder)
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	res, err := methods.RetrievePropertiesEx(ctx(t), c, &types.RetrievePropertiesEx{
		This: c.ServiceContent.PropertyCollector, SpecSet: []types.PropertyFilterSpec{{
			ObjectSet: []types.ObjectSpec{{Obj: c.ServiceContent.RootFolder}},
			PropSet:   []types.PropertySpec{{Type: "Folder", PathSet: []string{"name"}}},
		}},
	})
	require.NoError(t, err)
	assert.Empty(t, res.Returnval.Objects[0].PropSet)
	assert.IsType(t, &types.NotAuthenticated{}, res.Returnval.Objects[0].MissingSet[0].Fault.Fault)
}

func TestGovmomiReadsTags(t *testing.T) {
	sim := startLarge(t, 30)
	c := login(t, sim)
	r := rest.NewClient(c)
	m := tags.NewManager(r)
	_, err := m.ListTags(ctx(t))
	assert.True(t, rest.IsStatusError(err, 401), "%v", err)
	assert.Error(t, r.Login(ctx(t), url.UserPassword("user", "wrong")))
	require.NoError(t, r.Login(ctx(t), url.UserPassword("user", "pass")))
	who, err := r.Session(ctx(t))
	require.NoError(t, err)
	assert.Equal(t, "user", who.User)

	tagged, err := sim.Large().Play("tag", 3)
	require.NoError(t, err)
	assert.Equal(t, "com.vmware.cis.tagging.attach", sim.Journal().Last().TypeID())
	names := map[string][]string{}
	for _, f := range sim.Large().Facts() {
		names[f.MoRef] = f.Tags
	}
	all := make([]mo.Reference, len(tagged))
	for i, ref := range tagged {
		all[i] = ref
	}
	attached, err := m.GetAttachedTagsOnObjects(ctx(t), all)
	require.NoError(t, err)
	require.Len(t, attached, 3)
	for _, a := range attached {
		var has []string
		for _, tag := range a.Tags {
			has = append(has, tag.Name)
		}
		assert.Equal(t, names[a.ObjectID.Reference().Value], has)
	}
	categories, err := m.GetCategories(ctx(t))
	require.NoError(t, err)
	assert.Len(t, categories, 2)
	of, err := m.GetTagsForCategory(ctx(t), "application")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(of), 4)
	objects, err := m.GetAttachedObjectsOnTags(ctx(t), []string{attached[0].TagIDs[0]})
	require.NoError(t, err)
	assert.NotEmpty(t, objects[0].ObjectIDs)

	sim.KillSessions()
	who, err = r.Session(ctx(t))
	require.NoError(t, err)
	assert.Nil(t, who)
	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	require.NoError(t, r.Login(ctx(t), url.UserPassword("user", "pass")))
	require.NoError(t, r.Logout(ctx(t)))
}

func TestTheTaggingAPIRefusesAsAVCenterDoes(t *testing.T) {
	sim := startLarge(t, 2001)
	r := rest.NewClient(login(t, sim))
	require.NoError(t, r.Login(ctx(t), url.UserPassword("user", "pass")))
	m := tags.NewManager(r)
	var all []mo.Reference
	for _, ref := range sim.Large().Of("VirtualMachine") {
		all = append(all, ref)
	}
	_, err := m.ListAttachedTagsOnObjects(ctx(t), all)
	assert.ErrorContains(t, err, "400", "too many")
	all = all[:2000]
	attached, err := m.ListAttachedTagsOnObjects(ctx(t), all)
	require.NoError(t, err)
	assert.NotEmpty(t, attached)

	sim.Tagging().Hide(all[7].Reference())
	_, err = m.ListAttachedTagsOnObjects(ctx(t), all[:10])
	assert.True(t, rest.IsStatusError(err, 403), "%v", err)
	gone := types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-0"}
	_, err = m.ListAttachedTagsOnObjects(ctx(t), []mo.Reference{gone})
	require.NoError(t, err)
	sim.Tagging().SetStrict(true)
	_, err = m.ListAttachedTagsOnObjects(ctx(t), []mo.Reference{gone})
	assert.True(t, rest.IsStatusError(err, 403), "%v", err)

	sim.Tagging().SetAbsent(true)
	_, err = m.ListTags(ctx(t))
	assert.True(t, rest.IsStatusError(err, 404), "%v", err)
	sim.Tagging().SetAbsent(false)
	require.NoError(t, r.Logout(ctx(t)))
	stats := sim.Tagging().Stats()
	assert.Equal(t, 5, stats.Calls["POST tagging/tag-association list-attached-tags-on-objects"])
	stats.Calls = nil
	assert.Equal(t, large.TaggingStats{Logins: 1, Logouts: 1}, stats)
}

func TestTrafficIsAboutTheLargeInventory(t *testing.T) {
	sim := startLarge(t, 30)
	sim.Traffic(1).Burst(50)
	assert.Equal(t, 50, sim.Journal().Len())
	assert.Len(t, sim.Inventory(), 30)
	vm := sim.Large().Of("VirtualMachine")[0]
	hc := collector(t, login(t, sim), types.EventFilterSpec{Entity: &types.EventFilterSpecByEntity{
		Entity: sim.Large().Of("Datacenter")[0], Recursion: types.EventFilterSpecRecursionOptionAll,
	}})
	_, err := sim.Large().Play("delete", 29)
	require.NoError(t, err)
	events, err := hc.ReadNextEvents(ctx(t), 1000)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(events), 29)
	assert.NotEmpty(t, sim.Large().Ancestors(vm))
}
