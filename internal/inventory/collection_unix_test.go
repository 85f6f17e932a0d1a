//go:build unix

package inventory_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// BenchmarkCollection measures a collection of the metrics that are on by default: what is asked for, what becomes of that as OTLP, and
// both together; beside a client of govmomi that asks as contrib's receiver does and makes nothing of it. Without the poll there are
// those metrics that are pushed; of them the totals of clusters and datacenters alone are a look at each object, and next to no OTLP.
// The simulated vCenter is another process.
func BenchmarkCollection(b *testing.B) {
	for _, vms := range []int{1000, 5000, 10_000} {
		b.Run(fmt.Sprint(vms), func(b *testing.B) {
			v := inventory.Launch(b, vms)
			b.Run("govmomi", func(b *testing.B) {
				p := inventory.NewPeer(b, v)
				p.Collect(b)
				spent := inventory.Cost{}
				for b.Loop() {
					spent.Add(p.Collect(b))
				}
				spent.Report(b, "collection")
			})
			b.Run("ours", func(b *testing.B) { newCollector(b, v).bench(b) })
		})
	}
}

// What make bench measures is what works.
func TestACollectionIsMeasured(t *testing.T) {
	c := newCollector(t, inventory.SmallVCenter(t, 50))
	all := convert(c.all, c.polling, c.ask(t))
	pushed := convert(c.pushed, c.polling, nil)
	totals := convert(c.totals, c.polling, nil)
	assert.Greater(t, all, 50*10)
	assert.Less(t, pushed, all-50*10, "nothing that is asked for")
	assert.Less(t, totals, pushed, "no host, pool and datastore")
	assert.Greater(t, totals, 10)
}

// collector collects as the receiver does.
type collector struct {
	polling             *inventory.Polling
	wanted              inventory.Wanted
	all, pushed, totals *translate.Metrics
}

func newCollector(tb testing.TB, v *inventory.VCenter) *collector {
	tb.Helper()
	config := metadata.NewDefaultMetricsBuilderConfig()
	return &collector{
		polling: inventory.NewPolling(tb, v), wanted: translate.Wanted(config.Metrics), all: newMetrics(config),
		pushed: newMetrics(only(isPushed)),
		totals: newMetrics(only(func(name string) bool {
			return isPushed(name) && (strings.HasPrefix(name, "vcenter.cluster.") || strings.HasPrefix(name, "vcenter.datacenter."))
		})),
	}
}

func newMetrics(config metadata.MetricsBuilderConfig) *translate.Metrics {
	return translate.NewMetrics(metadata.NewMetricsBuilder(config, receivertest.NewNopSettings(component.MustNewType("vcenter_stream"))), config)
}

// only is the configuration of those metrics that are on by default and wanted.
func only(wanted func(name string) bool) metadata.MetricsBuilderConfig {
	config := metadata.NewDefaultMetricsBuilderConfig()
	switches := reflect.ValueOf(&config.Metrics).Elem()
	for i := range switches.NumField() {
		if !wanted(switches.Type().Field(i).Tag.Get("mapstructure")) {
			switches.Field(i).FieldByName("Enabled").SetBool(false)
		}
	}
	return config
}

// isPushed reports whether nothing has to be asked for a metric.
func isPushed(name string) bool {
	return translate.Wanted(only(func(other string) bool { return other == name }).Metrics) == inventory.Wanted{}
}

// bench measures each part for itself.
func (c *collector) bench(b *testing.B) {
	convert(c.all, c.polling, c.ask(b))
	var totals, pushed, poll, conversion, together inventory.Cost
	for b.Loop() {
		totals.Add(c.polling.Measure(b, func() { convert(c.totals, c.polling, nil) }))
		pushed.Add(c.polling.Measure(b, func() { convert(c.pushed, c.polling, nil) }))
		var stats *inventory.Stats
		asked := c.polling.Measure(b, func() { stats = c.ask(b) })
		converted := c.polling.Measure(b, func() { convert(c.all, c.polling, stats) })
		poll.Add(asked)
		conversion.Add(converted)
		together.Add(asked)
		together.Add(converted)
	}
	for name, cost := range map[string]inventory.Cost{
		"totals": totals, "pushed": pushed, "poll": poll, "conversion": conversion, "together": together,
	} {
		cost.Report(b, name)
	}
}

func (c *collector) ask(tb testing.TB) *inventory.Stats {
	tb.Helper()
	stats := c.polling.Ask(tb, c.wanted)
	require.NotEmpty(tb, stats.VMs)
	return stats
}

// convert makes OTLP, and returns the number of points.
func convert(metrics *translate.Metrics, polling *inventory.Polling, stats *inventory.Stats) int {
	now := time.Now()
	return metrics.Of(translate.Collection{
		Source: translate.Source{InstanceUUID: "uuid", Name: "vc", Address: "vc.example.com"}, At: now, Clock: now, Up: true,
		Inventory: polling.Snapshot(), Stats: stats,
	}).DataPointCount()
}
