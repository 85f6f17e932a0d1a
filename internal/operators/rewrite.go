package operators

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/plog"
)

// rewrite changes each record as a function says, which reports whether the record stays. A record whose resource or scope
// was changed moves behind the others, to those that share them.
func rewrite(logs plog.Logs, change func(*Entry) bool) plog.Logs {
	m := moved{logs: plog.NewLogs()}
	logs.ResourceLogs().RemoveIf(func(resource plog.ResourceLogs) bool {
		resource.ScopeLogs().RemoveIf(func(scope plog.ScopeLogs) bool {
			around := surroundingsOf(resource, scope)
			scope.LogRecords().RemoveIf(func(record plog.LogRecord) bool {
				e := around.entry(record)
				if !change(e) {
					return true
				}
				write(e, record)
				if around.around(e) {
					return false
				}
				record.MoveTo(m.records(e, resource, scope).AppendEmpty())
				return true
			})
			return scope.LogRecords().Len() == 0
		})
		return resource.ScopeLogs().Len() == 0
	})
	m.logs.ResourceLogs().MoveAndAppendTo(logs.ResourceLogs())
	return logs
}

// moved are records under another resource or scope than they had.
type moved struct {
	logs   plog.Logs
	places map[string]plog.LogRecordSlice
}

// records are those of an entry's resource and scope. What operators cannot change is as it was where the entry came from.
func (m *moved) records(e *Entry, resource plog.ResourceLogs, scope plog.ScopeLogs) plog.LogRecordSlice {
	key := fmt.Sprintf("%q %#v", e.ScopeName, e.Resource) // fmt sorts maps
	if records, ok := m.places[key]; ok {
		return records
	}
	to := m.logs.ResourceLogs().AppendEmpty()
	to.SetSchemaUrl(resource.SchemaUrl())
	putMap(e.Resource, to.Resource().Attributes())
	in := to.ScopeLogs().AppendEmpty()
	in.SetSchemaUrl(scope.SchemaUrl())
	scope.Scope().CopyTo(in.Scope())
	in.Scope().SetName(e.ScopeName)
	if m.places == nil {
		m.places = map[string]plog.LogRecordSlice{}
	}
	m.places[key] = in.LogRecords()
	return in.LogRecords()
}
