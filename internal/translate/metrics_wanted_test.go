package translate

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// answered is what would be known if only some parts had been asked for.
func answered(w inventory.Wanted) *inventory.Stats {
	s := testStats()
	for _, vm := range s.VMs {
		if !w.VMQuickStats {
			vm.Quick = nil
		}
		if !w.VMStorage {
			vm.Storage = nil
		}
		if !w.VMMaxCPU {
			vm.MaxCPUUsage = inventory.Number{}
		}
	}
	for asked, part := range map[*bool]any{
		&w.HostQuickStats: &s.Hosts, &w.PoolQuickStats: &s.Pools, &w.ClusterSummary: &s.Clusters, &w.Alarms: &s.Alarms,
		&w.Licenses: &s.Licenses, &w.Certificates: &s.Certificates,
	} {
		if !*asked {
			reflect.ValueOf(part).Elem().SetZero()
		}
	}
	if !w.Certificate {
		s.Certificate = time.Time{}
	}
	for moref := range s.Status {
		asked := map[string]bool{"vm-": w.VMStatus, "hos": w.HostStatus, "dom": w.ClusterStatus}
		if !asked[moref[:3]] {
			delete(s.Status, moref)
		}
	}
	if len(s.Status) == 0 {
		s.Status = nil
	}
	return s
}

// What is asked for is enough for a metric, and nothing of it could be left out.
func TestEachMetricAsksForWhatItIsMadeOfAndNoMore(t *testing.T) {
	none := everything(false)
	for name := range switches(&none.Metrics) {
		t.Run(name, func(t *testing.T) {
			config := everything(true)
			for other, enabled := range switches(&config.Metrics) {
				enabled.SetBool(other == name)
			}
			wanted := Wanted(config.Metrics)
			whole := toldOf(t, config, testStats())
			require.NotEmpty(t, whole, "the estate has every metric")
			assert.Equal(t, whole, toldOf(t, config, answered(wanted)))
			parts := reflect.ValueOf(&wanted).Elem()
			for i := range parts.NumField() {
				if part := parts.Field(i); part.Bool() {
					part.SetBool(false)
					assert.NotEqual(t, whole, toldOf(t, config, answered(wanted)), parts.Type().Field(i).Name)
					part.SetBool(true)
				}
			}
		})
	}
}

func toldOf(t *testing.T, config metadata.MetricsBuilderConfig, stats *inventory.Stats) map[string]string {
	c := testCollection(t)
	c.Stats = stats
	return series(newTestMetrics(config).Of(c))
}
