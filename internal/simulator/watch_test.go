package simulator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

type entry = journal.Entry

// watcher asks for updates, version after version.
type watcher struct {
	client  *vim25.Client
	pc      types.ManagedObjectReference
	version string
}

// watch watches a collector's latestPage.
func watch(t *testing.T, c *vim25.Client, collector types.ManagedObjectReference) *watcher {
	t.Helper()
	return watchSpec(t, c, latestPage(collector))
}

func latestPage(collector types.ManagedObjectReference) types.PropertyFilterSpec {
	return types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: collector.Type, PathSet: []string{"latestPage"}}},
		ObjectSet: []types.ObjectSpec{{Obj: collector}},
	}
}

func watchSpec(t *testing.T, c *vim25.Client, spec types.PropertyFilterSpec) *watcher {
	t.Helper()
	pc, err := property.DefaultCollector(c).Create(ctx(t))
	require.NoError(t, err)
	_, err = pc.CreateFilter(ctx(t), types.CreateFilter{Spec: spec})
	require.NoError(t, err)
	return &watcher{client: c, pc: pc.Reference()}
}

func (w *watcher) ask(ctx context.Context, seconds int32) (*types.UpdateSet, error) {
	res, err := methods.WaitForUpdatesEx(ctx, w.client, &types.WaitForUpdatesEx{
		This: w.pc, Version: w.version, Options: &types.WaitOptions{MaxWaitSeconds: &seconds},
	})
	if err != nil {
		return nil, err
	}
	return res.Returnval, nil
}

// next returns the events of the latestPage in the next update, nil when there was none in a second.
func (w *watcher) next(t *testing.T) []types.BaseEvent {
	t.Helper()
	set, err := w.ask(ctx(t), 1)
	require.NoError(t, err)
	if set == nil {
		return nil
	}
	w.version = set.Version
	page, _ := set.FilterSet[0].ObjectSet[0].ChangeSet[0].Val.(types.ArrayOfEvent)
	return page.Event
}

func TestABurstRingsAFewTimes(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{Coalesce: 50 * time.Millisecond})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	require.NoError(t, hc.SetPageSize(ctx(t), 1))
	w := watch(t, c, hc.Reference())
	assert.Empty(t, w.next(t), "at first, the page as it is")
	go func() {
		for range 100 {
			sim.Append(poweredOn(10)...)
			time.Sleep(time.Millisecond)
		}
	}()
	rings, last := 0, int32(0)
	for page := w.next(t); page != nil; page = w.next(t) {
		require.Len(t, page, 1)
		last = page[0].GetEvent().Key
		rings++
	}
	assert.LessOrEqual(t, rings, 20, "of a hundred")
	assert.Equal(t, sim.Journal().Last().Key(), last)
}

func TestEventsThatDoNotMatchDoNotRing(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watch(t, c, collector(t, c, onlyVMs).Reference())
	w.next(t)
	sim.Append(&types.HostConnectedEvent{})
	assert.Nil(t, w.next(t))
	assert.Equal(t, "1", w.version)
}

func TestALostDoorbellStaysLost(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	w := watch(t, c, hc.Reference())
	w.next(t)
	sim.SetDoorbell(false)
	sim.Append(poweredOn(1)...)
	assert.Nil(t, w.next(t))
	sim.Append(poweredOn(1)...)
	sim.SetDoorbell(true)
	assert.Nil(t, w.next(t))
	sim.Append(poweredOn(1)...)
	assert.Len(t, w.next(t), 3)
	page, err := hc.ReadNextEvents(ctx(t), 10)
	require.NoError(t, err)
	assert.Len(t, page, 3, "reads are not touched")
}

func TestALostAnswerIsRepeatedForItsVersion(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watch(t, c, collector(t, c, onlyVMs).Reference())
	w.next(t)
	sim.Append(poweredOn(1)...)
	first, err := w.ask(ctx(t), 1)
	require.NoError(t, err)
	sim.Append(poweredOn(1)...)
	again, err := w.ask(ctx(t), 1)
	require.NoError(t, err)
	assert.Equal(t, first, again)

	stale := w.version
	w.version = first.Version
	assert.Len(t, w.next(t), 2)
	for _, version := range []string{stale, "bogus"} {
		w.version = version
		_, err = w.ask(ctx(t), 1)
		assert.True(t, fault.Is(err, &types.InvalidCollectorVersion{}), "%v", err)
	}
	w.version = ""
	assert.Len(t, w.next(t), 2, "from the beginning")
}

func TestAWaitIsCanceled(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	w := watch(t, c, hc.Reference())
	w.next(t)
	done := w.hang(t, ctx(t), sim)
	_, err := methods.CancelWaitForUpdates(ctx(t), c, &types.CancelWaitForUpdates{This: w.pc})
	require.NoError(t, err)
	err = <-done
	assert.True(t, fault.Is(err, &types.RequestCanceled{}), "%v", err)
}

func TestADestroyedCollectorLeaves(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	w := watch(t, c, hc.Reference())
	w.next(t)
	require.NoError(t, hc.Destroy(ctx(t)))
	sim.Append(poweredOn(1)...)
	set, err := w.ask(ctx(t), 1)
	require.NoError(t, err)
	require.NotNil(t, set)
	assert.Equal(t, types.ObjectUpdateKindLeave, set.FilterSet[0].ObjectSet[0].Kind)
}

func TestPropertyCollectorsAndFiltersAreDestroyed(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	pc, err := property.DefaultCollector(c).Create(ctx(t))
	require.NoError(t, err)
	spec := types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: "EventHistoryCollector", PathSet: []string{"latestPage"}}},
		ObjectSet: []types.ObjectSpec{{Obj: hc.Reference()}},
	}
	f, err := pc.CreateFilter(ctx(t), types.CreateFilter{Spec: spec})
	require.NoError(t, err)
	_, err = pc.CreateFilter(ctx(t), types.CreateFilter{Spec: spec})
	require.NoError(t, err)
	assert.Equal(t, simulator.Objects{EventCollectors: 1, PropertyCollectors: 1, Filters: 2}, sim.Stats().Objects)
	require.NoError(t, f.Destroy(ctx(t)))
	assert.Equal(t, 1, sim.Stats().Objects.Filters)
	require.NoError(t, pc.Destroy(ctx(t)))
	require.NoError(t, hc.Destroy(ctx(t)))
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)

	w := watchSpec(t, c, types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: "Folder", PathSet: []string{"name"}}},
		ObjectSet: []types.ObjectSpec{{Obj: c.ServiceContent.RootFolder}},
	})
	assert.Equal(t, simulator.Objects{PropertyCollectors: 1, Filters: 1}, sim.Stats().Objects)
	hc = collector(t, c, onlyVMs)
	spec.ObjectSet[0].Obj = hc.Reference()
	_, err = methods.CreateFilter(ctx(t), c, &types.CreateFilter{This: w.pc, Spec: spec})
	assert.True(t, fault.Is(err, &types.NotSupported{}), "%v", err)
	require.NoError(t, hc.Destroy(ctx(t)))
	_, err = methods.DestroyPropertyCollector(ctx(t), c, &types.DestroyPropertyCollector{This: w.pc})
	require.NoError(t, err)
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)
}
