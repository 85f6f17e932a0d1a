package translate

import (
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
}

func (s Source) describe(resource pcommon.Resource) {
	attributes := resource.Attributes()
	attributes.EnsureCapacity(len(ResourceAttributes))
	for _, a := range [...][2]string{
		{attrServiceName, "vcenter"},
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
func Events(src Source, catalog *event.Catalog, events []event.Event) plog.Logs {
	logs, _ := Batch(src, catalog, events, math.MaxInt)
	return logs
}

// Batch builds the records of as many leading events as fit into limit bytes of OTLP, at least one, and says how many.
func Batch(src Source, catalog *event.Catalog, events []event.Event, limit int) (plog.Logs, int) {
	logs := plog.NewLogs()
	if len(events) == 0 {
		return logs, 0
	}
	records := src.scope(logs).LogRecords()
	records.EnsureCapacity(len(events))
	b := builder{src: src, catalog: catalog, names: make(dictionary)}
	var sizer plog.ProtoMarshaler
	size := sizer.LogsSize(logs) + lengths
	for i := range events {
		record := records.AppendEmpty()
		b.build(&events[i], record)
		if size += framed(sizer.LogRecordSize(record)); size > limit {
			n := max(i, 1)
			truncate(records, n)
			return logs, n
		}
	}
	return logs, len(events)
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
