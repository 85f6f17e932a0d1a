package translate

import (
	"hash/maphash"
	"iter"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// shape stands for the series that there are of an object, whatever their values.
type shape uint64

var shapeSeed = maphash.MakeSeed()

func shapeOf(all pmetric.ResourceMetricsSlice) shape {
	var h maphash.Hash
	h.SetSeed(shapeSeed)
	for metric := range metricsOf(all) {
		h.WriteString(metric.Name())
		for _, point := range points(metric).All() {
			h.WriteByte(1)
			for key, value := range point.Attributes().All() {
				h.WriteString(key)
				h.WriteByte(2)
				h.WriteString(value.AsString())
				h.WriteByte(3)
			}
		}
	}
	return shape(h.Sum64())
}

// subjects yields the vCenter itself, which has no object, and all objects that have metrics, by moref.
func (p *pass) subjects() iter.Seq2[string, *inventory.Object] {
	return func(yield func(string, *inventory.Object) bool) {
		if !yield("", nil) {
			return
		}
		for _, o := range p.census.objects {
			if !yield(o.Moref, o) {
				return
			}
		}
	}
}

// seriesSet are names of series of an object.
type seriesSet map[string]bool

func seriesOf(all pmetric.ResourceMetricsSlice) seriesSet {
	s := seriesSet{}
	s.add(all)
	return s
}

func (s seriesSet) add(all pmetric.ResourceMetricsSlice) {
	for metric := range metricsOf(all) {
		for _, point := range points(metric).All() {
			s[seriesName(metric, point.Attributes())] = true
		}
	}
}

// without leaves those series that have other names, and within those that have one of them.
func without(all pmetric.ResourceMetricsSlice, others seriesSet) pmetric.ResourceMetricsSlice {
	return sift(all, func(name string) bool { return !others[name] })
}

func within(all pmetric.ResourceMetricsSlice, some seriesSet) pmetric.ResourceMetricsSlice {
	return sift(all, func(name string) bool { return some[name] })
}

func sift(all pmetric.ResourceMetricsSlice, keep func(name string) bool) pmetric.ResourceMetricsSlice {
	all.RemoveIf(func(resource pmetric.ResourceMetrics) bool {
		metrics := resource.ScopeMetrics().At(0).Metrics()
		metrics.RemoveIf(func(metric pmetric.Metric) bool {
			points(metric).RemoveIf(func(point pmetric.NumberDataPoint) bool { return !keep(seriesName(metric, point.Attributes())) })
			return points(metric).Len() == 0
		})
		return metrics.Len() == 0
	})
	return all
}

// seriesName tells the series of an object apart.
func seriesName(metric pmetric.Metric, attributes pcommon.Map) string {
	var name strings.Builder
	name.WriteString(metric.Name())
	for key, value := range attributes.All() {
		name.WriteString("\x00" + key + "\x00" + value.AsString())
	}
	return name.String()
}

// metricsOf yields all metrics.
func metricsOf(all pmetric.ResourceMetricsSlice) iter.Seq[pmetric.Metric] {
	return func(yield func(pmetric.Metric) bool) {
		for _, resource := range all.All() {
			for _, scope := range resource.ScopeMetrics().All() {
				for _, metric := range scope.Metrics().All() {
					if !yield(metric) {
						return
					}
				}
			}
		}
	}
}

// points are those of a metric, all of which are sums or gauges.
func points(metric pmetric.Metric) pmetric.NumberDataPointSlice {
	if metric.Type() == pmetric.MetricTypeSum {
		return metric.Sum().DataPoints()
	}
	return metric.Gauge().DataPoints()
}
