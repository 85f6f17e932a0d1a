//go:build unix

package inventory

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// BenchmarkMinute measures what it takes to know an inventory and to keep knowing it, beside a client of govmomi that reads
// the same properties of the same objects in full. It takes no time of its own into account, but what this process uses:
// the simulated vCenter is another.
func BenchmarkMinute(b *testing.B) {
	for _, vms := range []int{1000, 5000, 10_000} {
		b.Run(fmt.Sprint(vms), func(b *testing.B) {
			v := launch(b, vms)
			b.Run("govmomi", func(b *testing.B) {
				r := newReader(b, v)
				r.read(b) // what is made once is not counted
				spent := cost{}
				for b.Loop() {
					spent.add(r.read(b))
				}
				spent.report(b, "full")
			})
			b.Run("ours", func(b *testing.B) {
				var first, quiet, busy cost
				for b.Loop() {
					k := newKeeper(b, v)
					before := heap()
					first.add(k.sync(b))
					b.ReportMetric(kept(before, vms), "KiB/VM")
					first.add(k.baseline(b))
					b.ReportMetric(kept(before, vms), "KiB/VM-with-state")
					quiet.add(k.quietMinute(b))
					busy.add(k.busyMinute(b, vms/100))
					k.close(b)
				}
				first.report(b, "first")
				quiet.report(b, "quiet")
				busy.report(b, "busy")
			})
		})
	}
}

// kept is what is kept of each virtual machine, and of all else in its inventory, in KiB.
func kept(before uint64, vms int) float64 { return float64(heap()-before) / float64(vms) / 1024 }

// What make bench measures is what works: a benchmark is not run by the tests.
func TestAMinuteIsMeasured(t *testing.T) {
	v := smallVCenter(t, 50)
	full := newReader(t, v).read(t)
	k := newKeeper(t, v)
	defer k.close(t)
	first := k.sync(t)
	first.add(k.baseline(t))
	quiet, busy := k.quietMinute(t), k.busyMinute(t, len(weather))
	assert.EqualValues(t, 1, full.requests, "one page")
	assert.EqualValues(t, 4, first.requests, "a view, a property collector, a filter and an answer")
	assert.EqualValues(t, pollsOfAMinute, quiet.requests)
	assert.EqualValues(t, len(weather), busy.requests)
	assert.Less(t, quiet.in, full.in/50)
	assert.Less(t, busy.in, full.in)
	for _, c := range []cost{full, first, quiet, busy} {
		assert.Positive(t, c.out)
		assert.Positive(t, c.cpu)
		assert.Positive(t, c.allocs)
	}
}

// cost is what something has cost this process.
type cost struct {
	requests, in, out int64 // bytes of bodies
	cpu               time.Duration
	allocs, allocated uint64
}

func (c *cost) add(other cost) {
	c.requests += other.requests
	c.in += other.in
	c.out += other.out
	c.cpu += other.cpu
	c.allocs += other.allocs
	c.allocated += other.allocated
}

func (c cost) report(b *testing.B, phase string) {
	for unit, value := range map[string]float64{
		"requests": float64(c.requests), "B-in": float64(c.in), "B-out": float64(c.out),
		"cpu-ns": float64(c.cpu.Nanoseconds()), "allocs": float64(c.allocs), "B-allocated": float64(c.allocated),
	} {
		b.ReportMetric(value/float64(b.N), phase+"-"+unit)
	}
}

// counter counts the calls of a client.
type counter struct{ requests, in, out atomic.Int64 }

// measure is what a piece of work costs. What was left over by the one before is collected first, and not counted.
func (n *counter) measure(tb testing.TB, work func()) cost {
	tb.Helper()
	runtime.GC()
	before := n.now(tb)
	work()
	after := n.now(tb)
	return cost{
		requests: after.requests - before.requests, in: after.in - before.in, out: after.out - before.out,
		cpu: after.cpu - before.cpu, allocs: after.allocs - before.allocs, allocated: after.allocated - before.allocated,
	}
}

func (n *counter) now(tb testing.TB) cost {
	tb.Helper()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return cost{
		requests: n.requests.Load(), in: n.in.Load(), out: n.out.Load(),
		cpu: cpu(tb), allocs: m.Mallocs, allocated: m.TotalAlloc,
	}
}

// reader is the client that reads everything, with govmomi.
type reader struct {
	counter
	client *govmomi.Client
	spec   types.PropertyFilterSpec
}

func newReader(tb testing.TB, v *vcenter) *reader {
	tb.Helper()
	endpoint := *v.url
	endpoint.User = url.UserPassword("user", "pass")
	r := &reader{}
	var err error
	r.client, err = govmomi.NewClient(tb.Context(), &endpoint, true)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		_ = r.client.Logout(context.Background())
		r.client.CloseIdleConnections()
	})
	content := r.client.ServiceContent
	all, err := view.NewManager(r.client.Client).CreateContainerView(tb.Context(), content.RootFolder, nil, true)
	require.NoError(tb, err)
	r.spec = filterSpec(content, all.Reference(), nil)
	httpClient := r.client.Client.Client
	httpClient.Transport = counting{httpClient.Transport, &r.counter}
	return r
}

// read is its minute.
func (r *reader) read(tb testing.TB) cost {
	tb.Helper()
	return r.measure(tb, func() {
		res, err := property.DefaultCollector(r.client.Client).RetrieveProperties(tb.Context(),
			types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{r.spec}})
		require.NoError(tb, err)
		require.NotEmpty(tb, res.Returnval)
	})
}

// counting counts what goes over a transport.
type counting struct {
	http.RoundTripper
	to *counter
}

func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.to.requests.Add(1)
	counted := *req
	counted.Body = countedBody{req.Body, &c.to.out}
	res, err := c.RoundTripper.RoundTrip(&counted)
	if err == nil {
		res.Body = countedBody{res.Body, &c.to.in}
	}
	return res, err
}

type countedBody struct {
	io.ReadCloser
	to *atomic.Int64
}

func (b countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.to.Add(int64(n))
	return n, err
}

// keeper is the client that keeps an inventory: it watches, compares, and takes everything for delivered.
type keeper struct {
	counter
	vcenter  *vcenter
	sessions *vsphere.Supervisor
	session  *vsphere.Session
	cache    *Cache
	watcher  *Watcher
	state    *State
	polled   chan struct{} // of each answer to a wait
}

const (
	// pollsOfAMinute are the long polls in which nothing happens, with a wait of 30 s. The wait here is a second: what a poll
	// costs is the same.
	pollsOfAMinute = 2
	playedWait     = time.Second
)

func newKeeper(tb testing.TB, v *vcenter) *keeper {
	tb.Helper()
	k := &keeper{vcenter: v, polled: make(chan struct{}, 1)}
	k.sessions = vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: v.url, Username: "user", Password: func() (string, error) { return "pass", nil }, Wait: playedWait,
		Observer: vsphere.Observer{Called: k.called},
	})
	var err error
	k.session, err = k.sessions.Acquire(tb.Context())
	require.NoError(tb, err)
	return k
}

func (k *keeper) called(x vsphere.Exchange) {
	k.requests.Add(1)
	k.in.Add(int64(x.Received))
	k.out.Add(int64(x.Sent))
	if x.Method == "WaitForUpdatesEx" {
		select {
		case k.polled <- struct{}{}:
		default: // nobody counts them
		}
	}
}

func (k *keeper) close(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, k.watcher.Close(context.Background()))
	require.NoError(tb, k.sessions.Close(context.Background()))
}

// sync reads everything into a cache.
func (k *keeper) sync(tb testing.TB) cost {
	tb.Helper()
	return k.measure(tb, func() {
		k.cache = NewCache(k.session.About().InstanceUuid)
		var err error
		k.watcher, err = Watch(tb.Context(), k.session, k.cache, Settings{Wait: playedWait, APITimeout: time.Minute})
		require.NoError(tb, err)
		_, err = k.watcher.Next(tb.Context())
		require.NoError(tb, err)
	})
}

// baseline makes the state that is stored.
func (k *keeper) baseline(tb testing.TB) cost {
	tb.Helper()
	return k.measure(tb, func() { k.state = NewState(tracks(tb)).Baseline(k.cache.Snapshot()) })
}

// quietMinute is one in which nothing happens.
func (k *keeper) quietMinute(tb testing.TB) cost {
	tb.Helper()
	select {
	case <-k.polled: // of what was before
	default:
	}
	news := make(chan error, 1)
	c := k.measure(tb, func() {
		go func() { news <- k.next(tb.Context()) }()
		for range pollsOfAMinute {
			<-k.polled
		}
	})
	c.cpu += halfACollection(tb)
	require.NoError(tb, k.vcenter.play(weather[0]))
	require.NoError(tb, <-news)
	return c
}

// weather is what happens to virtual machines in a busy minute, in turns.
var weather = []string{"power", "reconfigure", "address", "rename", "move", "vmotion", "snapshot", "attribute"}

// busyMinute is one in which something happens to n virtual machines, each time so long after the one before that it comes
// alone, which costs more than if it came with others. That it is this process that asks for it is paid for, too.
func (k *keeper) busyMinute(tb testing.TB, n int) cost {
	tb.Helper()
	c := k.measure(tb, func() {
		for i := range n {
			require.NoError(tb, k.vcenter.play(weather[i%len(weather)]))
			require.NoError(tb, k.next(tb.Context()))
		}
	})
	c.cpu += halfACollection(tb)
	return c
}

// next takes in what is new.
func (k *keeper) next(ctx context.Context) error {
	if _, err := k.watcher.Next(ctx); err != nil {
		return err
	}
	deltas, state := k.state.Compare(k.cache.InstanceUUID(), k.cache.Snapshot())
	k.state = state.With(deltas...)
	return nil
}

// halfACollection is the part of a minute in the collection of garbage that Go makes every two minutes, if there was no
// other: it looks at all that is kept.
func halfACollection(tb testing.TB) time.Duration {
	tb.Helper()
	runtime.GC()
	before := cpu(tb)
	runtime.GC()
	return (cpu(tb) - before) / 2
}
