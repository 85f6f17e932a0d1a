package operators

import (
	"maps"
	"reflect"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Entry is a record as operators see it. It has no EventName: see eventName.
type Entry = entry.Entry

// eventName is the attribute that an operator sets to change a record's EventName. It is not left among the attributes.
const eventName = "event.name"

// surroundings are what the records of one scope share.
type surroundings struct {
	resource map[string]any
	scope    string
}

func surroundingsOf(resource plog.ResourceLogs, scope plog.ScopeLogs) surroundings {
	return surroundings{resource: resource.Resource().Attributes().AsRaw(), scope: scope.Scope().Name()}
}

// entry is a record to be changed. The resource is its own: operators change it in place.
func (s surroundings) entry(record plog.LogRecord) *Entry {
	return &Entry{
		Timestamp:         record.Timestamp().AsTime(),
		ObservedTimestamp: record.ObservedTimestamp().AsTime(),
		Body:              record.Body().AsRaw(),
		Attributes:        record.Attributes().AsRaw(),
		Resource:          maps.Clone(s.resource), // its values are texts
		SeverityText:      record.SeverityText(),
		Severity:          entry.Severity(record.SeverityNumber()), // stanza counts as OTLP does
		ScopeName:         s.scope,
	}
}

// around reports whether an entry is still where it was.
func (s surroundings) around(e *Entry) bool {
	return e.ScopeName == s.scope && maps.EqualFunc(e.Resource, s.resource, func(a, b any) bool { return reflect.DeepEqual(a, b) })
}

// write takes over what operators can change. ObservedTimestamp is not among it, and must stay: the present would make
// another record of each try.
func write(e *Entry, record plog.LogRecord) {
	if name, ok := e.Attributes[eventName].(string); ok {
		record.SetEventName(name)
		delete(e.Attributes, eventName)
	}
	record.SetTimestamp(pcommon.Timestamp(max(0, e.Timestamp.UnixNano())))
	record.SetSeverityNumber(plog.SeverityNumber(e.Severity))
	record.SetSeverityText(e.SeverityText)
	put(e.Body, record.Body())
	putMap(e.Attributes, record.Attributes())
	writeTrace(e, record)
}

// writeTrace takes over what a trace_parser has found.
func writeTrace(e *Entry, record plog.LogRecord) {
	if e.TraceID != nil {
		var id pcommon.TraceID
		copy(id[:], e.TraceID)
		record.SetTraceID(id)
	}
	if e.SpanID != nil {
		var id pcommon.SpanID
		copy(id[:], e.SpanID)
		record.SetSpanID(id)
	}
	if len(e.TraceFlags) > 0 {
		record.SetFlags(plog.LogRecordFlags(e.TraceFlags[0]))
	}
}
