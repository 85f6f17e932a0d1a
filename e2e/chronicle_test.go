package e2e

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// chronicle is a back end for metrics that remembers every point of a long run, and plays accidents.
type chronicle struct {
	server *httptest.Server

	mu       sync.Mutex // guards the fields below
	all      []collection
	series   map[string]*series // each once: there are many points of few series
	words    map[string]string  // of resources, as well
	refusals int                // so many requests are refused from now on
	unheard  int                // so many answers of acceptance are lost from now on
	broken   error              // a request that was no OTLP
}

// collection is what was sent of one moment.
type collection struct {
	life      int // of the collector
	at        pcommon.Timestamp
	accepted  bool
	resources []resource
}

// resource is what was sent of an object, or of the vCenter itself. There are two of an object where some of its series end and some do not.
type resource struct {
	id    string   // service.instance.id
	names []string // by which its object is known besides; first its reference, with its vCenter
	of    []sample
}

// sample is a point of a series.
type sample struct {
	*series
	at, start pcommon.Timestamp
	value     float64
	ended     bool // there is no value, but the word that the series has ended
}

// series is what its points have in common.
type series struct {
	name           string // resource, metric and attributes
	metric         string
	sum, monotonic bool
}

func newChronicle(t *testing.T) *chronicle {
	t.Helper()
	c := &chronicle{series: map[string]*series{}, words: map[string]string{}}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// trouble has so many requests refused from now on, and then the answers of so many lost.
func (c *chronicle) trouble(refusals, unheard int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusals, c.unheard = refusals, unheard
}

// ServeHTTP takes an export request of OTLP over HTTP, in protobuf.
func (c *chronicle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		return // a collector that is killed may have sent half a request
	}
	metrics, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(body)
	life, _ := strconv.Atoi(r.Header.Get(lifeHeader))
	accepted, heard := c.record(life, metrics, err)
	if !heard {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	if !accepted {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// record remembers a request, and says what becomes of it.
func (c *chronicle) record(life int, metrics pmetric.Metrics, broken error) (accepted, heard bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	accepted, heard = c.refusals == 0, c.refusals > 0 || c.unheard == 0
	c.refusals = max(0, c.refusals-1)
	if !heard {
		c.unheard--
	}
	if broken != nil || metrics.DataPointCount() == 0 {
		c.broken = errors.Join(fmt.Errorf("a request of life %d has no metrics", life), broken)
		return accepted, heard
	}
	told := collection{life: life, accepted: accepted}
	for _, of := range metrics.ResourceMetrics().All() {
		told.resources = append(told.resources, c.resource(of))
	}
	told.at = told.resources[0].of[0].at
	c.all = append(c.all, told)
	return accepted, heard
}

func (c *chronicle) resource(of pmetric.ResourceMetrics) resource {
	attributes := of.Resource().Attributes()
	r := resource{id: c.word(attribute(attributes, "service.instance.id")), names: c.names(attributes)}
	for _, scope := range of.ScopeMetrics().All() {
		for _, metric := range scope.Metrics().All() {
			for _, p := range dataPoints(metric).All() {
				r.of = append(r.of, sample{c.seriesOf(r.id, metric, p), p.Timestamp(), p.StartTimestamp(), valueOf(p), p.Flags().NoRecordedValue()})
			}
		}
	}
	r.of = slices.Clip(r.of)
	return r
}

func (c *chronicle) seriesOf(id string, metric pmetric.Metric, p pmetric.NumberDataPoint) *series {
	name := seriesName(id, metric.Name(), p.Attributes())
	if c.series[name] == nil {
		sum := metric.Type() == pmetric.MetricTypeSum
		c.series[name] = &series{name: name, metric: metric.Name(), sum: sum, monotonic: sum && metric.Sum().IsMonotonic()}
	}
	return c.series[name]
}

// names are what an object is known by besides: none before the first login.
func (c *chronicle) names(attributes pcommon.Map) (names []string) {
	uuid := attribute(attributes, "vcenter.instance.uuid")
	if uuid == "" {
		return nil
	}
	names = []string{c.word(uuid + " " + attribute(attributes, "vcenter.object.moref"))}
	for _, name := range []string{"vcenter.vm.id", templateID} {
		if id := attribute(attributes, name); id != "" {
			names = append(names, c.word(name+"="+id))
		}
	}
	return names
}

const templateID = "vcenter.vm_template.id"

func attribute(attributes pcommon.Map, name string) string {
	value, _ := attributes.Get(name)
	return value.Str()
}

func (c *chronicle) word(is string) string {
	known, there := c.words[is]
	if !there {
		c.words[is], known = is, is
	}
	return known
}

// sent are all collections so far, life by life: those that were refused, too. Nothing is sent twice, so what was accepted is a part of
// it, in the same order.
func (c *chronicle) sent(t *testing.T) []collection {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NoError(t, c.broken)
	return whole(c.all)
}

// whole puts portions of a collection together again.
func whole(portions []collection) (all []collection) {
	// One that was on its way when the collector was killed may have been read when the next one was alive.
	for _, c := range slices.SortedStableFunc(slices.Values(portions), func(a, b collection) int { return cmp.Compare(a.life, b.life) }) {
		last := len(all) - 1
		if last < 0 || all[last].life != c.life || all[last].at != c.at {
			all = append(all, c)
			continue
		}
		all[last].resources = slices.Concat(all[last].resources, c.resources)
		all[last].accepted = all[last].accepted && c.accepted
	}
	return all
}

// latest is what was accepted last.
func (c *chronicle) latest(t *testing.T) (latest collection) {
	t.Helper()
	for _, told := range c.sent(t) {
		if told.accepted {
			latest = told
		}
	}
	return latest
}
