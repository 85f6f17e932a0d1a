package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// startsOf are the start timestamps of a metric.
func startsOf(all pmetric.Metrics, name string) (starts []pcommon.Timestamp) {
	for metric := range metricsOf(all.ResourceMetrics()) {
		if metric.Name() == name {
			for _, point := range points(metric).All() {
				starts = append(starts, point.StartTimestamp())
			}
		}
	}
	return starts
}

// vCenter has counted migrations for years when we begin. Who is told that the count began with us (cumulativetodelta, or Prometheus with zeros at
// the start of a series) takes all of them for those of the first minute, after each start of the collector.
func TestACountThatIsOlderThanWeAreHasNoStartOfOurs(t *testing.T) {
	m := newTestMetrics(everything(true))
	starts := startsOf(m.Of(testCollection(t)), "vcenter.cluster.vmotion.count")
	require.NotEmpty(t, starts)
	for _, start := range starts {
		assert.Zero(t, start, "when vCenter began to count is not known")
	}
}

// Another vCenter has had the address for a while: what is counted of the first one begins anew, and says so.
func TestACountThatBeginsAnewHasAnotherStart(t *testing.T) {
	m := newTestMetrics(everything(true))
	first := startsOf(m.Of(testCollection(t)), "vcenter.event.count")
	c := later(testCollection(t))
	c.Source.InstanceUUID = "another"
	m.Of(c)
	again := startsOf(m.Of(later(later(testCollection(t)))), "vcenter.event.count")
	require.NotEmpty(t, first)
	require.NotEmpty(t, again)
	assert.Greater(t, again[0], first[0])
}
