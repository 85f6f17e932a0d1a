package tagging

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	listed = "POST tagging/tag-association list-attached-tags-on-objects"
	named  = "GET tagging/tag/{id}"
	sorted = "GET tagging/category/{id}"
)

// lab is a simulated vCenter with a Tagger of its virtual machines.
type lab struct {
	*testing.T
	sim      *simulator.Simulator
	sessions *vsphere.Supervisor
	password atomic.Value
	tagger   *Tagger
	logs     *observer.ObservedLogs
	stop     func()
}

// brisk is a pace for tests that wait for what happens.
var brisk = pace{
	look: 2 * time.Millisecond, settle: time.Millisecond, retry: time.Millisecond, maxRetry: 2 * time.Millisecond,
	refused: time.Millisecond, absent: time.Millisecond, maxAbsent: time.Millisecond,
}

func newLab(t *testing.T, vms int) *lab {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{TLS: true, Inventory: property.Settings{VMs: vms}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(sim.CA()))
	return newLabAt(t, sim, sim.URL(), pool)
}

// newLabAt is a lab that reaches its vCenter at an address.
func newLabAt(t *testing.T, sim *simulator.Simulator, endpoint *url.URL, authorities *x509.CertPool) *lab {
	t.Helper()
	l := &lab{T: t, sim: sim}
	l.password.Store("pass")
	l.sessions = vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: endpoint, Username: "user", APITimeout: 30 * time.Second, TLS: vsphere.TLS{Config: &tls.Config{RootCAs: authorities}},
		Password: func() (string, error) { return l.password.Load().(string), nil },
	})
	t.Cleanup(func() { assert.NoError(t, l.sessions.Close(context.Background())) })
	l.tagger = l.newTagger()
	return l
}

func (l *lab) newTagger() *Tagger {
	core, logs := observer.New(zap.DebugLevel)
	l.logs = logs
	tagger := New(Settings{
		Sessions: l.sessions, InstanceUUID: l.sim.InstanceUUID(), Interval: time.Hour, Logger: zap.New(core),
		Objects: func() []types.ManagedObjectReference {
			return append(l.sim.Large().Of("VirtualMachine"), l.sim.Large().Of("CustomFieldsManager")...)
		},
	})
	tagger.pace = brisk
	return tagger
}

// run runs the Tagger until the test ends, or stop.
func (l *lab) run() *lab {
	l.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { l.tagger.Run(ctx) })
	l.stop = sync.OnceFunc(func() {
		assert.NoError(l, l.tagger.Close(context.Background()))
		group.Wait()
		cancel()
	})
	l.Cleanup(l.stop)
	return l
}

func (l *lab) eventually(what func() bool, why string) {
	l.Helper()
	require.Eventually(l, what, 30*time.Second, time.Millisecond, why)
}

// known waits until everything was read for the first time.
func (l *lab) known() {
	l.Helper()
	l.eventually(func() bool { return l.tagger.Tags().Known() }, "tags are read")
}

// read waits until everything was read again after an event.
func (l *lab) read(notice string) {
	l.Helper()
	before := l.tagger.Tags().At()
	l.tagger.Notice(notice)
	l.eventually(func() bool { return l.tagger.Tags().At().After(before) }, "tags are read again")
}

func (l *lab) calls() map[string]int { return l.sim.Tagging().Stats().Calls }

// agrees compares what is known with what the simulator says.
func (l *lab) agrees() {
	l.Helper()
	known := l.tagger.Tags()
	for _, f := range l.sim.Large().Facts() {
		if f.Type != "VirtualMachine" {
			continue
		}
		var names []string
		for _, tag := range known.Of(f.MoRef) {
			names = append(names, tag.Name)
		}
		want := slices.Clone(f.Tags)
		slices.Sort(want)
		slices.Sort(names)
		require.Equal(l, want, names, f.MoRef)
	}
}

func (l *lab) warnings() (texts []string) {
	for _, entry := range l.logs.FilterLevelExact(zap.WarnLevel).All() {
		texts = append(texts, entry.Message)
	}
	return texts
}

func TestFiveThousandObjectsCostThreeRequestsAndOneForEachName(t *testing.T) {
	l := newLab(t, 5000).run()
	l.known()
	l.agrees()
	first := l.calls()
	assert.Equal(t, map[string]int{"POST session": 1, listed: 3, named: 7, sorted: 2}, first)

	l.read("com.vmware.cis.tagging.attach")
	l.read("com.vmware.cis.tagging.detach")
	assert.Equal(t, map[string]int{"POST session": 1, listed: 9, named: 7, sorted: 2}, l.calls(), "the names are known")
	assert.Equal(t, Counts{Readings: 3, Logins: 1}, l.tagger.Counts())
}

func TestTagsAreSortedAndHaveTheirCategories(t *testing.T) {
	l := newLab(t, 20)
	vm := l.sim.Large().Of("VirtualMachine")[0]
	l.run().known()
	before := l.tagger.Tags()
	assert.Equal(t, []Tag{{"application", "shop"}, {"environment", "production"}}, before.Of(vm.Value))
	assert.Equal(t, []string{"application:shop", "environment:production"}, before.Words().Of(vm.Value))
	assert.Empty(t, before.Of("vm-nobody-knows"))

	_, err := l.sim.Large().Play("tag", 20)
	require.NoError(t, err)
	l.read("com.vmware.cis.tagging.attach")
	l.agrees()
	assert.Len(t, l.tagger.Tags().Of(vm.Value), 3)
	assert.Len(t, before.Of(vm.Value), 2, "a value does not change")
}

func TestATagThatIsRenamedHasItsNewNameAfterTheEvent(t *testing.T) {
	l := newLab(t, 20)
	vm := l.sim.Large().Of("VirtualMachine")[0]
	l.run().known()
	require.True(t, l.sim.Tagging().Rename("production", "prod"))
	require.True(t, l.sim.Tagging().Rename("environment", "stage"))
	l.read("com.vmware.cis.tagging.attach")
	assert.Contains(t, l.tagger.Tags().Words().Of(vm.Value), "environment:production", "names are cached")
	l.read("com.vmware.cis.UpdateTag")
	assert.Contains(t, l.tagger.Tags().Words().Of(vm.Value), "stage:prod")
}

func TestNewObjectsAloneAreAskedFor(t *testing.T) {
	l := newLab(t, 3000).run()
	l.known()
	at := l.tagger.Tags().At()
	clones, err := l.sim.Large().Play("clone", 5)
	require.NoError(t, err)
	_, err = l.sim.Large().Play("tag", 3)
	require.NoError(t, err)
	known := func(ref types.ManagedObjectReference) bool {
		_, ok := l.tagger.Tags().book.labels[ref.Value]
		return ok
	}
	l.eventually(func() bool {
		return !slices.ContainsFunc(clones, func(r types.ManagedObjectReference) bool { return !known(r) })
	}, "clones are known")
	assert.LessOrEqual(t, l.calls()[listed], 2+len(clones))
	assert.Equal(t, at, l.tagger.Tags().At(), "the others were not read")
}

func TestAnObjectThatIsGoneKeepsItsLastTags(t *testing.T) {
	l := newLab(t, 20).run()
	l.known()
	before := l.tagger.Tags()
	gone, err := l.sim.Large().Play("delete", 10)
	require.NoError(t, err)
	l.read("com.vmware.cis.tagging.attach")
	l.read("com.vmware.cis.tagging.attach")
	l.agrees()
	for _, ref := range gone {
		assert.Equal(t, before.Of(ref.Value), l.tagger.Tags().Of(ref.Value))
	}
}

// Between the snapshot that names it and the request, an object may be deleted.
func TestObjectsThatAreGoneDoNotCostTheTagsOfOthers(t *testing.T) {
	l := newLab(t, 100)
	l.sim.Tagging().SetStrict(true)
	stale := l.sim.Large().Of("VirtualMachine")
	l.tagger.settings.Objects = func() []types.ManagedObjectReference { return stale }
	_, err := l.sim.Large().Play("delete", 3)
	require.NoError(t, err)
	l.run().known()
	l.agrees()
	assert.Empty(t, l.warnings())
}

func TestALostSessionCostsOneLogin(t *testing.T) {
	l := newLab(t, 50).run()
	l.known()
	for n := range 3 {
		l.sim.Tagging().EndSessions()
		l.read("com.vmware.cis.tagging.attach")
		stats := l.sim.Tagging().Stats()
		assert.Equal(t, n+2, stats.Logins)
		assert.Equal(t, 1, stats.Sessions)
	}
	l.agrees()
	assert.Empty(t, l.warnings())
}

func TestARestartOfVCenterKeepsTheTags(t *testing.T) {
	l := newLab(t, 50).run()
	l.known()
	require.NoError(t, l.sim.Suspend())
	l.tagger.Notice("com.vmware.cis.tagging.attach")
	l.eventually(func() bool { return l.tagger.Counts().Failures > 5 }, "several tries fail")
	l.agrees()
	assert.Less(t, len(l.warnings()), 4, "one of each kind")
	before := l.tagger.Tags().At()
	require.NoError(t, l.sim.Resume())
	l.eventually(func() bool {
		_, err := l.sessions.Acquire(context.Background())
		return err == nil && l.tagger.Tags().At().After(before)
	}, "tags are read again")
	assert.Equal(t, 1, l.sim.Tagging().Stats().Sessions)
	l.eventually(func() bool { return l.logs.FilterMessage("tags are read again").Len() == 1 }, "told")
}

// Stopped at any moment, also while a login is on its way.
func TestFiftyStartsAndStopsLeaveNoSession(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := newLab(t, 20)
	for n := range 50 {
		l.tagger = l.newTagger()
		l.run()
		if n%2 == 0 {
			l.known()
		} else {
			time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
		}
		l.stop()
		require.Zero(t, l.sim.Tagging().Stats().Sessions, "after %d", n)
	}
	stats := l.sim.Tagging().Stats()
	assert.GreaterOrEqual(t, stats.Logins, 25)
	assert.Equal(t, stats.Logins, stats.Logouts)
	assert.Equal(t, 1, l.sim.Stats().Logins, "of the SOAP API")
}

func TestAWrongPasswordIsNotSentToTheRESTAPI(t *testing.T) {
	l := newLab(t, 20)
	l.password.Store("wrong")
	l.run()
	l.eventually(func() bool { return l.tagger.Counts().Failures > 50 }, "tries")
	assert.Zero(t, l.sim.Tagging().Stats().Refused)
	assert.Len(t, l.warnings(), 1)
	assert.Equal(t, 1, l.sim.Stats().Calls["Login"])
}

func TestAPasswordThatIsRefusedIsNotRepeatedAndAnotherIsTriedAtOnce(t *testing.T) {
	l := newLab(t, 20)
	_, err := l.sessions.Acquire(t.Context())
	require.NoError(t, err)
	l.sim.SetPassword("rotated")
	l.run()
	l.eventually(func() bool { return l.tagger.Counts().Failures > 50 }, "tries")
	assert.Equal(t, 1, l.sim.Tagging().Stats().Refused)
	assert.Len(t, l.warnings(), 1)
	assert.NotContains(t, l.logs.All()[0].ContextMap()["error"], "\"pass\"")

	l.password.Store("rotated")
	l.known()
	stats := l.sim.Tagging().Stats()
	assert.Equal(t, 1, stats.Refused)
	assert.Equal(t, 1, stats.Logins)
}

func TestAVCenterWithoutTheAPIIsToldOnce(t *testing.T) {
	l := newLab(t, 20)
	l.sim.Tagging().SetAbsent(true)
	l.run()
	l.eventually(func() bool { return l.tagger.Counts().Failures > 20 }, "tries")
	assert.Len(t, l.warnings(), 1)
	assert.False(t, l.tagger.Tags().Known())
	l.sim.Tagging().SetAbsent(false)
	l.known()
}

func TestObjectsThatVCenterRefusesDoNotCostTheTagsOfOthers(t *testing.T) {
	l := newLab(t, 2500)
	hidden := l.sim.Large().Of("VirtualMachine")[1234]
	l.sim.Tagging().Hide(hidden)
	l.run().known()
	first := l.calls()[listed]
	assert.LessOrEqual(t, first, 2+2*11)
	others := 0
	for _, f := range l.sim.Large().Facts() {
		if f.Type == "VirtualMachine" && f.MoRef != hidden.Value {
			others++
			require.Len(t, l.tagger.Tags().Of(f.MoRef), len(f.Tags))
		}
	}
	assert.Equal(t, 2499, others)
	assert.Empty(t, l.tagger.Tags().Of(hidden.Value))
	l.read("com.vmware.cis.tagging.attach")
	assert.Equal(t, first+2, l.calls()[listed], "it is left alone")
	assert.Empty(t, l.warnings())
}

func TestAnAccountThatMaySeeNothingCostsABoundedSearch(t *testing.T) {
	l := newLab(t, 300)
	l.sim.Tagging().Hide(l.sim.Large().Of("VirtualMachine")...)
	l.tagger.pace = usual
	l.run()
	l.eventually(func() bool { return l.tagger.Counts().Failures == 1 }, "a failure")
	assert.LessOrEqual(t, l.calls()[listed], 1+2*maxHalvings)
	assert.Len(t, l.warnings(), 1)
}

func TestNothingIsAskedWhileNothingIsWanted(t *testing.T) {
	l := newLab(t, 20)
	var looked atomic.Int64
	l.tagger.settings.Objects = func() []types.ManagedObjectReference { looked.Add(1); return nil }
	l.run()
	l.eventually(func() bool { return looked.Load() > 20 }, "looks")
	assert.Empty(t, l.calls())
	assert.Zero(t, l.sim.Stats().Logins)
}
