package simulator_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

func TestLoginsAndLogoutsAreInTheJournalOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := connect(t, sim)
	c.UserAgent = "tester/1"
	m := session.NewManager(c)
	require.NoError(t, m.Login(ctx(t), url.UserPassword("user", "pass")))
	key := sim.Stats().Sessions[0].Key
	require.NoError(t, m.Logout(ctx(t)))

	events := sim.Journal().Events()
	require.Len(t, events, 2)
	in, out := events[0].(*types.UserLoginSessionEvent), events[1].(*types.UserLogoutSessionEvent)
	assert.Equal(t, []string{"user", "127.0.0.1", "tester/1", key}, []string{in.UserName, in.IpAddress, in.UserAgent, in.SessionId})
	assert.Equal(t, "User user@127.0.0.1 logged in as tester/1", in.FullFormattedMessage)
	assert.Equal(t, []string{"user", "127.0.0.1", "tester/1", key}, []string{out.UserName, out.IpAddress, out.UserAgent, out.SessionId})
	assert.Equal(t, []int32{1, 2}, keys(events))
	assert.Empty(t, sim.Stats().Sessions)
	assert.Equal(t, 1, sim.Stats().Logins)
}

func TestPowerOperationsAreInTheJournalOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	m, err := view.NewManager(c).CreateContainerView(ctx(t), c.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	require.NoError(t, err)
	vms, err := m.Find(ctx(t), []string{"VirtualMachine"}, nil)
	require.NoError(t, err)
	sim.Journal().Prune(func(*entry) bool { return true })

	task, err := object.NewVirtualMachine(c, vms[0]).PowerOff(ctx(t))
	require.NoError(t, err)
	require.NoError(t, task.Wait(ctx(t)))

	events := sim.Journal().Events()
	require.Len(t, events, 2)
	assert.IsType(t, &types.VmStoppingEvent{}, events[0])
	off := events[1].(*types.VmPoweredOffEvent)
	assert.Equal(t, "user", off.UserName)
	assert.Equal(t, vms[0], off.Vm.Vm)
	assert.Contains(t, off.FullFormattedMessage, off.Vm.Name)
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{Username: "otel", Password: "secret"})
	m := session.NewManager(connect(t, sim))
	err := m.Login(ctx(t), url.UserPassword("otel", "guess"))
	require.True(t, fault.Is(err, &types.InvalidLogin{}), "%v", err)
	assert.IsType(t, &types.BadUsernameSessionEvent{}, sim.Journal().Events()[0])
	require.NoError(t, m.Login(ctx(t), url.UserPassword("otel", "secret")))
	sim.SetPassword("rotated")
	err = session.NewManager(connect(t, sim)).Login(ctx(t), url.UserPassword("otel", "secret"))
	assert.True(t, fault.Is(err, &types.InvalidLogin{}), "%v", err)
	assert.Equal(t, 1, sim.Stats().Logins)
	assert.Equal(t, 3, sim.Stats().Calls["Login"])
}

// waiting starts a long poll on a collector's latestPage, past the first answer, and returns how it ends.
func waiting(t *testing.T, sim *simulator.Simulator, c *vim25.Client, collector types.ManagedObjectReference) <-chan error {
	t.Helper()
	w := watch(t, c, collector)
	w.next(t)
	return w.hang(t, ctx(t), sim)
}

// hang asks for the next update in the background, and returns once the vCenter was asked.
func (w *watcher) hang(t *testing.T, ctx context.Context, sim *simulator.Simulator) <-chan error {
	t.Helper()
	asked := sim.Stats().Calls["WaitForUpdatesEx"]
	ended := make(chan error, 1)
	go func() {
		_, err := w.ask(ctx, 30)
		ended <- err
	}()
	require.Eventually(t, func() bool { return sim.Stats().Calls["WaitForUpdatesEx"] > asked }, 5*time.Second, time.Millisecond)
	time.Sleep(10 * time.Millisecond) // it is counted before it waits; this is for the test's sharpness, it holds without
	return ended
}

func TestAKilledSessionIsGoneWithAllItHad(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, types.EventFilterSpec{})
	ended := waiting(t, sim, c, hc.Reference())
	inventory := waitingOnInventory(t, sim, c)
	assert.Equal(t, simulator.Objects{EventCollectors: 1, PropertyCollectors: 2, Filters: 2, Views: 1}, sim.Stats().Objects)

	begun := time.Now()
	assert.Equal(t, 1, sim.KillSessions())
	for _, ended := range []<-chan error{ended, inventory} {
		err := <-ended
		assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	}
	assert.Less(t, time.Since(begun), 2*time.Second)
	_, err := hc.ReadNextEvents(ctx(t), 1)
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)
	assert.IsType(t, &types.SessionTerminatedEvent{}, sim.Journal().Last().Event)

	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	_, err = hc.ReadNextEvents(ctx(t), 1)
	assert.True(t, fault.Is(err, &types.ManagedObjectNotFound{}), "%v", err)
}

// waitingOnInventory is a long poll that vcsim answers.
func waitingOnInventory(t *testing.T, sim *simulator.Simulator, c *vim25.Client) <-chan error {
	t.Helper()
	v, err := view.NewManager(c).CreateContainerView(ctx(t), c.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	require.NoError(t, err)
	w := watchSpec(t, c, types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: "VirtualMachine", PathSet: []string{"name"}}},
		ObjectSet: []types.ObjectSpec{{Obj: v.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{v.TraversalSpec()}}},
	})
	w.next(t)
	return w.hang(t, ctx(t), sim)
}

func TestAReadUnderWayBringsNothingFromAfterTheEndOfItsSession(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	for range 15 {
		hc := collector(t, login(t, sim), onlyVMs)
		ask := ctx(t)
		var readers sync.WaitGroup
		for range 4 {
			readers.Go(func() {
				for {
					page, err := hc.ReadNextEvents(ask, 1000)
					if err != nil {
						return
					}
					assert.Empty(t, page)
				}
			})
		}
		time.Sleep(5 * time.Millisecond) // let them read
		sim.KillSessions()
		sim.Append(poweredOn(1)...)
		readers.Wait()
		sim.Journal().Prune(func(*entry) bool { return true })
	}
}

func TestAnAdministratorTerminatesASession(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	victim, admin := login(t, sim), login(t, sim)
	hc := collector(t, victim, types.EventFilterSpec{})
	ended := waiting(t, sim, victim, hc.Reference())
	require.NoError(t, session.NewManager(admin).TerminateSession(ctx(t), []string{sim.Stats().Sessions[0].Key}))
	err := <-ended
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	assert.Len(t, sim.Stats().Sessions, 1)
	collector(t, admin, types.EventFilterSpec{})
}

func TestARestartCutsConnectionsAndComesBack(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{TLS: true})
	c := login(t, sim)
	ended := waiting(t, sim, c, collector(t, c, types.EventFilterSpec{}).Reference())
	sim.Append(poweredOn(3)...)
	where := sim.URL().String()
	require.NoError(t, sim.Suspend())
	require.Error(t, <-ended)
	_, err := methods.GetCurrentTime(ctx(t), c)
	require.Error(t, err, "nobody listens")
	require.NoError(t, sim.Resume())

	assert.Equal(t, where, sim.URL().String())
	assert.Empty(t, sim.Stats().Sessions)
	assert.IsType(t, &types.ServerStartedSessionEvent{}, sim.Journal().Last().Event)
	_, err = methods.GetCurrentTime(ctx(t), c)
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	page, err := collector(t, c, onlyVMs).ReadNextEvents(ctx(t), 10)
	require.NoError(t, err)
	assert.Len(t, page, 3)
}

func TestAClientThatIsGoneEndsItsLongPoll(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	w := watch(t, c, collector(t, c, onlyVMs).Reference())
	w.next(t)
	gone, cancel := context.WithCancel(ctx(t))
	done := w.hang(t, gone, sim)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)

	sim.Append(poweredOn(1)...)
	assert.Len(t, w.next(t), 1, "the update was not stolen by the wait that nobody hears")
}

func TestAClientThatIsGoneStealsNoUpdateOfTheInventory(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	vm := sim.Inventory()[0].VM.Vm
	w := watchSpec(t, c, types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: vm.Type, PathSet: []string{"runtime.powerState"}}},
		ObjectSet: []types.ObjectSpec{{Obj: vm}},
	})
	w.next(t)
	gone, cancel := context.WithCancel(ctx(t))
	done := w.hang(t, gone, sim)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	time.Sleep(200 * time.Millisecond) // for the server to hear of it

	task, err := object.NewVirtualMachine(c, vm).PowerOff(ctx(t))
	require.NoError(t, err)
	require.NoError(t, task.Wait(ctx(t)))
	set, err := w.ask(ctx(t), 2)
	require.NoError(t, err)
	require.NotNil(t, set, "the update was stolen by the wait that nobody hears")
	assert.Equal(t, types.VirtualMachinePowerStatePoweredOff, set.FilterSet[0].ObjectSet[0].ChangeSet[0].Val)
}

// What cuts the connections of a vCenter ends no session: a wait must not be told, in the instant between, that it did.
func TestAWaitWhoseConnectionIsCutHasNoAnswer(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{TLS: true})
	c := login(t, sim)
	for range 20 {
		ended := waitingOnInventory(t, sim, c)
		require.NoError(t, sim.RenewCertificate())
		err := <-ended
		require.Error(t, err)
		require.False(t, soap.IsSoapFault(err), "%v", err)
		c.CloseIdleConnections()
	}
}

func TestCloseDoesNotWaitForLongPolls(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	c := login(t, sim)
	ended := waiting(t, sim, c, collector(t, c, types.EventFilterSpec{}).Reference())
	inventory := waitingOnInventory(t, sim, c)
	begun := time.Now()
	require.NoError(t, sim.Close())
	assert.Less(t, time.Since(begun), 2*time.Second)
	require.Error(t, <-ended)
	require.Error(t, <-inventory)

	other, err := simulator.New(simulator.Settings{Listen: sim.URL().Host})
	require.NoError(t, err, "the address is free")
	require.NoError(t, other.Close())
	require.NoError(t, other.Close(), "twice")
}

func TestAReadInALostSessionMissesTheLatestPage(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, types.EventFilterSpec{})
	sim.KillSessions()
	_, err := hc.LatestPage(ctx(t))
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
}

func TestUnauthenticatedReadsMissEverything(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := connect(t, sim)
	res, err := methods.RetrievePropertiesEx(ctx(t), c, &types.RetrievePropertiesEx{
		This: c.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			PropSet:   []types.PropertySpec{{Type: "EventManager", PathSet: []string{"latestEvent"}}},
			ObjectSet: []types.ObjectSpec{{Obj: *c.ServiceContent.EventManager}},
		}},
	})
	require.NoError(t, err)
	require.Len(t, res.Returnval.Objects, 1)
	assert.Empty(t, res.Returnval.Objects[0].PropSet)
	require.Len(t, res.Returnval.Objects[0].MissingSet, 1)
	assert.IsType(t, &types.NotAuthenticated{}, res.Returnval.Objects[0].MissingSet[0].Fault.Fault)
}

func TestCallsAreTold(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := connect(t, sim)
	c.UserAgent = "tester/2"
	with := context.WithValue(ctx(t), types.ID{}, "op-1")
	_, err := methods.GetCurrentTime(with, c)
	require.Error(t, err)
	calls := sim.Calls()
	last := calls[len(calls)-1]
	assert.Equal(t, []string{"CurrentTime", "op-1", "tester/2", ""}, []string{last.Method, last.OperationID, last.UserAgent, last.Session})
}
