package inventory_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// place is a simulated vCenter behind a line that can break, a session with it, and an administrator who acts.
type place struct {
	sim      *simulator.Simulator
	proxy    *fault.Proxy
	sessions *vsphere.Supervisor
	session  *vsphere.Session
	admin    *govmomi.Client
	finder   *find.Finder
}

func newPlace(t *testing.T, vms int) *place {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Size: simulator.Size{VMs: vms, Hosts: 3}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	proxy, err := fault.New(sim.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	p := &place{sim: sim, proxy: proxy}
	p.sessions = vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: proxy.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
		APITimeout: 30 * time.Second, Wait: time.Second,
	})
	t.Cleanup(func() { assert.NoError(t, p.sessions.Close(context.Background())) })
	p.connect(t)
	p.login(t)
	return p
}

// connect acquires a session that lives.
func (p *place) connect(t *testing.T) {
	t.Helper()
	var err error
	p.session, err = p.sessions.Acquire(t.Context())
	require.NoError(t, err)
}

// login makes the administrator's client, past the proxy.
func (p *place) login(t *testing.T) {
	t.Helper()
	u := *p.sim.URL()
	u.User = url.UserPassword("user", "pass")
	var err error
	p.admin, err = govmomi.NewClient(t.Context(), &u, true)
	require.NoError(t, err)
	t.Cleanup(p.admin.CloseIdleConnections)
	p.finder = find.NewFinder(p.admin.Client)
	dc, err := p.finder.DefaultDatacenter(t.Context())
	require.NoError(t, err)
	p.finder.SetDatacenter(dc)
}

func (p *place) cache() *inventory.Cache {
	return inventory.NewCache(p.session.About().InstanceUuid)
}

var settings = inventory.Settings{Wait: time.Second, APITimeout: 30 * time.Second}

// watch begins to watch, until the test ends.
func (p *place) watch(t *testing.T, cache *inventory.Cache, settings inventory.Settings) *inventory.Watcher {
	t.Helper()
	w, err := inventory.Watch(t.Context(), p.session, cache, settings)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close(context.Background()) })
	return w
}

// within ends a test that hangs.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// next applies one update set.
func next(t *testing.T, w *inventory.Watcher) inventory.Applied {
	t.Helper()
	applied, err := w.Next(within(t, time.Minute))
	require.NoError(t, err)
	return applied
}

// until applies update sets until the inventory is as expected.
func until(t *testing.T, w *inventory.Watcher, cache *inventory.Cache, expected func(*inventory.Snapshot) bool) {
	t.Helper()
	ctx := within(t, time.Minute)
	for !expected(cache.Snapshot()) {
		_, err := w.Next(ctx)
		require.NoError(t, err)
	}
}

func (p *place) vm(t *testing.T, name string) *object.VirtualMachine {
	t.Helper()
	vm, err := p.finder.VirtualMachine(t.Context(), name)
	require.NoError(t, err)
	return vm
}

// done waits for a task.
func done(t *testing.T, task *object.Task, err error) {
	t.Helper()
	require.NoError(t, err)
	require.NoError(t, task.Wait(t.Context()))
}

// content is all that a snapshot holds, to compare, but for what vcsim changes without a push.
func content(s *inventory.Snapshot) map[string]map[string]string {
	all := map[string]map[string]string{}
	for o := range s.All() {
		properties := map[string]string{"(type)": o.Type}
		for name, value := range o.All() {
			properties[name] = value
		}
		delete(properties, "summary.freeSpace")
		all[o.Moref] = properties
	}
	return all
}
