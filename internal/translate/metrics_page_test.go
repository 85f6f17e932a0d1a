package translate

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// askedFor are the words of docs/metrics.md for what is asked for.
var askedFor = map[string][]string{
	"VM usage": {"VMQuickStats"}, "VM storage": {"VMStorage"}, "VM limit": {"VMMaxCPU"}, "host usage": {"HostQuickStats"},
	"pool usage": {"PoolQuickStats"}, "cluster summary": {"ClusterSummary"}, "status": {"VMStatus", "HostStatus", "ClusterStatus"},
	"alarms": {"Alarms"}, "licenses": {"Licenses"}, "certificates": {"Certificates"}, "connection": {"Certificate"},
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// Each metric has one row, which says of it what the code does.
func TestPageOfMetricsIsRight(t *testing.T) {
	config := metadata.NewDefaultMetricsBuilderConfig()
	emitted := map[string]pmetric.Metric{}
	for _, r := range newTestMetrics(everything(true)).Of(testCollection(t)).ResourceMetrics().All() {
		for _, m := range r.ScopeMetrics().At(0).Metrics().All() {
			emitted[m.Name()] = m
		}
	}
	rows := metricRows(t)
	for name, enabled := range switches(&config.Metrics) {
		row, there := rows[name]
		if !assert.True(t, there, "docs/metrics.md has no row for %s", name) {
			continue
		}
		delete(rows, name)
		m := emitted[name]
		require.NotEqual(t, pmetric.Metric{}, m, "the estate has every metric: %s", name)
		assert.Equal(t, "`"+m.Unit()+"`", row[1], name)
		assert.Equal(t, pointKind(m), row[2], name)
		assert.Equal(t, pointAttributes(m), quotedIn(row[3]), name)
		assert.Equal(t, map[bool]string{true: "on", false: "off"}[enabled.Bool()], row[4], name)
		assert.Equal(t, m.Description(), row[6], name)
		assertAsked(t, name, row[5])
	}
	assert.Empty(t, rows, "of metrics that there are not")
}

// metricRows are the rows of docs/metrics.md that are about a metric, by its name.
func metricRows(t *testing.T) map[string][]string {
	rows := map[string][]string{}
	for line := range strings.Lines(string(readFile(t, "../../docs/metrics.md"))) {
		if strings.HasPrefix(line, "| `vcenter.") {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
			require.Len(t, cells, 7, line)
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			name := strings.Trim(cells[0], "`")
			require.NotContains(t, rows, name)
			rows[name] = cells
		}
	}
	return rows
}

func quotedIn(cell string) (all []string) {
	for _, match := range inBackticks.FindAllStringSubmatch(cell, -1) {
		all = append(all, match[1])
	}
	return all
}

func pointKind(m pmetric.Metric) string {
	kind := strings.ToLower(m.Type().String())
	if m.Type() == pmetric.MetricTypeSum && m.Sum().IsMonotonic() {
		kind = "monotonic " + kind
	}
	return kind
}

func pointAttributes(m pmetric.Metric) (all []string) {
	for name := range points(m).At(0).Attributes().All() {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func assertAsked(t *testing.T, name, words string) {
	config := everything(false)
	for other, enabled := range switches(&config.Metrics) {
		enabled.SetBool(other == name)
	}
	wanted := Wanted(config.Metrics)
	said := inventory.Wanted{}
	for word := range strings.SplitSeq(words, ", ") {
		for _, part := range askedFor[word] {
			if asked := reflect.ValueOf(wanted).FieldByName(part).Bool(); asked || word != "status" {
				reflect.ValueOf(&said).Elem().FieldByName(part).SetBool(true)
			}
		}
		if askedFor[word] == nil {
			assert.Contains(t, []string{"pushed", "receiver", "tags"}, word, name)
		}
	}
	assert.Equal(t, wanted, said, "%s is made of something else than %s", name, words)
	if strings.Contains(words, "status") {
		assert.NotZero(t, wanted, name)
	}
}
