package inventory_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// estate is a simulated vCenter with a large inventory behind a line that can break, what was pushed of it, and a poller.
type estate struct {
	sim      *simulator.Simulator
	proxy    *fault.Proxy
	sessions *vsphere.Supervisor
	session  *vsphere.Session
	snapshot *inventory.Snapshot
	poller   *inventory.Poller
	received atomic.Int64 // bytes
}

func newEstate(t *testing.T, vms int, polling inventory.PollSettings) *estate {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Inventory: property.Settings{VMs: vms}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	proxy, err := fault.New(sim.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	e := &estate{sim: sim, proxy: proxy}
	e.sessions = vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: proxy.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
		APITimeout: 30 * time.Second, Wait: time.Second,
		Observer: vsphere.Observer{Called: func(x vsphere.Exchange) { e.received.Add(int64(x.Received)) }},
	})
	t.Cleanup(func() { assert.NoError(t, e.sessions.Close(context.Background())) })
	e.connect(t)
	e.look()
	e.poller = inventory.NewPoller(e.session.About().InstanceUuid, polling)
	t.Cleanup(func() { _ = e.poller.Close(context.Background()) })
	return e
}

func (e *estate) connect(t *testing.T) {
	t.Helper()
	var err error
	e.session, err = e.sessions.Acquire(t.Context())
	require.NoError(t, err)
}

// look takes the inventory as it is now.
func (e *estate) look() {
	var all []inventory.Told
	for _, f := range e.sim.Large().Facts() {
		all = append(all, inventory.Told{Type: f.Type, Moref: f.MoRef, Connection: f.Connection})
	}
	e.snapshot = inventory.SnapshotOf(e.sim.InstanceUUID(), e.session.ServiceContent().RootFolder.Value, all)
}

func (e *estate) play(t *testing.T, script string, n int) []types.ManagedObjectReference {
	t.Helper()
	refs, err := e.sim.Large().Play(script, n)
	require.NoError(t, err)
	return refs
}

func (e *estate) poll(t *testing.T, wanted inventory.Wanted) *inventory.Stats {
	t.Helper()
	stats, err := e.tryPoll(t, wanted)
	require.NoError(t, err)
	return stats
}

func (e *estate) tryPoll(t *testing.T, wanted inventory.Wanted) (*inventory.Stats, error) {
	t.Helper()
	return e.poller.Poll(within(t, time.Minute), e.session, e.snapshot, wanted)
}

// requests counts the calls that some work takes, by method.
func (e *estate) requests(work func()) (calls map[string]int, total int) {
	before := e.sim.Stats().Calls
	work()
	calls = map[string]int{}
	for method, n := range e.sim.Stats().Calls {
		if n -= before[method]; n > 0 {
			calls[method] = n
			total += n
		}
	}
	return calls, total
}

// answersOf plays a fault in the answers that tell of an object of a type.
func (e *estate) answersOf(method, class string, f fault.Fault) (remove func()) {
	names := []byte(`<obj type="` + class + `"`)
	return e.proxy.Add(fault.Rule{Method: method, Hook: func(_ string, _ int, body []byte) fault.Fault {
		if bytes.Contains(body, names) {
			return f
		}
		return fault.Fault{}
	}})
}

func get[T any](e *estate, moref, class string) T {
	return any(e.sim.Large().Get(types.ManagedObjectReference{Type: class, Value: moref})).(T)
}

var everything = inventory.Wanted{
	VMQuickStats: true, VMStorage: true, VMMaxCPU: true, HostQuickStats: true, PoolQuickStats: true, ClusterSummary: true,
	VMStatus: true, HostStatus: true, ClusterStatus: true, Alarms: true, Licenses: true, Certificates: true, Certificate: true,
}

// A number that is zero is left out by the simulator; that vCenter does not is shown by TestANumberThatIsZeroIsKnown.
func known[N int32 | int64](n N) inventory.Number {
	if n == 0 {
		return inventory.Number{}
	}
	return inventory.NumberOf(int64(n))
}

func TestAPollIsWhatVCenterHas(t *testing.T) {
	e := newEstate(t, 120, inventory.PollSettings{})
	for round := range 3 {
		stats := e.poll(t, everything)
		assert.WithinDuration(t, time.Now(), stats.At, time.Minute)
		require.Len(t, stats.VMs, 120)
		for moref, is := range stats.VMs {
			vm := get[*mo.VirtualMachine](e, moref, "VirtualMachine")
			q, s := vm.Summary.QuickStats, vm.Summary.Storage
			require.Equal(t, &inventory.VMQuickStats{
				CPUUsage: known(q.OverallCpuUsage), CPUReadiness: known(q.OverallCpuReadiness), GuestMemory: known(q.GuestMemoryUsage),
				Ballooned: known(q.BalloonedMemory), Swapped: known(q.SwappedMemory), SwappedToSSD: known(q.SsdSwappedMemory),
				GrantedMemory: known(q.GrantedMemory), Heartbeat: inventory.StatusOf(string(q.GuestHeartbeatStatus)),
			}, is.Quick, "round %d: %s", round, moref)
			require.Equal(t, &inventory.VMStorage{Committed: s.Committed, Uncommitted: s.Uncommitted, Unshared: s.Unshared}, is.Storage)
			require.Equal(t, inventory.NumberOf(int64(vm.Runtime.MaxCpuUsage)), is.MaxCPUUsage)
			require.Equal(t, inventory.StatusOf(string(vm.OverallStatus)), stats.Status[moref])
		}
		for moref, is := range stats.Hosts {
			q := get[*mo.HostSystem](e, moref, "HostSystem").Summary.QuickStats
			require.Equal(t, &inventory.HostStats{CPUUsage: known(q.OverallCpuUsage), MemoryUsage: known(q.OverallMemoryUsage)}, is)
			require.Equal(t, inventory.Green, stats.Status[moref])
		}
		for moref, is := range stats.Pools {
			q := get[*mo.ResourcePool](e, moref, "ResourcePool").Summary.(*types.ResourcePoolSummary).QuickStats
			require.Equal(t, &inventory.PoolStats{
				CPUUsage: known(q.OverallCpuUsage), CPUDemand: known(q.OverallCpuDemand), GuestMemory: known(q.GuestMemoryUsage),
				HostMemory: known(q.HostMemoryUsage), Overhead: known(q.OverheadMemory), Private: known(q.PrivateMemory),
				Shared: known(q.SharedMemory), Swapped: known(q.SwappedMemory), Ballooned: known(q.BalloonedMemory),
			}, is)
		}
		for moref, is := range stats.Clusters {
			s := get[*mo.ClusterComputeResource](e, moref, "ClusterComputeResource").Summary.(*types.ClusterComputeResourceSummary)
			u := s.UsageSummary
			require.Equal(t, &inventory.ClusterStats{
				VMotions: known(s.NumVmotions), DRSScore: known(s.DrsScore), CurrentBalance: known(s.CurrentBalance), TargetBalance: known(s.TargetBalance),
				Usage: &inventory.ClusterUsage{
					CPUDemand: int64(u.CpuDemandMhz), CPUReserved: int64(u.CpuReservationMhz), CPUEntitled: int64(u.CpuEntitledMhz),
					MemoryDemand: int64(u.MemDemandMB), MemoryReserved: int64(u.MemReservationMB), MemoryEntitled: int64(u.MemEntitledMB),
				},
			}, is)
		}
		counts := e.snapshot.Counts()
		assert.Len(t, stats.Hosts, counts["HostSystem"])
		assert.Len(t, stats.Pools, counts["ResourcePool"])
		assert.Len(t, stats.Clusters, counts["ClusterComputeResource"])
		e.play(t, "quickstats", 100)
		e.play(t, "grow", 50)
		e.play(t, "alarm", 10)
	}
}

func TestAnEarlierPollStaysAsItWas(t *testing.T) {
	e := newEstate(t, 40, inventory.PollSettings{})
	e.play(t, "alarm", 5)
	first := e.poll(t, everything)
	alarms, machines := len(first.Alarms), *first.VMs["vm-"+lastOf(e)].Quick
	for _, vm := range e.play(t, "alarm", 30) {
		e.poller.Notice(vm.Value)
	}
	e.play(t, "quickstats", 30)
	second := e.poll(t, everything)
	assert.NotEqual(t, alarms, len(second.Alarms))
	assert.Len(t, first.Alarms, alarms)
	assert.Equal(t, machines, *first.VMs["vm-"+lastOf(e)].Quick)
}

// lastOf is the number of some virtual machine.
func lastOf(e *estate) string {
	all := e.sim.Large().Of("VirtualMachine")
	return all[len(all)-1].Value[len("vm-"):]
}

func TestFiveThousandMachinesTakeTwelveRequests(t *testing.T) {
	e := newEstate(t, 5000, inventory.PollSettings{})
	e.play(t, "alarm", 20)
	first := everything
	first.VMQuickStats, first.VMStorage = false, false // as many requests
	calls, total := e.requests(func() { assert.Len(t, e.poll(t, first).VMs, 5000) })
	assert.LessOrEqual(t, total, 13, "with the view, which is made once: %v", calls)
	e.received.Store(0)
	calls, total = e.requests(func() { assert.Len(t, e.poll(t, everything).VMs, 5000) })
	assert.LessOrEqual(t, total, 12, "%v", calls)
	assert.Equal(t, map[string]int{"RetrievePropertiesEx": 4, "ContinueRetrievePropertiesEx": 4}, calls)
	t.Logf("%d requests, %d bytes a VM", total, e.received.Load()/5000)
	assert.Equal(t, 1, e.sim.Stats().Objects.Views)
	require.NoError(t, e.poller.Close(t.Context()))
	assert.Zero(t, e.sim.Stats().Objects)
}

func TestWhatNobodyWantsIsNotAskedFor(t *testing.T) {
	e := newEstate(t, 20, inventory.PollSettings{})
	_, total := e.requests(func() { assert.Nil(t, e.poll(t, inventory.Wanted{Certificate: true}).VMs) })
	assert.Zero(t, total, "not even the view")
	e.poll(t, inventory.Wanted{VMStorage: true})
	for name, tt := range map[string]struct {
		wanted   inventory.Wanted
		requests int
	}{
		"quickStats":   {inventory.Wanted{VMQuickStats: true}, 1},
		"storage":      {inventory.Wanted{VMStorage: true}, 1},
		"status":       {inventory.Wanted{VMStatus: true, HostStatus: true}, 2},
		"licences":     {inventory.Wanted{Licenses: true}, 1},
		"certificates": {inventory.Wanted{Certificates: true}, 1},
		"alarms":       {inventory.Wanted{Alarms: true}, 1},
	} {
		var stats *inventory.Stats
		calls, total := e.requests(func() { stats = e.poll(t, tt.wanted) })
		assert.Equal(t, tt.requests, total, "%s: %v", name, calls)
		assert.Equal(t, tt.wanted.Alarms, stats.Alarms != nil, name)
		assert.Equal(t, tt.wanted.VMStatus, stats.Status != nil, name)
		assert.Equal(t, tt.wanted.VMQuickStats || tt.wanted.VMStorage, stats.VMs != nil, name)
		if tt.wanted.VMStorage {
			assert.Nil(t, stats.VM(e.play(t, "rename", 1)[0].Value).Quick)
		}
	}
}

func TestAnErrorOfOneKindCostsThatKindOnly(t *testing.T) {
	for _, class := range []string{"VirtualMachine", "HostSystem", "ResourcePool", "ClusterComputeResource", "LicenseManager"} {
		t.Run(class, func(t *testing.T) {
			e := newEstate(t, 30, inventory.PollSettings{})
			remove := e.answersOf("RetrievePropertiesEx", class, fault.Cut(-100))
			stats, err := e.tryPoll(t, everything)
			require.Error(t, err)
			assert.True(t, vsphere.IsTransport(err), "%v", err)
			assert.Equal(t, class != "VirtualMachine", len(stats.VMs) == 30)
			assert.Equal(t, class != "HostSystem", len(stats.Hosts) > 0)
			assert.Equal(t, class != "ResourcePool", len(stats.Pools) > 0)
			assert.Equal(t, class != "ClusterComputeResource", len(stats.Clusters) > 0)
			assert.Equal(t, class != "LicenseManager", len(stats.Licenses) > 0)
			assert.NotNil(t, stats.Alarms)
			assert.Equal(t, inventory.Parts{
				VMs: class == "VirtualMachine", Hosts: class == "HostSystem", Pools: class == "ResourcePool",
				Clusters: class == "ClusterComputeResource", Licenses: class == "LicenseManager", Certificates: stats.Lacks.Certificates,
			}, stats.Lacks)
			remove()
			stats = e.poll(t, everything)
			assert.Len(t, stats.VMs, 30)
			assert.NotEmpty(t, stats.Licenses)
			assert.NotEmpty(t, stats.Certificates)
		})
	}
}

func TestAKindThatHangsTakesNoTimeOfTheOthers(t *testing.T) {
	e := newEstate(t, 30, inventory.PollSettings{})
	e.poll(t, everything)
	defer e.answersOf("RetrievePropertiesEx", "HostSystem", fault.BlackHoleAfter())()
	begun := time.Now()
	stats, err := e.poller.Poll(within(t, 2*time.Second), e.session, e.snapshot, everything)
	assert.True(t, vsphere.IsTransport(err), "%v", err)
	assert.Less(t, time.Since(begun), 30*time.Second)
	assert.Len(t, stats.VMs, 30)
	assert.Empty(t, stats.Hosts)
}

// An answer to a Continue can be lost on its way, or not be made at all: the token is spent, or it is not.
func TestAFaultInTheMiddleOfPagingKeepsWhatWasRead(t *testing.T) {
	e := newEstate(t, 2010, inventory.PollSettings{})
	for name, f := range map[string]fault.Fault{
		"unavailable": fault.Status(503, "no healthy upstream"), "cut": fault.Cut(700), "lost": fault.Lose(), "reset": fault.ResetBefore(),
		"malformed": fault.Rewrite(func(body []byte) []byte { return bytes.Replace(body, []byte("</objects>"), []byte("</object>"), 1) }),
	} {
		remove := e.proxy.Add(fault.Rule{Method: "ContinueRetrievePropertiesEx", Skip: 1, Fault: f})
		var stats *inventory.Stats
		var err error
		calls, _ := e.requests(func() { stats, err = e.tryPoll(t, inventory.Wanted{VMMaxCPU: true, VMStatus: true, HostStatus: true}) })
		require.Error(t, err, name)
		assert.Len(t, stats.VMs, 2000, "%s: the pages before, and not a part of the one that failed", name)
		assert.Len(t, stats.Status, e.snapshot.Counts()["HostSystem"], "%s: none of a part of the machines, which would be counted", name)
		assert.Equal(t, 1, calls["CancelRetrievePropertiesEx"], "%s: nobody comes for the rest", name)
		remove()
	}
	assert.Len(t, e.poll(t, inventory.Wanted{VMQuickStats: true}).VMs, 2010)
}

func TestAPollThatIsGivenUpLeavesNoTokenBehind(t *testing.T) {
	e := newEstate(t, 1500, inventory.PollSettings{})
	e.poll(t, inventory.Wanted{HostQuickStats: true})
	ctx, cancel := context.WithCancel(within(t, time.Minute))
	defer e.proxy.Add(fault.Rule{Method: "ContinueRetrievePropertiesEx", Hook: func(string, int, []byte) fault.Fault {
		cancel()
		return fault.BlackHoleAfter()
	}})()
	calls, _ := e.requests(func() {
		stats, err := e.poller.Poll(ctx, e.session, e.snapshot, inventory.Wanted{VMQuickStats: true})
		require.ErrorIs(t, err, context.Canceled)
		assert.Len(t, stats.VMs, 1000)
	})
	assert.Equal(t, 1, calls["CancelRetrievePropertiesEx"])
}

func TestALostSessionIsToldAsSuch(t *testing.T) {
	e := newEstate(t, 30, inventory.PollSettings{})
	e.play(t, "alarm", 3)
	before := e.poll(t, everything)
	e.sim.KillSessions()
	stats, err := e.tryPoll(t, everything)
	require.Error(t, err)
	assert.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
	assert.Empty(t, stats.VMs, "they have not vanished, and nothing is known of them")
	e.sessions.Report(e.session, err)
	e.connect(t)
	stats = e.poll(t, everything)
	assert.Len(t, stats.VMs, 30)
	assert.Equal(t, before.Alarms, stats.Alarms)
	assert.Equal(t, 1, e.sim.Stats().Objects.Views)
}

// spy knows what the view is called, for which there are few other ways.
type spy struct {
	*vsphere.Session
	view types.ManagedObjectReference
}

func (s *spy) Call(ctx context.Context, timeout time.Duration, request any) ([]byte, error) {
	if req, ok := request.(*types.RetrievePropertiesEx); ok {
		s.view = req.SpecSet[0].ObjectSet[0].Obj
	}
	return s.Session.Call(ctx, timeout, request)
}

func TestAViewThatIsGoneIsMadeAnew(t *testing.T) {
	e := newEstate(t, 10, inventory.PollSettings{})
	s, wanted := &spy{Session: e.session}, inventory.Wanted{VMQuickStats: true}
	poll := func() (*inventory.Stats, error) { return e.poller.Poll(within(t, time.Minute), s, e.snapshot, wanted) }
	_, err := poll()
	require.NoError(t, err)
	_, err = methods.DestroyView(t.Context(), e.session.Client(), &types.DestroyView{This: s.view})
	require.NoError(t, err)
	wanted = inventory.Wanted{Certificates: true}
	_, err = poll()
	assert.True(t, vsphere.IsGone(err), "%v", err)
	stats, err := poll()
	require.NoError(t, err)
	assert.Len(t, stats.Certificates, e.snapshot.Counts()["HostSystem"], "no refusal, to be believed for an hour")
}

func TestAnotherVCenterIsNotPolled(t *testing.T) {
	e := newEstate(t, 2, inventory.PollSettings{})
	poller := inventory.NewPoller("another", inventory.PollSettings{})
	_, err := poller.Poll(t.Context(), e.session, e.snapshot, everything)
	require.ErrorIs(t, err, inventory.ErrAnotherVCenter)
	require.NoError(t, poller.Close(t.Context()))
}

// vCenter repeats for ever what it knew of an object when it lost it.
func TestOfWhatIsNotConnectedOnlyTheStatusIsTold(t *testing.T) {
	e := newEstate(t, 60, inventory.PollSettings{})
	lost := e.play(t, "host-failure", 1)[0]
	e.look()
	stats := e.poll(t, everything)
	assert.NotContains(t, stats.Hosts, lost.Value)
	assert.Equal(t, inventory.Green, stats.Status[lost.Value])
	disconnected := 0
	for o := range e.snapshot.All() {
		if o.Type == "VirtualMachine" && o.Get("runtime.connectionState") != "connected" {
			disconnected++
			assert.NotContains(t, stats.VMs, o.Moref)
			assert.Contains(t, stats.Status, o.Moref)
		}
	}
	assert.Positive(t, disconnected)
	assert.Len(t, stats.VMs, 60-disconnected)
}

func TestWhatComesAndGoesBesideThePollIsNobodysError(t *testing.T) {
	e := newEstate(t, 40, inventory.PollSettings{})
	gone := e.play(t, "delete", 10)
	made := e.play(t, "clone", 5)
	stats := e.poll(t, everything)
	assert.Len(t, stats.VMs, 30)
	for _, ref := range append(gone, made...) {
		assert.NotContains(t, stats.VMs, ref.Value)
		assert.NotContains(t, stats.Status, ref.Value)
	}
}

func TestTheSmallInventoryIsPolledToo(t *testing.T) {
	p := newPlace(t, 5)
	cache := p.cache()
	next(t, p.watch(t, cache, settings))
	poller := inventory.NewPoller(cache.InstanceUUID(), inventory.PollSettings{})
	stats, err := poller.Poll(t.Context(), p.session, cache.Snapshot(), everything)
	require.NoError(t, err)
	assert.Len(t, stats.VMs, 5)
	assert.Len(t, stats.Hosts, 3)
	assert.Len(t, stats.Certificates, 3)
	assert.NotEmpty(t, stats.Licenses)
	require.NoError(t, poller.Close(t.Context()))
}
