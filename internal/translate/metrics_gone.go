package translate

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// leave ends what was told of objects that are not there any more, and of a vCenter that is another one by now. A collection without an
// inventory says of no object that it is gone.
func (m *Metrics) leave(c Collection, to pmetric.ResourceMetricsSlice) {
	last := m.objects
	if m.vcenter.Source != (Source{}) && m.vcenter.Source.identity("") != c.Source.identity("") {
		end(m.opened("", m.pass(Collection{Source: m.vcenter.Source, Stats: last.Stats, Events: m.vcenter.Events}, c).of(nil)), to)
		delete(m.shapes, "")
		m.builder.Reset(metadata.WithStartTime(pcommon.NewTimestampFromTime(m.vcenter.At))) // what is counted begins anew
	}
	if c.Inventory == nil || last.Inventory == nil {
		return
	}
	another := last.Source.InstanceUUID != c.Source.InstanceUUID
	before := sync.OnceValue(func() *pass { return m.pass(last, c) })
	for o := range last.Inventory.All() {
		if _, told := m.shapes[o.Moref]; told && (another || !c.has(o)) {
			end(m.opened(o.Moref, before().of(o)), to)
			delete(m.shapes, o.Moref)
		}
	}
	if another {
		m.objects = Collection{} // the same moref is another object there
	}
}

// has reports whether an object that was told has metrics still.
func (c *Collection) has(o *inventory.Object) bool {
	now := c.Inventory.Get(o.Moref)
	return now != nil && now.Type == o.Type && c.included(now)
}

// compare tells what there is now, and ends what was told of the same objects before and is no more: an alarm that was cleared, or the
// usage of a virtual machine that was switched off. All that was told then can be told once more, for nothing of a collection ever
// changes; but that is done only of objects that have other series now, or where less was answered than is known.
//
// What is known may be more than was told: with what was answered of a virtual machine that was off, and with the word that it is on
// by now, it would have a use of CPU. Such a series is not open.
func (m *Metrics) compare(now *pass, to pmetric.ResourceMetricsSlice) {
	last, known := m.objects, now.Collection
	if now.Partial {
		known.Stats = known.Stats.Over(last.Stats, known.Inventory)
	}
	if known.Tags == nil {
		known.Tags = last.Tags
	}
	before := sync.OnceValue(func() *pass { return m.pass(last, now.Collection) })
	after := sync.OnceValue(func() *pass { return m.pass(known, now.Collection) })
	less := now.Partial || now.Tags == nil && last.Tags != nil
	shapes, open := make(map[string]shape, len(now.census.objects)+1), map[string]seriesSet{}
	for moref, o := range now.subjects() {
		told := now.of(o)
		shapes[moref] = shapeOf(told)
		if was, there := m.shapes[moref]; less || there && was != shapes[moref] {
			remaining, had := after().of(o), seriesOf(told)
			all := seriesOf(remaining)
			if there {
				opened := m.opened(moref, before().of(last.Inventory.Get(moref)))
				had.add(opened)
				end(without(opened, all), to)
			}
			within(remaining, had)
			shapes[moref] = shapeOf(remaining)
			if len(seriesOf(remaining)) < len(all) {
				open[moref] = had
			}
		}
		told.MoveAndAppendTo(to)
	}
	m.objects, m.shapes, m.open = known, shapes, open
}

// opened leaves those series that are open, of all that was known of an object.
func (m *Metrics) opened(moref string, all pmetric.ResourceMetricsSlice) pmetric.ResourceMetricsSlice {
	if open, fewer := m.open[moref]; fewer {
		return within(all, open)
	}
	return all
}

// end turns each point into the word that its series has ended: no value, and a flag that says so, which the builder cannot make.
func end(all, to pmetric.ResourceMetricsSlice) {
	for metric := range metricsOf(all) {
		for _, point := range points(metric).All() {
			end := pmetric.NewNumberDataPoint()
			point.Attributes().MoveTo(end.Attributes())
			end.SetStartTimestamp(point.StartTimestamp())
			end.SetTimestamp(point.Timestamp())
			end.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
			end.MoveTo(point)
		}
	}
	all.MoveAndAppendTo(to)
}
