//go:build unix

package inventory_test

import (
	"fmt"
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
// both together, beside a client of govmomi that asks as contrib's receiver does and makes nothing of it. The simulated vCenter is
// another process.
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
			b.Run("ours", func(b *testing.B) {
				c := newCollector(b, v)
				c.collect(b)
				var pushed, poll, conversion, together inventory.Cost
				for b.Loop() {
					pushed.Add(c.polling.Measure(b, func() { c.convert(nil) }))
					var stats *inventory.Stats
					asked := c.polling.Measure(b, func() { stats = c.polling.Ask(b, c.wanted) })
					converted := c.polling.Measure(b, func() { c.convert(stats) })
					poll.Add(asked)
					conversion.Add(converted)
					together.Add(asked)
					together.Add(converted)
				}
				pushed.Report(b, "pushed")
				poll.Report(b, "poll")
				conversion.Report(b, "conversion")
				once := together
				once.Report(b, "together")
			})
		})
	}
}

// What make bench measures is what works.
func TestACollectionIsMeasured(t *testing.T) {
	c := newCollector(t, inventory.SmallVCenter(t, 50))
	assert.Greater(t, c.collect(t), 50*10)
	assert.Less(t, c.convert(nil), 50*10, "nothing that was asked for")
}

// collector collects as the receiver does.
type collector struct {
	polling *inventory.Polling
	metrics *translate.Metrics
	wanted  inventory.Wanted
}

func newCollector(tb testing.TB, v *inventory.VCenter) *collector {
	tb.Helper()
	config := metadata.NewDefaultMetricsBuilderConfig()
	builder := metadata.NewMetricsBuilder(config, receivertest.NewNopSettings(component.MustNewType("vcenter_stream")))
	return &collector{polling: inventory.NewPolling(tb, v), metrics: translate.NewMetrics(builder, config), wanted: translate.Wanted(config.Metrics)}
}

// collect polls and converts, and returns the number of points.
func (c *collector) collect(tb testing.TB) int {
	tb.Helper()
	stats := c.polling.Ask(tb, c.wanted)
	require.NotEmpty(tb, stats.VMs)
	return c.convert(stats)
}

func (c *collector) convert(stats *inventory.Stats) int {
	now := time.Now()
	return c.metrics.Of(translate.Collection{
		Source: translate.Source{InstanceUUID: "uuid", Name: "vc", Address: "vc.example.com"}, At: now, Clock: now, Up: true,
		Inventory: c.polling.Snapshot(), Stats: stats,
	}).DataPointCount()
}
