package exporterhelper

import (
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// Letter is a dead letter: a record that is not going to be sent any more, because it was refused for good.
type Letter struct {
	UID    string    // as Settings.Identify knows it
	Reason string    // what the consumer said
	Time   time.Time // when it was given up
	Record []byte    // OTLP: plog.Logs with this one record as it would have been sent, its resource and its scope
}

// letters writes a letter for each record of a payload, in their order. The payload is used up.
func letters(logs plog.Logs, identify func(plog.LogRecord) string, reason string) []Letter {
	written := make([]Letter, 0, logs.LogRecordCount())
	now := time.Now()
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, log := range scope.LogRecords().All() {
				written = append(written, Letter{
					UID: identify(log), Reason: reason, Time: now, Record: encode(resource, scope, log),
				})
			}
		}
	}
	return written
}

func encode(resource plog.ResourceLogs, scope plog.ScopeLogs, log plog.LogRecord) []byte {
	logs := plog.NewLogs()
	r := logs.ResourceLogs().AppendEmpty()
	resource.Resource().CopyTo(r.Resource())
	r.SetSchemaUrl(resource.SchemaUrl())
	s := r.ScopeLogs().AppendEmpty()
	scope.Scope().CopyTo(s.Scope())
	s.SetSchemaUrl(scope.SchemaUrl())
	log.MoveTo(s.LogRecords().AppendEmpty())
	encoded, _ := (&plog.ProtoMarshaler{}).MarshalLogs(logs) // it never has an error to return
	return encoded
}
