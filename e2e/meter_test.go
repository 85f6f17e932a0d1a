package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// meter is a back end for metrics that remembers all it was sent.
type meter struct {
	server *httptest.Server

	mu     sync.Mutex // guards the fields below
	all    []payload
	broken error // a request that was no OTLP
}

// payload is what came in one request: the series, each named by its instance, metric and attributes.
type payload struct {
	life   int // of the collector; 0: it did not say
	size   int
	points map[string]point
}

// point is a value, or the word that its series has ended.
type point struct {
	value float64
	ended bool
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	m := &meter{}
	m.server = httptest.NewServer(m)
	t.Cleanup(m.server.Close)
	return m
}

func (m *meter) url() string { return m.server.URL }

// ServeHTTP takes an export request of OTLP over HTTP, in protobuf.
func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		return // a collector that is killed may have sent half a request
	}
	// An ExportMetricsServiceRequest has the same one field as the message that pmetric reads.
	metrics, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body)
	life, _ := strconv.Atoi(r.Header.Get(lifeHeader))
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.URL.Path != "/v1/metrics" || err != nil {
		m.broken = fmt.Errorf("%s: %w", r.URL.Path, err)
	}
	m.all = append(m.all, payload{life: life, size: len(body), points: pointsOf(metrics)})
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// received are the payloads so far, in order.
func (m *meter) received(t *testing.T) []payload {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		t.Fatal(m.broken)
	}
	return m.all[:len(m.all):len(m.all)]
}

// last is the payload that came last, if it came in a life of the collector.
func (m *meter) last(t *testing.T, life int) map[string]point {
	t.Helper()
	if all := m.received(t); len(all) > 0 && all[len(all)-1].life == life {
		return all[len(all)-1].points
	}
	return nil
}

func pointsOf(metrics pmetric.Metrics) map[string]point {
	all := map[string]point{}
	for _, resource := range metrics.ResourceMetrics().All() {
		id, _ := resource.Resource().Attributes().Get("service.instance.id")
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				for _, p := range dataPoints(metric).All() {
					all[seriesName(id.Str(), metric.Name(), p.Attributes())] = point{valueOf(p), p.Flags().NoRecordedValue()}
				}
			}
		}
	}
	return all
}

func dataPoints(metric pmetric.Metric) pmetric.NumberDataPointSlice {
	if metric.Type() == pmetric.MetricTypeSum {
		return metric.Sum().DataPoints()
	}
	return metric.Gauge().DataPoints()
}

func valueOf(p pmetric.NumberDataPoint) float64 {
	if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
		return float64(p.IntValue())
	}
	return p.DoubleValue()
}

func seriesName(instance, metric string, attributes pcommon.Map) string {
	words := []string{instance, metric}
	for key, value := range attributes.All() {
		words = append(words, key+"="+value.AsString())
	}
	return strings.Join(words, " ")
}

// of are the series of one instance.
func of(points map[string]point, instance string) map[string]point {
	found := map[string]point{}
	for name, p := range points {
		if strings.HasPrefix(name, instance+" ") {
			found[name] = p
		}
	}
	return found
}
