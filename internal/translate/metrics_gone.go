package translate

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// gone records once more what the last collection told of what is not there any more. It is the same as then, for nothing of
// a collection ever changes. A collection without an inventory says of no object that it is gone.
func (m *Metrics) gone(c Collection) {
	last := m.objects
	another := m.vcenter.Source.identity("") != c.Source.identity("")
	if another && m.vcenter.Source != (Source{}) {
		m.pass(Collection{Source: m.vcenter.Source, Stats: last.Stats, Events: m.vcenter.Events}, c).vcenter()
	}
	if c.Inventory == nil || last.Inventory == nil {
		return
	}
	another = last.Source.InstanceUUID != c.Source.InstanceUUID
	var lost []*inventory.Object
	for o := range last.Inventory.All() {
		if m.asked.in(o) && last.included(o) && (another || !c.has(o)) {
			lost = append(lost, o)
		}
	}
	if len(lost) == 0 {
		return
	}
	p := m.pass(last, c)
	for _, o := range lost {
		p.object(o)
	}
}

// has reports whether an object that was told has metrics still.
func (c *Collection) has(o *inventory.Object) bool {
	now := c.Inventory.Get(o.Moref)
	return now != nil && now.Type == o.Type && c.included(now)
}

// withdraw turns each point into the word that its series has ended: no value, and a flag that says so, which the builder
// cannot make.
func withdraw(all pmetric.Metrics) {
	for _, resource := range all.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, metric := range scope.Metrics().All() {
				withdrawPoints(points(metric))
			}
		}
	}
}

func withdrawPoints(points pmetric.NumberDataPointSlice) {
	for _, point := range points.All() {
		end := pmetric.NewNumberDataPoint()
		point.Attributes().MoveTo(end.Attributes())
		end.SetStartTimestamp(point.StartTimestamp())
		end.SetTimestamp(point.Timestamp())
		end.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
		end.MoveTo(point)
	}
}

// points are those of a metric, all of which are sums or gauges.
func points(metric pmetric.Metric) pmetric.NumberDataPointSlice {
	if metric.Type() == pmetric.MetricTypeSum {
		return metric.Sum().DataPoints()
	}
	return metric.Gauge().DataPoints()
}
