package translate

import (
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// RefusedEvent is the event name of the record of a refusal.
const RefusedEvent = "vcenter.stream.refused"

// Refusal is a record that the pipeline refused for good, of which nothing but this is sent.
type Refusal struct {
	UID    string
	Reason string
}

// UID identifies a record that was made here, wherever it has got to: it is the log.record.uid.
func UID(record plog.LogRecord) string {
	if uid, ok := record.Attributes().Get(attrUID); ok {
		return uid.AsString()
	}
	return ""
}

// RefusedPayload is a RefusedRecords that is built anew for every try.
func RefusedPayload(src Source, refusals []Refusal, at time.Time) func() plog.Logs {
	return func() plog.Logs { return RefusedRecords(src, refusals, at) }
}

// RefusedRecords builds a record for each refusal. They are stamped with a time that the pipeline has just accepted: that of
// the refused record may be what it is refused for, and the present would put what follows behind.
func RefusedRecords(src Source, refusals []Refusal, at time.Time) plog.Logs {
	logs := plog.NewLogs()
	records := src.scope(logs).LogRecords()
	for _, r := range refusals {
		record := records.AppendEmpty()
		record.SetTimestamp(timestamp(at))
		record.SetObservedTimestamp(timestamp(at))
		record.SetSeverityNumber(plog.SeverityNumberError)
		record.SetSeverityText("ERROR")
		record.SetEventName(RefusedEvent)
		reason, _ := cut(r.Reason, maxValue)
		record.Body().SetStr("The pipeline refused record " + r.UID)
		attributes := record.Attributes()
		attributes.PutStr(attrType, RefusedEvent)
		attributes.PutStr(attrUID, r.UID+":refused")
		attributes.PutStr(attrRefusedUID, r.UID)
		attributes.PutStr(attrRefusedReason, reason)
	}
	return logs
}
