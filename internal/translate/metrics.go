package translate

import (
	"iter"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// Collection is everything that the metrics of one moment are made of. What it holds must not change afterwards: some of it
// is wanted once more, when an object is gone.
type Collection struct {
	Source Source
	At     time.Time // of the points, by the clock of this machine
	Clock  time.Time // the same moment by vCenter's clock, which ages are told by

	Up        bool                         // what is known of vCenter is fresh
	Inventory *inventory.Snapshot          // nil: there is none that may be told as fresh
	Stats     *inventory.Stats             // nil: nothing was asked for, or nothing was answered
	Partial   bool                         // something that was asked for was not answered: what Stats lack may be as it was
	Tags      TagsOf                       // nil: none are known
	Included  func(*inventory.Object) bool // which objects have metrics of their own; nil: all

	Events map[EventKind]int64 // delivered so far
}

// TagsOf yields the tags of an object: the category, which may be empty, and the name.
type TagsOf func(moref string) iter.Seq2[string, string]

// included reports whether an object has metrics of its own.
func (c *Collection) included(o *inventory.Object) bool { return c.Included == nil || c.Included(o) }

// Metrics turns collections into OTLP, one resource for each object: the builder compares each point with all others of its
// metric and resource. It remembers the last collection, for what was told then and is no more has to be taken back.
// It is for one goroutine.
type Metrics struct {
	builder  *metadata.MetricsBuilder
	resource *metadata.ResourceBuilder
	on       metadata.MetricsConfig
	with     metadata.ResourceAttributesConfig
	asked    interest

	vcenter Collection           // the last one
	objects Collection           // the last one with an inventory, and with what was told before and has not ended
	shapes  map[string]shape     // of the series that are open of each of its objects, by moref
	open    map[string]seriesSet // those series, of objects of which more is known: it was not told
}

// NewMetrics makes metrics with a builder of a configuration. Both must be of the same one.
func NewMetrics(builder *metadata.MetricsBuilder, config metadata.MetricsBuilderConfig) *Metrics {
	return &Metrics{
		builder: builder, resource: builder.NewResourceBuilder(),
		on: config.Metrics, with: config.ResourceAttributes, asked: interestOf(&config.Metrics),
	}
}

// Of builds the metrics of a collection. Each object is told for itself: one that is strange, or half there, costs its own
// points alone.
func (m *Metrics) Of(c Collection) pmetric.Metrics {
	if c.Inventory != nil && !c.Inventory.Synced() {
		c.Inventory, c.Stats = nil, nil
	}
	all := pmetric.NewMetrics()
	m.leave(c, all.ResourceMetrics())
	p := m.pass(c, c)
	if c.Inventory == nil {
		p.of(nil).MoveAndAppendTo(all.ResourceMetrics())
	} else {
		m.compare(p, all.ResourceMetrics())
	}
	m.vcenter = c
	return all
}

// pass is one way through a collection.
type pass struct {
	*Metrics
	Collection
	at     pcommon.Timestamp
	census *census
}

// pass tells a collection at the moment of another one, which is the same but where objects are gone.
func (m *Metrics) pass(c, now Collection) *pass {
	p := &pass{Metrics: m, Collection: c, at: pcommon.NewTimestampFromTime(now.At)}
	if c.Inventory != nil {
		p.census = takeCensus(&c, m.asked)
	}
	return p
}

// of is all that is told of an object, under a resource of its own; of the vCenter itself where there is none.
func (p *pass) of(o *inventory.Object) pmetric.ResourceMetricsSlice {
	var resource pcommon.Resource
	if o == nil {
		p.vcenter()
		p.instance("")
		resource = p.resource.Emit()
	} else {
		p.object(o)
		resource = p.resourceOf(o)
	}
	told := p.builder.Emit(metadata.WithResource(resource)).ResourceMetrics()
	if o != nil && o.Type == typeCluster {
		unstart(told)
	}
	return told
}

// unstart takes the start off what vCenter counts since nobody knows when: of our own start it would say that all was counted since.
func unstart(all pmetric.ResourceMetricsSlice) {
	for metric := range metricsOf(all) {
		if metric.Type() == pmetric.MetricTypeSum && metric.Sum().IsMonotonic() {
			for _, point := range points(metric).All() {
				point.SetStartTimestamp(0)
			}
		}
	}
}

// object records what is known of an object.
func (p *pass) object(o *inventory.Object) {
	p.marks(o)
	switch o.Type {
	case typeVM:
		p.machine(o)
	case typeHost:
		p.host(o)
	case typePool:
		p.pool(o)
	case typeDatastore:
		p.datastore(o)
	case typeCluster:
		p.cluster(o)
	case typeDatacenter:
		p.datacenter(o)
	}
}

// marks records what any object may have.
func (p *pass) marks(o *inventory.Object) {
	if p.on.VcenterAlarmActive.Enabled {
		for a := range p.Stats.AlarmsOf(o.Moref) {
			if status, bad := alarmStatuses[a.Status]; bad {
				p.builder.RecordVcenterAlarmActiveDataPoint(p.at, 1, a.Name, status)
			}
		}
	}
	if p.on.VcenterTagInfo.Enabled && p.Tags != nil {
		for category, tag := range p.Tags(o.Moref) {
			p.builder.RecordVcenterTagInfoDataPoint(p.at, 1, category, tag)
		}
	}
}

var alarmStatuses = map[inventory.Status]metadata.AttributeAlarmStatus{
	inventory.Red: metadata.AttributeAlarmStatusRed, inventory.Yellow: metadata.AttributeAlarmStatusYellow,
}

// alarmCount records how many alarms there are on an object, 0 too, if that is known.
func (p *pass) alarmCount(o *inventory.Object, record func(pcommon.Timestamp, int64, metadata.AttributeAlarmStatus)) {
	if p.Stats == nil || p.Stats.Alarms == nil {
		return
	}
	counts := map[inventory.Status]int64{}
	for a := range p.Stats.AlarmsOf(o.Moref) {
		counts[a.Status]++
	}
	record(p.at, counts[inventory.Red], metadata.AttributeAlarmStatusRed)
	record(p.at, counts[inventory.Yellow], metadata.AttributeAlarmStatusYellow)
}
