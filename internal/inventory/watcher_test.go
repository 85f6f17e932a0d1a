package inventory_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// named finds an object by its type and name, nil where there is none.
func named(s *inventory.Snapshot, class, name string) *inventory.Object {
	for o := range s.All() {
		if o.Type == class && o.Name() == name {
			return o
		}
	}
	return nil
}

// powered is the state of a virtual machine.
func powered(name, state string) func(*inventory.Snapshot) bool {
	return func(s *inventory.Snapshot) bool {
		return named(s, "VirtualMachine", name).Get("runtime.powerState") == state
	}
}

// told compares and returns what is to be told, in words, and the state after that.
func told(state *inventory.State, cache *inventory.Cache) ([]string, *inventory.State) {
	deltas, state := state.Compare(cache.InstanceUUID(), cache.Snapshot())
	var bodies []string
	for _, d := range deltas {
		for _, c := range d.Changes {
			bodies = append(bodies, c.Body())
		}
	}
	return bodies, state.With(deltas...)
}

func newState(t *testing.T, exclude ...string) *inventory.State {
	t.Helper()
	tracking, err := inventory.NewTracking(exclude)
	require.NoError(t, err)
	return inventory.NewState(tracking)
}

// fresh is the inventory as a new watcher reads it.
func (p *place) fresh(t *testing.T) *inventory.Snapshot {
	t.Helper()
	cache := p.cache()
	w := p.watch(t, cache, settings)
	next(t, w)
	require.NoError(t, w.Close(t.Context()))
	return cache.Snapshot()
}

func TestWhatHappensInAnInventoryIsTold(t *testing.T) {
	p := newPlace(t, 20)
	cache := p.cache()
	w := p.watch(t, cache, settings)
	assert.True(t, next(t, w).Full)
	assert.Equal(t, 20, cache.Snapshot().Counts()["VirtualMachine"])
	state := newState(t).Baseline(cache.Snapshot())
	step := func(want []string, expected func(*inventory.Snapshot) bool) {
		t.Helper()
		until(t, w, cache, expected)
		var all []string
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
			var bodies []string
			if bodies, state = told(state, cache); len(bodies) > 0 {
				all = append(all, bodies...)
			}
			if subset(want, all) {
				break
			}
			next(t, w)
		}
		assert.Subset(t, all, want)
	}

	vm := p.vm(t, "DC0_C0_RP0_VM7")
	task, err := vm.PowerOff(t.Context())
	done(t, task, err)
	step([]string{"VirtualMachine DC0_C0_RP0_VM7: runtime.powerState poweredOn → poweredOff"}, powered("DC0_C0_RP0_VM7", "poweredOff"))
	task, err = vm.PowerOn(t.Context())
	done(t, task, err)
	step([]string{"VirtualMachine DC0_C0_RP0_VM7: runtime.powerState poweredOff → poweredOn"}, powered("DC0_C0_RP0_VM7", "poweredOn"))

	task, err = vm.Rename(t.Context(), "web-07")
	done(t, task, err)
	step([]string{"VirtualMachine web-07: name DC0_C0_RP0_VM7 → web-07"}, powered("web-07", "poweredOn"))
	e, known := cache.Snapshot().Context().Of(vm.Reference().Value)
	require.True(t, known)
	assert.Equal(t, "/DC0/vm/web-07", e.Path)
	assert.Equal(t, "DC0_C0", e.Cluster.Name)

	parent, err := p.finder.Folder(t.Context(), "/DC0/vm")
	require.NoError(t, err)
	task, err = vm.Clone(t.Context(), parent, "copy", types.VirtualMachineCloneSpec{PowerOn: false})
	done(t, task, err)
	step([]string{"VirtualMachine copy created"}, powered("copy", "poweredOff"))

	task, err = vm.CreateSnapshot(t.Context(), "before the upgrade", "", false, false)
	done(t, task, err)
	hasSnapshot := func(s *inventory.Snapshot) bool {
		return len(slices.Collect(named(s, "VirtualMachine", "web-07").Elements("snapshot.rootSnapshotList"))) == 1
	}
	step(nil, hasSnapshot)
	task, err = vm.RemoveAllSnapshot(t.Context(), nil)
	done(t, task, err)
	step(nil, func(s *inventory.Snapshot) bool { return !hasSnapshot(s) })

	task, err = p.vm(t, "copy").Destroy(t.Context())
	done(t, task, err)
	step([]string{"VirtualMachine copy removed"}, func(s *inventory.Snapshot) bool { return named(s, "VirtualMachine", "copy") == nil })
	assert.Equal(t, content(p.fresh(t)), content(cache.Snapshot()), "what was pushed, and what is there")
}

func subset(want, all []string) bool {
	for _, w := range want {
		if !slices.Contains(all, w) {
			return false
		}
	}
	return true
}

func TestAnInventoryComesInParts(t *testing.T) {
	p := newPlace(t, 6)
	cache := p.cache()
	small := settings
	small.MaxObjectUpdates = 3
	applied := next(t, p.watch(t, cache, small))
	assert.Greater(t, applied.Answers, 6)
	assert.Equal(t, content(p.fresh(t)), content(cache.Snapshot()))
}

// Of an update set that comes in parts, nothing may show before the last has come.
func TestAnUpdateSetOfWhichAPartIsLostIsNotApplied(t *testing.T) {
	p := newPlace(t, 6)
	cache := p.cache()
	small := settings
	small.MaxObjectUpdates = 3
	w := p.watch(t, cache, small)
	before := cache.Snapshot()
	p.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Skip: 4, Count: 1, Fault: fault.Cut(-200)})
	_, err := w.Next(t.Context())
	require.Error(t, err)
	assert.True(t, vsphere.IsTransport(err), "%v", err)
	assert.Same(t, before, cache.Snapshot())
	assert.False(t, cache.Snapshot().Context().Known())
	_, err = w.Next(t.Context())
	require.ErrorIs(t, err, inventory.ErrBroken)
}

// vCenter has forgotten what it told in an answer that nobody got.
func TestWhatALostAnswerHeldIsFound(t *testing.T) {
	p := newPlace(t, 6)
	cache := p.cache()
	w := p.watch(t, cache, settings)
	next(t, w)
	state := newState(t).Baseline(cache.Snapshot())
	known := cache.Snapshot()

	p.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1, Fault: fault.Lose()})
	off, gone := p.vm(t, "DC0_C0_RP0_VM1"), p.vm(t, "DC0_C0_RP0_VM2")
	for _, vm := range []*object.VirtualMachine{off, gone} {
		task, err := vm.PowerOff(t.Context())
		done(t, task, err)
	}
	task, err := gone.Destroy(t.Context())
	done(t, task, err)
	_, err = w.Next(within(t, time.Minute))
	require.Error(t, err)
	assert.Same(t, known, cache.Snapshot(), "what was known stays")
	require.NoError(t, w.Close(t.Context()))

	p.proxy.Clear()
	p.sessions.Report(p.session, err)
	p.connect(t)
	assert.True(t, next(t, p.watch(t, cache, settings)).Full)
	bodies, state := told(state, cache)
	assert.ElementsMatch(t, []string{
		"VirtualMachine DC0_C0_RP0_VM1: runtime.powerState poweredOn → poweredOff", "VirtualMachine DC0_C0_RP0_VM2 removed",
	}, bodies)
	bodies, _ = told(state, cache)
	assert.Empty(t, bodies, "once")
	e, found := cache.Snapshot().Context().Of(gone.Reference().Value)
	require.True(t, found)
	assert.True(t, e.Removed)
	assert.Equal(t, "/DC0/vm/DC0_C0_RP0_VM2", e.Path)
}

// Everything that lived in the session is gone with it; nothing has happened to the inventory.
func TestASessionThatIsKilledIsNoNews(t *testing.T) {
	p := newPlace(t, 6)
	cache := p.cache()
	w := p.watch(t, cache, settings)
	next(t, w)
	state := newState(t).Baseline(cache.Snapshot())
	objects := cache.Snapshot()

	p.sim.KillSessions()
	_, err := w.Next(within(t, time.Minute))
	require.Error(t, err)
	assert.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
	require.NoError(t, w.Close(t.Context()))
	p.sessions.Report(p.session, err)
	p.connect(t)
	next(t, p.watch(t, cache, settings))
	for o := range cache.Snapshot().All() {
		assert.Same(t, objects.Get(o.Moref), o, "what is equal stays what it is")
	}
	bodies, _ := told(state, cache)
	assert.Empty(t, bodies)
}

func TestAnotherVCenterIsNotMixedIn(t *testing.T) {
	p := newPlace(t, 2)
	_, err := inventory.Watch(t.Context(), p.session, inventory.NewCache("another"), settings)
	assert.ErrorIs(t, err, inventory.ErrAnotherVCenter)
}

func TestNothingIsLeftInVCenter(t *testing.T) {
	p := newPlace(t, 2)
	cache := p.cache()
	for range 3 {
		w, err := inventory.Watch(t.Context(), p.session, cache, settings)
		require.NoError(t, err)
		next(t, w)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the end of the context is why it is closed
		require.NoError(t, w.Close(ctx))
		assertNothingLeft(t, p)
	}
	p.proxy.Add(fault.Rule{Method: "CreateFilter", Count: 1, Fault: fault.ResetBefore()})
	_, err := inventory.Watch(t.Context(), p.session, cache, settings)
	require.Error(t, err)
	assertNothingLeft(t, p)
}

func assertNothingLeft(t *testing.T, p *place) {
	t.Helper()
	for _, s := range p.sim.Stats().Sessions {
		assert.Zero(t, s.Objects.PropertyCollectors+s.Objects.Filters+s.Objects.Views)
	}
}

// Close is bounded, and what it could not destroy is gone after the next good call.
func TestAWatcherIsClosedOverABlackHole(t *testing.T) {
	p := newPlace(t, 2)
	w := p.watch(t, p.cache(), settings)
	next(t, w)
	p.proxy.Add(fault.Rule{Method: "DestroyPropertyCollector", Fault: fault.BlackHole()})
	begun := time.Now()
	require.Error(t, w.Close(t.Context()))
	assert.Less(t, time.Since(begun), 30*time.Second)
	p.proxy.Clear()
	require.NoError(t, p.session.Synchronise(t.Context()))
	assertNothingLeft(t, p)
}

// A watcher whose making is cut short knows what it has made.
func TestAWatcherThatIsStoppedAtItsBeginLeavesNothing(t *testing.T) {
	p := newPlace(t, 2)
	for _, method := range []string{"CreateContainerView", "CreatePropertyCollector", "CreateFilter"} {
		ctx, cancel := context.WithCancel(t.Context())
		gate := fault.After(200 * time.Millisecond)
		p.proxy.Add(fault.Rule{Method: method, Count: 1, Fault: fault.Hold(gate)})
		go func() {
			<-gate.Arrived()
			cancel()
		}()
		_, err := inventory.Watch(ctx, p.session, p.cache(), settings)
		require.Error(t, err, method)
		assert.ErrorIs(t, err, context.Canceled, method)
		assertNothingLeft(t, p)
	}
}

// An older vCenter refuses a filter with a property that it does not know, and names one at a time.
func TestPropertiesThatAVCenterDoesNotKnowAreLeftOut(t *testing.T) {
	p := newPlace(t, 2)
	refuse := func(property string) fault.Rule {
		return fault.Rule{Method: "CreateFilter", Count: 1, Fault: fault.Answer(http.StatusInternalServerError, "text/xml",
			`<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring></faultstring><detail><InvalidPropertyFault xmlns="urn:vim25" xsi:type="InvalidProperty"><name>`+property+`</name></InvalidPropertyFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`)}
	}
	p.proxy.Add(refuse("runtime.paused"), refuse("runtime.powerState"))
	cache := p.cache()
	next(t, p.watch(t, cache, settings))
	vm := named(cache.Snapshot(), "VirtualMachine", "DC0_C0_RP0_VM0")
	assert.Empty(t, vm.Get("runtime.powerState"))
	assert.Equal(t, "connected", vm.Get("runtime.connectionState"))
	assert.Equal(t, 3, p.proxy.Count("CreateFilter").Requests)

	p.proxy.Add(refuse("runtime.paused"), refuse("runtime.paused"))
	_, err := inventory.Watch(t.Context(), p.session, cache, settings)
	require.Error(t, err, "one that is refused again would be refused for ever")
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	p := newPlace(t, 2)
	w := p.watch(t, p.cache(), settings)
	next(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond) // longer than a poll
	defer cancel()
	_, err := w.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.True(t, strings.HasPrefix(err.Error(), "read inventory: "), "%v", err)
}
