package translate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// manyMachines is the estate with more virtual machines, each like the first.
func manyMachines(t testing.TB, n int) Collection {
	body := string(readFile(t, "testdata/metrics/estate.xml"))
	open := strings.Index(body, `<objectSet><kind>enter</kind><obj type="VirtualMachine">vm-42<`)
	shut := open + strings.Index(body[open:], "</objectSet>") + len("</objectSet>")
	var more strings.Builder
	c := Collection{Source: testSource, At: collected, Clock: collected, Up: true, Stats: testStats(), Tags: testTags}
	for i := range n {
		moref := fmt.Sprintf("vm-%d", 10000+i)
		more.WriteString(strings.ReplaceAll(body[open:shut], ">vm-42<", ">"+moref+"<"))
		c.Stats.VMs[moref] = c.Stats.VMs["vm-42"]
		c.Stats.Status[moref] = inventory.Green
	}
	c.Inventory = newEstate(t, []byte(body[:shut]+more.String()+body[shut:])).cache.Snapshot()
	require.Greater(t, c.Inventory.Len(), n)
	return c
}

func BenchmarkMetricsOf5000Machines(b *testing.B) {
	c := manyMachines(b, 5000)
	for name, config := range map[string]metadata.MetricsBuilderConfig{
		"nothing": everything(false), "default": metadata.NewDefaultMetricsBuilderConfig(), "everything": everything(true),
	} {
		b.Run(name, func(b *testing.B) {
			m := newTestMetrics(config)
			b.ReportAllocs()
			for b.Loop() {
				points := m.Of(c).DataPointCount()
				b.ReportMetric(float64(points), "points")
			}
		})
	}
}
