package translate

import (
	"math"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Whatever a vCenter says of its objects, there is no panic, no number that is none, no two resources with one identity, and
// nothing is left of what was told once all is gone.
func FuzzMetrics(f *testing.F) {
	f.Add(readFile(f, "testdata/metrics/estate.xml"))
	f.Add(readFile(f, "testdata/inventory.xml"))
	for _, story := range stories(f) {
		for _, answer := range answersOf(f, story) {
			f.Add(answer)
		}
	}
	estate := readFile(f, "testdata/inventory.xml")
	base := testCollection(f)
	f.Fuzz(func(t *testing.T, answer []byte) {
		c, e := base, newEstate(t, estate)
		if e.read(t, answer) != nil {
			return
		}
		m := newTestMetrics(everything(true))
		c.Inventory = e.cache.Snapshot()
		told := m.Of(c)
		checkResources(t, told)
		before := series(told)
		c.Source.InstanceUUID = "another"
		after := series(m.Of(later(c)))
		for name := range before {
			if after[name] != "Empty ended" {
				t.Fatalf("%s is %s", name, after[name])
			}
		}
	})
}

func checkResources(t *testing.T, all pmetric.Metrics) {
	seen := map[string]bool{}
	for _, r := range all.ResourceMetrics().All() {
		id, _ := r.Resource().Attributes().Get("service.instance.id")
		if seen[id.Str()] {
			t.Fatalf("two resources are %s", id.Str())
		}
		seen[id.Str()] = true
		for _, metric := range r.ScopeMetrics().At(0).Metrics().All() {
			checkPoints(t, metric)
		}
	}
}

func checkPoints(t *testing.T, metric pmetric.Metric) {
	for _, p := range points(metric).All() {
		if v := p.DoubleValue(); math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s is %v", metric.Name(), v)
		}
		for name, value := range p.Attributes().All() {
			if !utf8.ValidString(value.AsString()) {
				t.Fatalf("%s of %s is no text", name, metric.Name())
			}
		}
	}
}
