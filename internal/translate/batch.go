package translate

import (
	"cmp"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// ScopeName is the instrumentation scope of all that this package makes.
const ScopeName = "github.com/vcenterstream/vcenterstreamreceiver"

// Source is the vCenter that a record comes from.
type Source struct {
	InstanceUUID string // about.instanceUuid
	Name         string // as configured
	Version      string // about.version
	Address      string // host of the endpoint
	Receiver     string // version of this receiver: that of the scope

	service string // service.name, serviceEvents where it is empty
}

// The streams of a vCenter. A back end that keeps the records of a service in order would refuse events of a catch-up behind
// a change that is stamped with the present.
const (
	serviceEvents    = "vcenter"
	serviceInventory = "vcenter.inventory"
)

// Inventory is the source of what is told of the inventory's changes.
func (s Source) Inventory() Source {
	s.service = serviceInventory
	return s
}

func (s Source) describe(resource pcommon.Resource) {
	attributes := resource.Attributes()
	attributes.EnsureCapacity(len(ResourceAttributes))
	for _, a := range [...][2]string{
		{attrServiceName, cmp.Or(s.service, serviceEvents)},
		{attrServiceInstanceID, s.InstanceUUID},
		{attrServiceVersion, s.Version},
		{attrServerAddress, s.Address},
		{attrInstanceUUID, s.InstanceUUID},
		{attrInstanceName, s.Name},
	} {
		if a[1] != "" {
			attributes.PutStr(a[0], a[1])
		}
	}
}

// Events builds the log records of events, one for each and in their order. The records share memory with the events.
func Events(src Source, catalog *event.Catalog, in Context, events []event.Event) plog.Logs {
	logs, _ := Batch(src, catalog, in, events, math.MaxInt)
	return logs
}

// Taken says which events a batch is of.
type Taken struct {
	Events int // how many of the leading ones
	Bare   int // how many of these name an object of which the inventory knows nothing
}

// Batch builds the records of as many leading events as fit into limit bytes of OTLP, at least one, and says how many.
func Batch(src Source, catalog *event.Catalog, in Context, events []event.Event, limit int) (plog.Logs, Taken) {
	logs := plog.NewLogs()
	if len(events) == 0 {
		return logs, Taken{}
	}
	src.scope(logs)
	b := builder{src: src, catalog: catalog, names: make(dictionary), lore: loreOf(in)}
	bare := make([]bool, len(events))
	n := fill(logs, len(events), limit, func(i int, record plog.LogRecord) {
		b.build(&events[i], record)
		bare[i] = b.bare
	})
	taken := Taken{Events: n}
	for _, is := range bare[:n] {
		if is {
			taken.Bare++
		}
	}
	return logs, taken
}

// fill builds as many records as fit into limit bytes of OTLP, at least one, and says how many.
func fill(logs plog.Logs, count, limit int, build func(i int, record plog.LogRecord)) int {
	records := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	records.EnsureCapacity(count)
	var sizer plog.ProtoMarshaler
	size := sizer.LogsSize(logs) + lengths
	for i := range count {
		record := records.AppendEmpty()
		build(i, record)
		if size += framed(sizer.LogRecordSize(record)); size > limit {
			n := max(i, 1)
			truncate(records, n)
			return n
		}
	}
	return count
}

func (s Source) scope(logs plog.Logs) plog.ScopeLogs {
	resource := logs.ResourceLogs().AppendEmpty()
	s.describe(resource.Resource())
	scope := resource.ScopeLogs().AppendEmpty()
	scope.Scope().SetName(ScopeName)
	scope.Scope().SetVersion(s.Receiver)
	return scope
}

// lengths is what the length fields of the resource's and the scope's logs grow by, at most, when they are filled.
const lengths = 2 * 4

// framed is what a record of a size takes in its list: its tag, its length, itself.
func framed(size int) int {
	framing := 2
	for n := size; n >= 1<<7; n >>= 7 {
		framing++
	}
	return size + framing
}

// truncate leaves the first n records.
func truncate(records plog.LogRecordSlice, n int) {
	records.RemoveIf(func(plog.LogRecord) bool {
		n--
		return n < 0
	})
}
