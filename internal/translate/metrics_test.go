package translate

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/pdatatest/pmetrictest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// collected is when the test collections are made.
var collected = time.Date(2026, time.November, 21, 10, 0, 0, 0, time.UTC)

func newTestMetrics(config metadata.MetricsBuilderConfig) *Metrics {
	start := metadata.WithStartTime(pcommon.NewTimestampFromTime(collected.Add(-time.Hour)))
	return NewMetrics(metadata.NewMetricsBuilder(config, receivertest.NewNopSettings(metadata.Type), start), config)
}

// everything is a configuration with all metrics and attributes switched on, or off.
func everything(on bool) metadata.MetricsBuilderConfig {
	config := metadata.NewDefaultMetricsBuilderConfig()
	for _, part := range []any{&config.Metrics, &config.ResourceAttributes} {
		for _, enabled := range switches(part) {
			enabled.SetBool(on)
		}
	}
	return config
}

// switches yields each switch of a configuration by the name that users know.
func switches(part any) iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		v := reflect.ValueOf(part).Elem()
		for i := range v.NumField() {
			if !yield(v.Type().Field(i).Tag.Get("mapstructure"), v.Field(i).FieldByName("Enabled")) {
				return
			}
		}
	}
}

// snapshot is an inventory that vCenter told in one answer, after some updates.
func snapshot(t testing.TB, updates ...string) *inventory.Snapshot {
	e := newEstate(t, readFile(t, "testdata/metrics/estate.xml"))
	if len(updates) > 0 {
		require.NoError(t, e.read(t, []byte(`<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body><WaitForUpdatesExResponse><returnval><version>2</version><filterSet>`+
			strings.Join(updates, "")+`</filterSet></returnval></WaitForUpdatesExResponse></Body></Envelope>`)))
	}
	return e.cache.Snapshot()
}

func leave(class, moref string) string {
	return fmt.Sprintf(`<objectSet><kind>leave</kind><obj type="%s">%s</obj></objectSet>`, class, moref)
}

// testStats is what was asked for of the estate.
func testStats() *inventory.Stats {
	n := inventory.NumberOf
	return &inventory.Stats{
		At: collected,
		VMs: map[string]*inventory.VMStats{
			"vm-42": {
				Quick: &inventory.VMQuickStats{
					CPUUsage: n(1250), CPUReadiness: n(3), GuestMemory: n(1024), Ballooned: n(16), Swapped: n(32), SwappedToSSD: n(64),
					GrantedMemory: n(4000), Heartbeat: inventory.Yellow,
				},
				Storage: &inventory.VMStorage{Committed: 300, Uncommitted: 700, Unshared: 200}, MaxCPUUsage: n(6000),
			},
			"vm-43": {Quick: &inventory.VMQuickStats{}, Storage: &inventory.VMStorage{Committed: 300}},
			"vm-44": {Quick: &inventory.VMQuickStats{}, Storage: &inventory.VMStorage{}},
			"vm-46": {Quick: &inventory.VMQuickStats{}, Storage: &inventory.VMStorage{Committed: 10, Uncommitted: 30}},
		},
		Hosts: map[string]*inventory.HostStats{
			"host-28": {CPUUsage: n(10000), MemoryUsage: n(32768)},
			"host-31": {CPUUsage: n(1)},
		},
		Pools: map[string]*inventory.PoolStats{
			"resgroup-10": {
				CPUUsage: n(1), CPUDemand: n(2), GuestMemory: n(3), HostMemory: n(4), Overhead: n(5), Private: n(6), Shared: n(7),
				Swapped: n(8), Ballooned: n(9),
			},
		},
		Clusters: map[string]*inventory.ClusterStats{
			"domain-c8": {
				VMotions: n(77), DRSScore: n(0), CurrentBalance: n(123), TargetBalance: n(200),
				Usage: &inventory.ClusterUsage{CPUDemand: 1, CPUReserved: 2, CPUEntitled: 3, MemoryDemand: 4, MemoryReserved: 5, MemoryEntitled: 6},
			},
		},
		Status: map[string]inventory.Status{
			"vm-42": inventory.Red, "vm-43": inventory.Green, "host-28": inventory.Yellow, "domain-c8": inventory.Green, "domain-c9": inventory.Gray,
		},
		Alarms: map[string][]inventory.Alarm{
			"host-28": {{Name: "Host CPU usage", Status: inventory.Red}, {Name: "Host memory usage", Status: inventory.Yellow}, {Name: "dull", Status: inventory.Green}},
			"vm-42":   {{Name: "Snapshot is large", Status: inventory.Yellow}}, "group-v6": {{Name: "Folder", Status: inventory.Red}},
		},
		Licenses: []inventory.License{
			{Name: "vSphere 8", Edition: "esx.enterprisePlus.cpuPackage", Total: 16, Used: 4, Expires: collected.AddDate(0, 0, 60)},
			{Name: "vCenter 8", Edition: "vc.standard.instance", Total: 1, Used: 1},
			{Name: "vSphere 8", Edition: "esx.enterprisePlus.cpuPackage", Total: 8, Used: 8, Expires: collected.AddDate(0, 0, 30)},
		},
		Certificates: map[string]time.Time{"host-28": collected.AddDate(1, 0, 0), "host-29": collected.Add(-time.Hour)},
		Certificate:  collected.AddDate(2, 0, 0),
	}
}

func testTags(moref string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if moref == "vm-42" || moref == "datastore-15" {
			_ = yield("env", "prod") && yield("", "bare")
		}
	}
}

func testCollection(t testing.TB, updates ...string) Collection {
	return Collection{
		Source: testSource, At: collected, Clock: collected, Up: true,
		Inventory: snapshot(t, updates...), Stats: testStats(), Tags: testTags,
		Events: map[EventKind]int64{{"VmPoweredOnEvent", "INFO"}: 3, {"com.vmware.vc.ha.VmRestartedByHAEvent", "WARN"}: 1, {"VmFailedEvent", "ERROR"}: 2},
	}
}

func assertGoldenMetrics(t *testing.T, file string, actual pmetric.Metrics) {
	t.Helper()
	file = "testdata/metrics/" + file
	if *update {
		require.NoError(t, golden.WriteMetricsToFile(file, actual, golden.SkipMetricTimestampNormalization()))
	}
	expected, err := golden.ReadMetrics(file)
	require.NoError(t, err)
	require.NoError(t, pmetrictest.CompareMetrics(expected, actual, pmetrictest.IgnoreResourceMetricsOrder(),
		pmetrictest.IgnoreMetricsOrder(), pmetrictest.IgnoreMetricDataPointsOrder()))
}

func TestMetricsOfAnEstate(t *testing.T) {
	for name, config := range map[string]metadata.MetricsBuilderConfig{"default": metadata.NewDefaultMetricsBuilderConfig(), "everything": everything(true)} {
		t.Run(name, func(t *testing.T) {
			assertGoldenMetrics(t, name+".yaml", newTestMetrics(config).Of(testCollection(t)))
		})
	}
}

// While the inventory is not known, or too old, that is all that is told.
func TestWithoutAnInventoryOnlyVCenterIsTold(t *testing.T) {
	m := newTestMetrics(everything(true))
	all := m.Of(Collection{Source: testSource, At: collected, Clock: collected})
	require.Equal(t, 1, all.ResourceMetrics().Len())
	assert.Equal(t, 1, all.DataPointCount())
	up := all.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
	assert.Equal(t, "vcenter.up", up.Name())
	assert.Zero(t, up.Gauge().DataPoints().At(0).IntValue())

	estate := newEstate(t, readFile(t, "testdata/metrics/estate.xml"))
	cache := inventory.NewCache(testSource.InstanceUUID)
	cache.Recall(estate.state)
	unread := cache.Snapshot()
	require.NotZero(t, unread.Len(), "it has what was told in an earlier life")
	assert.Equal(t, 1, m.Of(Collection{Source: testSource, At: collected, Inventory: unread, Stats: testStats()}).ResourceMetrics().Len(), "of one that was not read since")
}

func TestNothingSwitchedOnIsNothingTold(t *testing.T) {
	assert.Zero(t, newTestMetrics(everything(false)).Of(testCollection(t)).ResourceMetrics().Len())
	assert.Zero(t, Wanted(everything(false).Metrics), "and nothing is asked for")
}

func TestSameCollectionSameBytes(t *testing.T) {
	marshaler := pmetric.ProtoMarshaler{}
	c := testCollection(t)
	var first []byte
	for range 5 {
		bytes, err := marshaler.MarshalMetrics(newTestMetrics(everything(true)).Of(c))
		require.NoError(t, err)
		if first == nil {
			first = bytes
		}
		require.Equal(t, first, bytes)
	}
}

// Back ends know a resource by its service.instance.id: with the same one, the series of two objects would be merged.
func TestNoTwoResourcesShareAnIdentity(t *testing.T) {
	all := newTestMetrics(everything(true)).Of(testCollection(t))
	seen := map[string]bool{}
	for _, r := range all.ResourceMetrics().All() {
		id, _ := r.Resource().Attributes().Get("service.instance.id")
		assert.False(t, seen[id.Str()], id.Str())
		seen[id.Str()] = true
	}
	assert.True(t, seen[testSource.InstanceUUID+"/vm-42"])
	assert.True(t, seen[testSource.InstanceUUID], "the vCenter itself")
	assert.Greater(t, len(seen), 20)
}

// Partial, orphaned, inaccessible, half-deleted, and what has lost what it belonged to.
var strange = map[string]string{
	"vm-50": typeVM, "vm-51": typeVM, "vm-52": typeVM, "vm-53": typeVM, "vm-54": typeVM, "host-29": typeHost, "host-30": typeHost, "host-31": typeHost,
	"resgroup-13": typePool, "datastore-16": typeDatastore, "datastore-17": typeDatastore, "datastore-18": typeDatastore,
	"domain-c9": typeCluster, "datacenter-4": typeDatacenter,
}

func TestAStrangeObjectCostsItsOwnPointsAlone(t *testing.T) {
	whole := newTestMetrics(everything(true)).Of(testCollection(t))
	for moref, class := range strange {
		t.Run(moref, func(t *testing.T) {
			without := testCollection(t, leave(class, moref))
			rest := byMoref(newTestMetrics(everything(true)).Of(without))
			for other, resource := range byMoref(whole) {
				if other == moref || strings.HasPrefix(other, "domain-") || strings.HasPrefix(other, "datacenter-") {
					continue // which count what is in them
				}
				if other == "vm-54" && moref == "host-29" {
					continue // it is on that host
				}
				assert.Equal(t, series(alone(resource)), series(alone(rest[other])), other)
			}
		})
	}
}

func byMoref(all pmetric.Metrics) map[string]pmetric.ResourceMetrics {
	found := map[string]pmetric.ResourceMetrics{}
	for _, r := range all.ResourceMetrics().All() {
		moref, _ := r.Resource().Attributes().Get("vcenter.object.moref")
		found[moref.Str()] = r
	}
	return found
}

// alone is a resource as if there were no other.
func alone(r pmetric.ResourceMetrics) pmetric.Metrics {
	all := pmetric.NewMetrics()
	if r != (pmetric.ResourceMetrics{}) {
		r.CopyTo(all.ResourceMetrics().AppendEmpty())
	}
	return all
}

// series are what is told, by names and attributes of resource and point, with the values. One that is told twice is no metric: a back
// end refuses it, or takes either value.
func series(all pmetric.Metrics) map[string]string {
	found := map[string]string{}
	for _, r := range all.ResourceMetrics().All() {
		for _, metric := range r.ScopeMetrics().At(0).Metrics().All() {
			for _, p := range points(metric).All() {
				value := fmt.Sprint(p.ValueType())
				switch {
				case p.Flags().NoRecordedValue():
					value += " ended"
				case p.ValueType() == pmetric.NumberDataPointValueTypeInt:
					value = fmt.Sprint(p.IntValue())
				case p.ValueType() == pmetric.NumberDataPointValueTypeDouble:
					value = fmt.Sprint(p.DoubleValue())
				}
				name := fmt.Sprint(metric.Name(), metric.Type(), sortedMap(p.Attributes()), sortedMap(r.Resource().Attributes()))
				if _, twice := found[name]; twice {
					panic("told twice: " + name)
				}
				found[name] = value
			}
		}
	}
	return found
}

func sortedMap(m pcommon.Map) string {
	var all []string
	for name, value := range m.All() {
		all = append(all, name+"="+value.AsString())
	}
	slices.Sort(all)
	return "{" + strings.Join(all, ",") + "}"
}
