//go:build unix

package inventory

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// asContrib is what the metrics need that contrib's receiver has by default.
var asContrib = Wanted{
	VMQuickStats: true, VMStorage: true, VMMaxCPU: true, HostQuickStats: true, PoolQuickStats: true,
	VMStatus: true, HostStatus: true, ClusterStatus: true,
}

// BenchmarkPoll measures a collection of what vCenter does not push, beside a client of govmomi that asks as contrib's receiver
// does: of everything, by leaf paths, through views that it makes for each collection. The simulated vCenter is another process.
func BenchmarkPoll(b *testing.B) {
	for _, vms := range []int{1000, 5000, 10_000} {
		b.Run(fmt.Sprint(vms), func(b *testing.B) {
			v := launch(b, vms)
			b.Run("govmomi", func(b *testing.B) {
				p := newPeer(b, v)
				p.collect(b)
				spent := cost{}
				for b.Loop() {
					spent.add(p.collect(b))
				}
				spent.report(b, "collection")
			})
			b.Run("ours", func(b *testing.B) {
				p := newPolling(b, v)
				p.collect(b, asContrib)
				spent := cost{}
				for b.Loop() {
					spent.add(p.collect(b, asContrib))
				}
				spent.report(b, "collection")
			})
		})
	}
}

// What make bench measures is what works, and what does not depend on the machine holds.
func TestAPollIsMeasured(t *testing.T) {
	v := smallVCenter(t, 300)
	theirs := newPeer(t, v).collect(t)
	p := newPolling(t, v)
	p.collect(t, asContrib)
	ours := p.collect(t, asContrib)
	assert.EqualValues(t, 4, ours.requests)
	t.Logf("requests %d of %d, bytes in %d of %d, out %d of %d", ours.requests, theirs.requests, ours.in, theirs.in, ours.out, theirs.out)
	assert.Less(t, ours.in, theirs.in*7/10)
	assert.Less(t, ours.out, theirs.out/4)
}

// polling is a client that polls.
type polling struct {
	*keeper
	poller *Poller
}

func newPolling(tb testing.TB, v *vcenter) *polling {
	tb.Helper()
	p := &polling{keeper: newKeeper(tb, v)}
	p.sync(tb)
	p.poller = NewPoller(p.cache.InstanceUUID(), PollSettings{})
	tb.Cleanup(func() {
		assert.NoError(tb, p.poller.Close(context.Background()))
		p.close(tb)
	})
	return p
}

func (p *polling) collect(tb testing.TB, wanted Wanted) cost {
	tb.Helper()
	return p.measure(tb, func() {
		stats, err := p.poller.Poll(tb.Context(), p.session, p.cache.Snapshot(), wanted)
		require.NoError(tb, err)
		require.Len(tb, stats.VMs, p.vcenter.vms)
	})
}

// peer is a client that asks as contrib's receiver does.
type peer struct {
	counter
	client *govmomi.Client
	vms    int
}

func newPeer(tb testing.TB, v *vcenter) *peer {
	tb.Helper()
	endpoint := *v.url
	endpoint.User = url.UserPassword("user", "pass")
	p := &peer{vms: v.vms}
	var err error
	p.client, err = govmomi.NewClient(tb.Context(), &endpoint, true)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		_ = p.client.Logout(context.Background())
		p.client.CloseIdleConnections()
	})
	httpClient := p.client.Client.Client
	httpClient.Transport = counting{httpClient.Transport, &p.counter}
	return p
}

// collect looks for the datacenters and for the paths of pools, and then reads everything.
func (p *peer) collect(tb testing.TB) cost {
	tb.Helper()
	return p.measure(tb, func() {
		finder := find.NewFinder(p.client.Client)
		datacenters, err := finder.DatacenterList(tb.Context(), "*")
		require.NoError(tb, err)
		for _, dc := range datacenters {
			finder.SetDatacenter(dc)
			_, err = finder.ResourcePoolList(tb.Context(), "*")
			require.NoError(tb, err)
			_, _ = finder.VirtualAppList(tb.Context(), "*") // there are none, which is an error
		}
		var vms []mo.VirtualMachine
		retrieve(tb, p, "Datacenter", &[]mo.Datacenter{}, "name")
		retrieve(tb, p, "Datastore", &[]mo.Datastore{}, "name", "summary.capacity", "summary.freeSpace")
		retrieve(tb, p, "ComputeResource", &[]mo.ClusterComputeResource{}, "name", "summary", "configurationEx", "host", "datastore", "overallStatus")
		retrieve(tb, p, "HostSystem", &[]mo.HostSystem{}, "name", "parent", "vm", "overallStatus", "runtime.powerState", "summary.hardware.memorySize",
			"summary.hardware.numCpuCores", "summary.hardware.cpuMhz", "summary.quickStats.overallMemoryUsage", "summary.quickStats.overallCpuUsage")
		retrieve(tb, p, "ResourcePool", &[]mo.ResourcePool{}, "name", "owner", "summary")
		retrieve(tb, p, "VirtualMachine", &vms, "name", "overallStatus", "config.hardware.numCPU", "config.instanceUuid", "config.template",
			"runtime.powerState", "runtime.maxCpuUsage", "summary.quickStats.guestMemoryUsage", "summary.quickStats.balloonedMemory",
			"summary.quickStats.swappedMemory", "summary.quickStats.ssdSwappedMemory", "summary.quickStats.overallCpuUsage",
			"summary.quickStats.overallCpuReadiness", "summary.config.memorySizeMB", "summary.storage.committed", "summary.storage.uncommitted",
			"summary.runtime.host", "resourcePool", "parentVApp")
		require.Len(tb, vms, p.vms)
	})
}

func retrieve[T any](tb testing.TB, p *peer, class string, into *[]T, paths ...string) {
	tb.Helper()
	v, err := view.NewManager(p.client.Client).CreateContainerView(tb.Context(), p.client.ServiceContent.RootFolder, []string{class}, true)
	require.NoError(tb, err)
	require.NoError(tb, v.Retrieve(tb.Context(), []string{class}, paths, into))
	require.NoError(tb, v.Destroy(tb.Context()))
}

// BenchmarkDecodeStats reads the same answer of 1,000 virtual machines as we do and as govmomi does.
func BenchmarkDecodeStats(b *testing.B) {
	const n = 1000
	var objects []string
	var all []Told
	for i := range n {
		moref := fmt.Sprintf("vm-%d", i)
		objects, all = append(objects, busy(moref, i)), append(all, Told{Type: "VirtualMachine", Moref: moref, Connection: "connected"})
	}
	body := retrievedAnswer("", objects...)
	now := SnapshotOf("uuid", "group-d1", all)
	for _, reader := range []struct {
		name string
		read func() error
	}{
		{"flat", func() error {
			r, err := decodeRetrieved(body)
			a := inquiry[VMStats]{question: machineQuestion(asContrib), now: now, all: make(map[string]*VMStats, n), status: make(map[string]Status, n)}
			r.each(a.take)
			require.Len(b, a.all, n)
			return err
		}},
		{"govmomi", func() error {
			var res methods.RetrievePropertiesExBody
			d := xml.NewDecoder(bytes.NewReader(body))
			d.TypeFunc = types.TypeFunc()
			return d.Decode(&soap.Envelope{Body: &res})
		}},
	} {
		b.Run(reader.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			begun := cpu(b)
			for b.Loop() {
				require.NoError(b, reader.read())
			}
			b.ReportMetric(float64((cpu(b)-begun).Microseconds())/float64(b.N)/n, "cpu-µs/VM")
			b.ReportMetric(float64(len(body))/n, "B/VM")
		})
	}
}
