package vcenterstreamreceiver

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// measuring starts a receiver in a pipeline of metrics alone.
func measuring(t *testing.T, yaml string) (*lab, *consumertest.MetricsSink) {
	t.Helper()
	l := newLab(t, simulator.Settings{Inventory: property.Settings{VMs: 20}})
	l.base["initial_delay"] = "0s"
	return l, l.measure(yaml)
}

func (l *lab) measure(yaml string) *consumertest.MetricsSink {
	l.t.Helper()
	cfg, err := l.read(yaml)
	require.NoError(l.t, err)
	sink := &consumertest.MetricsSink{}
	receiver, err := NewFactory().CreateMetrics(context.Background(), receivertest.NewNopSettings(typ), cfg, sink)
	require.NoError(l.t, err)
	require.NoError(l.t, receiver.Start(context.Background(), l))
	l.t.Cleanup(func() { assert.NoError(l.t, receiver.Shutdown(context.Background())) })
	return sink
}

func collections(sink *consumertest.MetricsSink) int { return len(sink.AllMetrics()) }

// names are those of the metrics of the last collection; kinds those of its objects, by what their morefs begin with.
func names(sink *consumertest.MetricsSink) (all []string) {
	for _, resource := range last(sink).ResourceMetrics().All() {
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			all = append(all, metric.Name())
		}
	}
	return all
}

func kinds(sink *consumertest.MetricsSink) (all []string) {
	for _, resource := range last(sink).ResourceMetrics().All() {
		moref, _ := resource.Resource().Attributes().Get("vcenter.object.moref")
		if kind, _, object := strings.Cut(moref.Str(), "-"); object && !slices.Contains(all, kind) {
			all = append(all, kind)
		}
	}
	return all
}

func last(sink *consumertest.MetricsSink) pmetric.Metrics {
	if all := sink.AllMetrics(); len(all) > 0 {
		return all[len(all)-1]
	}
	return pmetric.NewMetrics()
}

func testCollectionInterval(t *testing.T) {
	for yaml, often := range map[string]bool{"collection_interval: 50ms": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l, sink := measuring(t, yaml)
			l.eventually("a collection", func() bool { return collections(sink) > 0 })
			if often {
				l.eventually("another one", func() bool { return collections(sink) > 3 })
			} else {
				l.never("another one", func() bool { return collections(sink) > 1 })
			}
		})
	}
}

func testInitialDelay(t *testing.T) {
	for yaml, soon := range map[string]bool{"initial_delay: 1h": false, "initial_delay: 10ms": true} {
		t.Run(yaml, func(t *testing.T) {
			l, sink := measuring(t, yaml)
			if soon {
				l.eventually("a collection", func() bool { return collections(sink) > 0 })
			} else {
				l.never("a collection", func() bool { return collections(sink) > 0 })
			}
		})
	}
}

// A question that is not answered holds up a collection for no longer than that.
func testTimeout(t *testing.T) {
	for yaml, told := range map[string]bool{"timeout: 500ms": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{Inventory: property.Settings{VMs: 20}})
			proxy, err := fault.New(l.sim.URL(), fault.Options{})
			require.NoError(t, err)
			t.Cleanup(proxy.Close)
			proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Fault: fault.BlackHole()})
			l.base["endpoint"], l.base["initial_delay"] = proxy.URL().String(), "0s"
			sink := l.measure("collection_interval: 50ms\n" + yaml)
			if told {
				l.eventually("what is pushed", func() bool { return slices.Contains(kinds(sink), "datastore") })
				assert.NotContains(t, names(sink), "vcenter.vm.memory.usage")
			} else {
				l.never("a collection", func() bool { return slices.Contains(kinds(sink), "datastore") })
			}
		})
	}
}

func testMetrics(t *testing.T) {
	for yaml, want := range map[string]bool{"metrics: {vcenter.vm.power.status: {enabled: true}}": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l, sink := measuring(t, yaml)
			l.eventually("a collection", func() bool { return slices.Contains(names(sink), "vcenter.vm.memory.usage") })
			assert.Equal(t, want, slices.Contains(names(sink), "vcenter.vm.power.status"))
		})
	}
}

func testResourceAttributes(t *testing.T) {
	for yaml, want := range map[string]bool{"resource_attributes: {vcenter.object.path: {enabled: true}}": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l, sink := measuring(t, yaml)
			l.eventually("a collection", func() bool { return slices.Contains(kinds(sink), "vm") })
			resources := last(sink).ResourceMetrics()
			_, has := resources.At(resources.Len() - 1).Resource().Attributes().Get("vcenter.object.path")
			assert.Equal(t, want, has)
		})
	}
}

// selects is a test in which of virtual machines and hosts only some have metrics.
func selects(yaml string, want ...string) func(*testing.T) {
	return func(t *testing.T) {
		l, sink := measuring(t, "collection_interval: 50ms\ninventory: {"+yaml+"}")
		l.eventually("a collection", func() bool { return slices.Contains(kinds(sink), want[0]) })
		found := slices.DeleteFunc(kinds(sink), func(kind string) bool { return kind != "vm" && kind != "host" })
		assert.ElementsMatch(t, want, found)
	}
}

// statuses are those that one of the two components of an instance is told to have.
type statuses struct {
	component.Host
	mu  sync.Mutex // guards all
	all []componentstatus.Status
}

func (s *statuses) Report(e *componentstatus.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, e.Status())
}

func (s *statuses) fine() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all) > 0 && s.all[len(s.all)-1] == componentstatus.StatusOK
}

// The receivers that the collector asks for in each kind of pipelines are one: they have one session, the status of each is that of
// both, and after the end the configuration makes another one.
func TestOneReceiverForLogsAndMetrics(t *testing.T) {
	l := newLab(t, simulator.Settings{Inventory: property.Settings{VMs: 20}})
	cfg, err := l.read("initial_delay: 0s\ncollection_interval: 50ms\ninventory: {changes: true}")
	require.NoError(t, err)
	ctx, settings, sink := context.Background(), receivertest.NewNopSettings(typ), &consumertest.MetricsSink{}
	for run := range 2 {
		logs, err := NewFactory().CreateLogs(ctx, settings, cfg, l.sink)
		require.NoError(t, err)
		metrics, err := NewFactory().CreateMetrics(ctx, settings, cfg, sink)
		require.NoError(t, err)
		first, second := &statuses{Host: l}, &statuses{Host: l}
		require.NoError(t, logs.Start(ctx, first))
		require.NoError(t, metrics.Start(ctx, second))
		sink.Reset()
		l.eventually("metrics", func() bool { return slices.Contains(kinds(sink), "vm") })
		l.eventually("both are fine", func() bool { return first.fine() && second.fine() })
		assert.Equal(t, run+1, l.sim.Stats().Logins)
		require.NoError(t, metrics.Shutdown(ctx))
		require.NoError(t, logs.Shutdown(ctx))
		assert.Empty(t, l.sim.Stats().Sessions)
	}
	instances.mu.Lock()
	defer instances.mu.Unlock()
	assert.NotContains(t, instances.of, cfg)
}
