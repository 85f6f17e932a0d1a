package translate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// contrib is what is known of the metrics of the collector's own vcenter receiver.
type contrib struct {
	Attributes []string `json:"resource_attributes"`
	Metrics    []contribMetric
}

type contribMetric struct {
	Name, Unit, Type, Temporality string
	ValueType                     string `json:"value_type"`
	Monotonic, Enabled            bool
	Attributes                    []struct {
		Key  string
		Enum []string
	}
}

// counted are the metrics that are made of performance counters.
var counted = regexp.MustCompile(`\.vsan\.|\.network\.|latency|throughput|vm\.cpu\.time$|host\.cpu\.reserved$|host\.memory\.(active|ballooned|granted)$`)

func readContrib(t *testing.T) (c contrib) {
	require.NoError(t, json.Unmarshal(readFile(t, "testdata/metrics/contrib.json"), &c))
	require.Len(t, c.Attributes, 12)
	c.Metrics = slices.DeleteFunc(c.Metrics, func(m contribMetric) bool { return counted.MatchString(m.Name) })
	require.Len(t, c.Metrics, 40)
	return c
}

// Whoever comes from there keeps the configuration: what was on is on, what was off is off.
func TestSwitchesAreThoseOfContrib(t *testing.T) {
	c := readContrib(t)
	config := metadata.NewDefaultMetricsBuilderConfig()
	ours := map[string]bool{}
	for name, enabled := range switches(&config.Metrics) {
		ours[name] = enabled.Bool()
	}
	for _, m := range c.Metrics {
		enabled, known := ours[m.Name]
		assert.True(t, known, m.Name)
		assert.Equal(t, m.Enabled, enabled, m.Name)
	}
	attributes := map[string]bool{}
	for name, enabled := range switches(&config.ResourceAttributes) {
		attributes[name] = enabled.Bool()
	}
	for _, name := range c.Attributes {
		assert.True(t, attributes[name], name)
	}
}

// vcsim is govmomi's own vCenter, with numbers in it or as it comes.
func vcsim(t *testing.T, shape func(*simulator.Model), numbers bool) *govmomi.Client {
	model := simulator.VPX()
	shape(model)
	require.NoError(t, model.Create())
	if numbers {
		busy(model.Map())
	}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword("otel", "right")}
	server := model.Service.NewServer()
	t.Cleanup(func() { server.Close(); model.Remove() })
	client, err := govmomi.NewClient(t.Context(), server.URL, true)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// busy gives the objects of a vcsim numbers, all of them different.
func busy(m *simulator.Registry) {
	n := int32(100)
	next := func() int32 { n += 7; return n }
	status := []types.ManagedEntityStatus{"green", "yellow", "red", "gray"}
	for i, e := range m.All("VirtualMachine") {
		vm := e.(*simulator.VirtualMachine)
		switch i % 5 {
		case 1:
			vm.Runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
		case 2:
			vm.Runtime.PowerState = types.VirtualMachinePowerStateSuspended
		case 3:
			vm.Runtime.PowerState, vm.Config.Template = types.VirtualMachinePowerStatePoweredOff, true
		}
		vm.Summary.OverallStatus = status[next()%4]
		vm.Summary.QuickStats = types.VirtualMachineQuickStats{
			OverallCpuUsage: next(), OverallCpuReadiness: next() % 100, GuestMemoryUsage: next() % 32, BalloonedMemory: next(), SwappedMemory: next(),
			SsdSwappedMemory: int64(next()), GrantedMemory: next(), GuestHeartbeatStatus: types.ManagedEntityStatusGreen,
		}
		vm.Summary.Storage = &types.VirtualMachineStorageSummary{Committed: int64(next()) << 20, Uncommitted: int64(next()) << 20, Timestamp: time.Now()}
	}
	for _, e := range m.All("HostSystem") {
		host := e.(*simulator.HostSystem)
		host.Summary.OverallStatus = status[next()%4]
		host.Summary.QuickStats.OverallCpuUsage, host.Summary.QuickStats.OverallMemoryUsage = next(), next()
	}
	for _, e := range m.All("ResourcePool") {
		summary := e.(*simulator.ResourcePool).Summary.GetResourcePoolSummary()
		summary.QuickStats = &types.ResourcePoolQuickStats{
			OverallCpuUsage: int64(next()), GuestMemoryUsage: int64(next()), HostMemoryUsage: int64(next()), OverheadMemory: int64(next()),
			PrivateMemory: int64(next()), SharedMemory: int64(next()), SwappedMemory: int64(next()), BalloonedMemory: int64(next()),
		}
	}
}

// collect collects metrics as the receiver does: from what is pushed, and one poll.
func collect(t *testing.T, client *govmomi.Client, config metadata.MetricsBuilderConfig) pmetric.Metrics {
	endpoint := *client.URL()
	endpoint.User = nil
	supervisor := vsphere.NewSupervisor(vsphere.Settings{Endpoint: &endpoint, Username: "otel", Password: func() (string, error) { return "right", nil }})
	t.Cleanup(func() { assert.NoError(t, supervisor.Close(context.Background())) })
	session, err := supervisor.Acquire(t.Context())
	require.NoError(t, err)
	uuid := session.About().InstanceUuid
	cache := inventory.NewCache(uuid)
	watcher, err := inventory.Watch(t.Context(), session, cache, inventory.Settings{Wait: time.Minute, APITimeout: time.Minute})
	require.NoError(t, err)
	defer func() { assert.NoError(t, watcher.Close(t.Context())) }()
	_, err = watcher.Next(t.Context())
	require.NoError(t, err)
	poller := inventory.NewPoller(uuid, inventory.PollSettings{})
	defer func() { assert.NoError(t, poller.Close(t.Context())) }()
	stats, err := poller.Poll(t.Context(), session, cache.Snapshot(), Wanted(config.Metrics))
	require.NoError(t, err)
	return newTestMetrics(config).Of(Collection{
		Source: Source{InstanceUUID: uuid, Name: "dc1", Address: "127.0.0.1"}, At: collected, Clock: session.Now(), Up: true,
		Inventory: cache.Snapshot(), Stats: stats,
	})
}

// Each metric of contrib's receiver that needs no counter is there, the same in all but what it says.
func TestMetricsAreThoseOfContrib(t *testing.T) {
	client := vcsim(t, func(*simulator.Model) {}, true) // as it comes, pools have no quickStats
	for name, config := range map[string]metadata.MetricsBuilderConfig{"default": metadata.NewDefaultMetricsBuilderConfig(), "everything": everything(true)} {
		t.Run(name, func(t *testing.T) {
			found := map[string]pmetric.Metric{}
			values := map[string]map[string]bool{} // of the attributes of metrics
			for _, r := range collect(t, client, config).ResourceMetrics().All() {
				for _, m := range r.ScopeMetrics().At(0).Metrics().All() {
					found[m.Name()] = m
					note(values, m)
				}
			}
			for _, want := range readContrib(t).Metrics {
				if !want.Enabled && name == "default" {
					assert.NotContains(t, found, want.Name)
					continue
				}
				got, there := found[want.Name]
				if assert.True(t, there, want.Name) {
					assertSame(t, want, got, values)
				}
			}
		})
	}
}

func note(values map[string]map[string]bool, m pmetric.Metric) {
	for _, p := range points(m).All() {
		for key, value := range p.Attributes().All() {
			name := m.Name() + " " + key
			if values[name] == nil {
				values[name] = map[string]bool{}
			}
			values[name][value.AsString()] = true
		}
	}
}

func assertSame(t *testing.T, want contribMetric, got pmetric.Metric, values map[string]map[string]bool) {
	t.Helper()
	assert.Equal(t, want.Unit, got.Unit(), want.Name)
	assert.Equal(t, want.Type, strings.ToLower(got.Type().String()), want.Name)
	if want.Type == "sum" {
		assert.Equal(t, want.Temporality, strings.ToLower(got.Sum().AggregationTemporality().String()), want.Name)
		assert.Equal(t, want.Monotonic, got.Sum().IsMonotonic(), want.Name)
	}
	var keys []string
	for _, a := range want.Attributes {
		keys = append(keys, a.Key)
		for value := range values[want.Name+" "+a.Key] {
			assert.True(t, len(a.Enum) == 0 || slices.Contains(a.Enum, value), "%s: %s=%s", want.Name, a.Key, value)
		}
	}
	slices.Sort(keys)
	for _, p := range points(got).All() {
		assert.Equal(t, want.ValueType, strings.ToLower(p.ValueType().String()), want.Name)
		assert.Equal(t, keys, slices.Sorted(maps.Keys(p.Attributes().AsRaw())), want.Name)
	}
}

func TestValuesAreThoseOfContrib(t *testing.T) {
	shapes := map[string]func(*simulator.Model){
		"stock": func(*simulator.Model) {},
		"more": func(m *simulator.Model) {
			m.Datacenter, m.ClusterHost, m.Pool, m.App, m.Datastore, m.Machine = 2, 2, 1, 1, 2, 2
		},
	}
	for name, shape := range shapes {
		for _, numbers := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, busy %v", name, numbers), func(t *testing.T) {
				assertValues(t, vcsim(t, shape, numbers))
			})
		}
	}
}

func assertValues(t *testing.T, client *govmomi.Client) {
	config := everything(true)
	want := computed(t, client)
	names := map[string]bool{}
	for _, m := range readContrib(t).Metrics {
		names[m.Name] = true
	}
	got := map[string]float64{}
	for _, r := range collect(t, client, config).ResourceMetrics().All() {
		labels := map[string]string{}
		for _, name := range readContrib(t).Attributes {
			if value, ok := r.Resource().Attributes().Get(name); ok {
				labels[name] = value.Str()
			}
		}
		for _, m := range r.ScopeMetrics().At(0).Metrics().All() {
			for _, p := range points(m).All() {
				if names[m.Name()] {
					got[fmt.Sprint(m.Name(), sortedMap(p.Attributes()), labels)] = p.DoubleValue() + float64(p.IntValue())
				}
			}
		}
	}
	for name, value := range want {
		actual, there := got[name]
		if assert.True(t, there, name) {
			assert.InDelta(t, value, actual, 1e-9, name)
		}
	}
	for name, value := range got {
		_, expected := want[name]
		assert.True(t, expected || value == 0 && strings.HasPrefix(name, "vcenter.datacenter."), "%s is too many", name)
	}
}

// computation is what a client of vCenter's objects would make of them.
type computation struct {
	ctx    context.Context
	t      *testing.T
	client *govmomi.Client
	values map[string]float64
}

type labels = map[string]string

func (c *computation) add(name string, of labels, value float64, attributes ...string) {
	slices.Sort(attributes)
	c.values[fmt.Sprint(name, "{"+strings.Join(attributes, ",")+"}", of)] = value
}

func computed(t *testing.T, client *govmomi.Client) map[string]float64 {
	c := &computation{ctx: t.Context(), t: t, client: client, values: map[string]float64{}}
	datacenters, err := find.NewFinder(client.Client).DatacenterList(c.ctx, "*")
	require.NoError(t, err)
	for _, dc := range datacenters {
		c.datacenter(dc.Reference(), dc.Name())
	}
	return c.values
}

// list retrieves all objects of a type in a datacenter, by their references.
func list[T mo.Reference](c *computation, in types.ManagedObjectReference, class string) map[types.ManagedObjectReference]T {
	v, err := view.NewManager(c.client.Client).CreateContainerView(c.ctx, in, []string{class}, true)
	require.NoError(c.t, err)
	defer func() { assert.NoError(c.t, v.Destroy(c.ctx)) }()
	var all []T
	err = v.Retrieve(c.ctx, []string{class}, nil, &all)
	require.NoError(c.t, err)
	found := map[types.ManagedObjectReference]T{}
	for _, o := range all {
		found[o.Reference()] = o
	}
	return found
}

func (c *computation) path(ref types.ManagedObjectReference) string {
	path, err := find.InventoryPath(c.ctx, c.client.Client, ref)
	require.NoError(c.t, err)
	return path
}

func (c *computation) datacenter(dc types.ManagedObjectReference, name string) {
	of := labels{"vcenter.datacenter.name": name}
	hosts := list[mo.HostSystem](c, dc, "HostSystem")
	clusters := list[mo.ClusterComputeResource](c, dc, "ClusterComputeResource")
	pools := list[mo.ResourcePool](c, dc, "ResourcePool")
	machines := list[mo.VirtualMachine](c, dc, "VirtualMachine")
	c.datastores(dc, name)
	counts, mhz, memory := map[string]float64{}, int64(0), int64(0)
	for _, status := range []string{"red", "yellow", "green", "gray"} {
		counts["vcenter.datacenter.cluster.count status="+status] += 0
	}
	for _, h := range hosts {
		mhz += int64(h.Summary.Hardware.CpuMhz) * int64(h.Summary.Hardware.NumCpuCores)
		memory += h.Summary.Hardware.MemorySize
		counts["vcenter.datacenter.host.count power_state="+powers[string(h.Runtime.PowerState)]+" status="+string(h.Summary.OverallStatus)]++
		c.host(h, c.place(name, h.Parent, clusters))
	}
	for _, m := range machines {
		if !m.Config.Template {
			counts["vcenter.datacenter.vm.count power_state="+powers[string(m.Runtime.PowerState)]+" status="+string(m.Summary.OverallStatus)]++
		}
		host := hosts[*m.Runtime.Host]
		c.machine(m, host, pools, c.place(name, host.Parent, clusters))
	}
	for ref, cluster := range clusters {
		counts["vcenter.datacenter.cluster.count status="+string(cluster.Summary.GetComputeResourceSummary().OverallStatus)]++
		c.cluster(cluster, machines, hosts, c.place(name, &ref, clusters))
	}
	for ref, p := range pools {
		if ref.Type == "ResourcePool" {
			c.pool(p, hosts, c.place(name, &p.Owner, clusters))
		}
	}
	for count, value := range counts {
		fields := strings.Fields(count)
		c.add(fields[0], of, value, fields[1:]...)
	}
	c.add("vcenter.datacenter.cpu.limit", of, float64(mhz))
	c.add("vcenter.datacenter.memory.limit", of, float64(memory))
}

var powers = map[string]string{"poweredOn": "on", "poweredOff": "off", "suspended": "suspended", "standBy": "standby", "unknown": "unknown"}

func (c *computation) place(datacenter string, compute *types.ManagedObjectReference, clusters map[types.ManagedObjectReference]mo.ClusterComputeResource) labels {
	of := labels{"vcenter.datacenter.name": datacenter}
	if cluster, ok := clusters[*compute]; ok {
		of["vcenter.cluster.name"] = cluster.Name
	}
	return of
}

func (c *computation) datastores(dc types.ManagedObjectReference, datacenter string) {
	stores := list[mo.Datastore](c, dc, "Datastore")
	var capacity, free int64
	for _, s := range stores {
		of := labels{"vcenter.datacenter.name": datacenter, "vcenter.datastore.name": s.Name}
		used := s.Summary.Capacity - s.Summary.FreeSpace
		c.add("vcenter.datastore.disk.usage", of, float64(used), "disk_state=used")
		c.add("vcenter.datastore.disk.usage", of, float64(s.Summary.FreeSpace), "disk_state=available")
		c.add("vcenter.datastore.disk.utilization", of, float64(used)/float64(s.Summary.Capacity)*100)
		capacity += s.Summary.Capacity
		free += s.Summary.FreeSpace
	}
	of := labels{"vcenter.datacenter.name": datacenter}
	c.add("vcenter.datacenter.datastore.count", of, float64(len(stores)))
	c.add("vcenter.datacenter.disk.space", of, float64(capacity-free), "disk_state=used")
	c.add("vcenter.datacenter.disk.space", of, float64(free), "disk_state=available")
}

func (c *computation) host(h mo.HostSystem, of labels) {
	of["vcenter.host.name"] = h.Name
	hw, quick := h.Summary.Hardware, h.Summary.QuickStats
	mhz, mebibytes := float64(hw.CpuMhz)*float64(hw.NumCpuCores), float64(hw.MemorySize>>20)
	c.add("vcenter.host.cpu.capacity", of, mhz)
	c.add("vcenter.host.cpu.usage", of, float64(quick.OverallCpuUsage))
	c.add("vcenter.host.cpu.utilization", of, 100*float64(quick.OverallCpuUsage)/mhz)
	c.add("vcenter.host.memory.capacity", of, mebibytes)
	c.add("vcenter.host.memory.usage", of, float64(quick.OverallMemoryUsage))
	c.add("vcenter.host.memory.utilization", of, 100*float64(quick.OverallMemoryUsage)/mebibytes)
}

func (c *computation) machine(m mo.VirtualMachine, host mo.HostSystem, pools map[types.ManagedObjectReference]mo.ResourcePool, of labels) {
	of["vcenter.host.name"] = host.Name
	storage, quick := m.Summary.Storage, m.Summary.QuickStats
	if m.Config.Template {
		of["vcenter.vm_template.name"], of["vcenter.vm_template.id"] = m.Name, m.Config.InstanceUuid
	} else {
		of["vcenter.vm.name"], of["vcenter.vm.id"] = m.Name, m.Config.InstanceUuid
		kind := "resource_pool"
		if m.ResourcePool.Type == "VirtualApp" {
			kind = "virtual_app"
		}
		of["vcenter."+kind+".inventory_path"] = c.path(*m.ResourcePool)
		of["vcenter."+kind+".name"] = c.nameOf(*m.ResourcePool, pools)
	}
	c.add("vcenter.vm.disk.usage", of, float64(storage.Committed), "disk_state=used")
	c.add("vcenter.vm.disk.usage", of, float64(storage.Uncommitted), "disk_state=available")
	if m.Config.Template {
		return
	}
	c.add("vcenter.vm.disk.utilization", of, 100*float64(storage.Committed)/float64(storage.Committed+storage.Uncommitted))
	c.add("vcenter.vm.memory.usage", of, float64(quick.GuestMemoryUsage))
	c.add("vcenter.vm.memory.ballooned", of, float64(quick.BalloonedMemory))
	c.add("vcenter.vm.memory.swapped", of, float64(quick.SwappedMemory))
	c.add("vcenter.vm.memory.swapped_ssd", of, float64(quick.SsdSwappedMemory))
	c.add("vcenter.vm.memory.granted", of, float64(quick.GrantedMemory))
	if m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return
	}
	limit := m.Runtime.MaxCpuUsage
	if limit == 0 {
		limit = m.Config.Hardware.NumCPU * host.Summary.Hardware.CpuMhz
	}
	c.add("vcenter.vm.memory.utilization", of, 100*float64(quick.GuestMemoryUsage)/float64(m.Summary.Config.MemorySizeMB))
	c.add("vcenter.vm.cpu.usage", of, float64(quick.OverallCpuUsage))
	c.add("vcenter.vm.cpu.utilization", of, 100*float64(quick.OverallCpuUsage)/float64(limit))
	c.add("vcenter.vm.cpu.readiness", of, float64(quick.OverallCpuReadiness))
}

func (c *computation) nameOf(ref types.ManagedObjectReference, pools map[types.ManagedObjectReference]mo.ResourcePool) string {
	if p, ok := pools[ref]; ok {
		return p.Name
	}
	var p mo.ManagedEntity
	require.NoError(c.t, property.DefaultCollector(c.client.Client).RetrieveOne(c.ctx, ref, []string{"name"}, &p))
	return p.Name
}

func (c *computation) cluster(cluster mo.ClusterComputeResource, machines map[types.ManagedObjectReference]mo.VirtualMachine, hosts map[types.ManagedObjectReference]mo.HostSystem, of labels) {
	s := cluster.Summary.GetComputeResourceSummary()
	c.add("vcenter.cluster.cpu.limit", of, float64(s.TotalCpu))
	c.add("vcenter.cluster.cpu.effective", of, float64(s.EffectiveCpu))
	c.add("vcenter.cluster.memory.limit", of, float64(s.TotalMemory))
	c.add("vcenter.cluster.memory.effective", of, float64(s.EffectiveMemory<<20))
	c.add("vcenter.cluster.host.count", of, float64(s.NumHosts-s.NumEffectiveHosts), "effective=false")
	c.add("vcenter.cluster.host.count", of, float64(s.NumEffectiveHosts), "effective=true")
	counts := map[string]float64{"on": 0, "off": 0, "suspended": 0}
	templates := 0.0
	for _, m := range machines {
		switch {
		case *hosts[*m.Runtime.Host].Parent != cluster.Self:
		case m.Config.Template:
			templates++
		default:
			counts[powers[string(m.Runtime.PowerState)]]++
		}
	}
	for state, n := range counts {
		c.add("vcenter.cluster.vm.count", of, n, "power_state="+state)
	}
	c.add("vcenter.cluster.vm_template.count", of, templates)
}

func (c *computation) pool(p mo.ResourcePool, hosts map[types.ManagedObjectReference]mo.HostSystem, of labels) {
	for _, h := range hosts {
		if p.Owner.Type == "ComputeResource" && *h.Parent == p.Owner {
			of["vcenter.host.name"] = h.Name
		}
	}
	of["vcenter.resource_pool.name"], of["vcenter.resource_pool.inventory_path"] = p.Name, c.path(p.Self)
	// The summary has the configuration once more; in that of a pool that was made later, vcsim has numbers of its own.
	c.add("vcenter.resource_pool.cpu.shares", of, float64(p.Config.CpuAllocation.Shares.Shares))
	c.add("vcenter.resource_pool.memory.shares", of, float64(p.Config.MemoryAllocation.Shares.Shares))
	q := p.Summary.GetResourcePoolSummary().QuickStats
	if q == nil {
		return
	}
	c.add("vcenter.resource_pool.cpu.usage", of, float64(q.OverallCpuUsage))
	c.add("vcenter.resource_pool.memory.usage", of, float64(q.GuestMemoryUsage), "type=guest")
	c.add("vcenter.resource_pool.memory.usage", of, float64(q.HostMemoryUsage), "type=host")
	c.add("vcenter.resource_pool.memory.usage", of, float64(q.OverheadMemory), "type=overhead")
	c.add("vcenter.resource_pool.memory.swapped", of, float64(q.SwappedMemory))
	c.add("vcenter.resource_pool.memory.ballooned", of, float64(q.BalloonedMemory))
	c.add("vcenter.resource_pool.memory.granted", of, float64(q.PrivateMemory), "type=private")
	c.add("vcenter.resource_pool.memory.granted", of, float64(q.SharedMemory), "type=shared")
}
