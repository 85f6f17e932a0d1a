package translate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// GapEvent is the event name of the record of a gap.
const GapEvent = "vcenter.stream.gap"

// Reasons of gaps.
const (
	GapMaxAge    = "max_age"   // events that became too old to be delivered
	GapRetention = "retention" // events that vCenter has deleted, as its option event.maxAge says
	GapPossible  = "possible"  // there is nothing for longer than a vCenter is silent
)

// Gap is a part of the history that is not delivered: what was created at or after From and before To.
type Gap struct {
	From   time.Time // zero: the history's beginning
	To     time.Time
	Reason string
}

// UID is the gap's identity: "<instanceUuid>:gap:<from in unix ms>:<reason>". It leaves out the end: a process that is killed
// before it has stored that a gap was told tells of it again, and by then more is too old.
func (g Gap) UID(instanceUUID string) string {
	return instanceUUID + gapMark + strconv.FormatInt(g.from(), 10) + ":" + g.Reason
}

// gapMark is in the uid of a gap's record, and in that of no event.
const gapMark = ":gap:"

// IsGap says that a uid is of the record of a gap.
func IsGap(uid string) bool { return strings.Contains(uid, gapMark) }

func (g Gap) from() int64 {
	if g.From.IsZero() {
		return 0
	}
	return g.From.UnixMilli()
}

func (g Gap) String() string {
	from := "the beginning of the history"
	if !g.From.IsZero() {
		from = instant(g.From)
	}
	return fmt.Sprintf("Events from %s to %s were not delivered (%s)", from, instant(g.To), g.Reason)
}

// instant is a time with the precision of a UID.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// GapPayload is a GapRecord that is built anew for every try.
func GapPayload(src Source, gap Gap) func() plog.Logs {
	return func() plog.Logs { return GapRecord(src, gap) }
}

// GapRecord builds the record that tells of a gap. It carries the gap's end: what follows in the stream is not older, and
// a back end that wants order takes it.
func GapRecord(src Source, gap Gap) plog.Logs {
	logs := plog.NewLogs()
	record := src.scope(logs).LogRecords().AppendEmpty()
	at := pcommon.Timestamp(gap.To.UnixNano())
	record.SetTimestamp(at)
	record.SetObservedTimestamp(at)
	record.SetSeverityNumber(plog.SeverityNumberWarn)
	record.SetSeverityText("WARN")
	record.SetEventName(GapEvent)
	record.Body().SetStr(gap.String())
	attributes := record.Attributes()
	attributes.PutStr(attrType, GapEvent)
	attributes.PutStr(attrUID, gap.UID(src.InstanceUUID))
	if !gap.From.IsZero() {
		attributes.PutStr(attrGapFrom, instant(gap.From))
	}
	attributes.PutStr(attrGapTo, instant(gap.To))
	attributes.PutStr(attrGapReason, gap.Reason)
	return logs
}
