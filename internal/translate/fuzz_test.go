package translate

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// Whatever a server sends: a body that can be read gives one record of each event, with an identity and in bounds.
func FuzzEvents(f *testing.F) {
	for _, body := range answers(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := event.Decode(body)
		if err != nil {
			return
		}
		records := allRecords(Events(testSource, testCatalog, events))
		if len(records) != len(events) {
			t.Fatalf("%d records of %d events", len(records), len(events))
		}
		for _, record := range records {
			checkRecord(t, record)
		}
	})
}

func checkRecord(t *testing.T, record plog.LogRecord) {
	if uid, ok := record.Attributes().Get(attrUID); !ok || uid.Str() == "" {
		t.Fatal("a record without log.record.uid")
	}
	if record.EventName() == "" || record.Body().Str() == "" {
		t.Fatal("a record without a name or a body")
	}
	switch record.SeverityText() {
	case "INFO", "WARN", "ERROR":
	default:
		t.Fatalf("severity %q", record.SeverityText())
	}
	checkBounds(t, record)
}
