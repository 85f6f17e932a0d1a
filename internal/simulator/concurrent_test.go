package simulator_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

// nameOf asks for the name of an object of the inventory, which vcsim answers.
func nameOf(ref types.ManagedObjectReference) types.PropertyFilterSpec {
	return types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: ref.Type, PathSet: []string{"name"}}},
		ObjectSet: []types.ObjectSpec{{Obj: ref}},
	}
}

// A client that ends its watch while it begins it asks for a filter over a collector that it has destroyed, and destroys the property
// collector meanwhile.
func TestAWatchThatEndsWhileItBegins(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	for range 20 {
		hc := collector(t, c, onlyVMs)
		require.NoError(t, hc.Destroy(ctx(t)))
		made, err := methods.CreatePropertyCollector(ctx(t), c, &types.CreatePropertyCollector{This: c.ServiceContent.PropertyCollector})
		require.NoError(t, err)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := methods.CreateFilter(ctx(t), c, &types.CreateFilter{This: made.Returnval, Spec: latestPage(hc.Reference())})
				assert.True(t, fault.Is(err, &types.ManagedObjectNotFound{}), "%v", err)
			})
		}
		_, err = methods.DestroyPropertyCollector(ctx(t), c, &types.DestroyPropertyCollector{This: made.Returnval})
		assert.NoError(t, err)
		all.Wait()
	}
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)
}

func TestWhatIsToldOfACollectorThatIsGone(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, onlyVMs)
	require.NoError(t, hc.Destroy(ctx(t)))
	pc, err := property.DefaultCollector(c).Create(ctx(t))
	require.NoError(t, err)
	_, err = pc.CreateFilter(ctx(t), types.CreateFilter{Spec: latestPage(hc.Reference())})
	assert.True(t, fault.Is(err, &types.ManagedObjectNotFound{}), "%v", err)
	_, err = pc.CreateFilter(ctx(t), types.CreateFilter{Spec: nameOf(c.ServiceContent.RootFolder)})
	require.NoError(t, err, "a property collector is of no kind before it has a filter")

	_, err = hc.LatestPage(ctx(t))
	assert.True(t, fault.Is(err, &types.ManagedObjectNotFound{}), "%v", err)
	spec := latestPage(hc.Reference())
	spec.ReportMissingObjectsInResults = types.NewBool(true)
	res, err := methods.RetrievePropertiesEx(ctx(t), c, &types.RetrievePropertiesEx{
		This: c.ServiceContent.PropertyCollector, SpecSet: []types.PropertyFilterSpec{spec},
	})
	require.NoError(t, err)
	assert.Empty(t, res.Returnval.Objects)
}

// vcsim has no lock for a property collector, so that it is for us to let in one call at a time.
func TestManyChangeOnePropertyCollector(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	for range 5 {
		w := watchSpec(t, c, nameOf(c.ServiceContent.RootFolder))
		w.next(t)
		waits, end := context.WithCancel(ctx(t))
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				for waits.Err() == nil {
					_, _ = w.ask(waits, 1) // an answer that two wait for is for one of them
				}
			})
		}
		var changes sync.WaitGroup
		for range 3 {
			changes.Go(func() {
				for range 5 {
					f, err := methods.CreateFilter(ctx(t), c, &types.CreateFilter{This: w.pc, Spec: nameOf(sim.Inventory()[0].VM.Vm)})
					if assert.NoError(t, err) {
						_, err = methods.DestroyPropertyFilter(ctx(t), c, &types.DestroyPropertyFilter{This: f.Returnval})
						assert.NoError(t, err)
					}
				}
			})
		}
		changes.Wait()
		all.Go(func() {
			_, _ = methods.CreateFilter(ctx(t), c, &types.CreateFilter{This: w.pc, Spec: nameOf(sim.Inventory()[0].VM.Vm)})
		})
		_, err := methods.DestroyPropertyCollector(ctx(t), c, &types.DestroyPropertyCollector{This: w.pc})
		require.NoError(t, err)
		end()
		all.Wait()
	}
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)
}

func TestAWaitOnTheInventoryIsCanceled(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watchSpec(t, c, nameOf(c.ServiceContent.RootFolder))
	w.next(t)
	ended := w.hang(t, ctx(t), sim)
	canceled := func() bool {
		_, err := methods.CancelWaitForUpdates(ctx(t), c, &types.CancelWaitForUpdates{This: w.pc})
		assert.NoError(t, err)
		return len(ended) > 0
	}
	require.Eventually(t, canceled, 10*time.Second, 10*time.Millisecond)
	err := <-ended
	assert.True(t, fault.Is(err, &types.RequestCanceled{}), "%v", err)

	ended = w.hang(t, ctx(t), sim)
	_, err = methods.DestroyPropertyCollector(ctx(t), c, &types.DestroyPropertyCollector{This: w.pc})
	require.NoError(t, err)
	err = <-ended
	if !fault.Is(err, &types.ManagedObjectNotFound{}) { // it was counted, and did not wait yet
		assert.True(t, fault.Is(err, &types.RequestCanceled{}), "%v", err)
	}
}

func TestAWaitOnTheInventoryEndsInTime(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watchSpec(t, c, nameOf(c.ServiceContent.RootFolder))
	w.next(t)
	begun := time.Now()
	set, err := w.ask(ctx(t), 1)
	require.NoError(t, err)
	assert.Nil(t, set, "there was no change in time")
	assert.GreaterOrEqual(t, time.Since(begun), time.Second)
}

func TestTheWaitOfOldClients(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watchSpec(t, c, nameOf(c.ServiceContent.RootFolder))
	res, err := methods.WaitForUpdates(ctx(t), c, &types.WaitForUpdates{This: w.pc})
	require.NoError(t, err)
	require.Len(t, res.Returnval.FilterSet, 1)
	assert.NotEmpty(t, res.Returnval.Version)
}

// A call that comes while its session ends finds none: not the one that vcsim has still got.
func TestASessionIsLoggedOutOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	for range 60 {
		c := login(t, sim)
		var all sync.WaitGroup
		var out atomic.Int32
		for range 8 {
			all.Go(func() {
				if err := session.NewManager(c).Logout(ctx(t)); err == nil {
					out.Add(1)
				} else {
					assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
				}
			})
		}
		all.Wait()
		assert.EqualValues(t, 1, out.Load())
		assert.IsType(t, &types.UserLogoutSessionEvent{}, sim.Journal().Last().Event)
		assert.Equal(t, 2, sim.Journal().Prune(func(*entry) bool { return true }), "one login and one logout")
	}
}
