package translate

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
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
		for i, record := range records {
			checkRecord(t, record)
			if want := events[i].UID(testSource.InstanceUUID); UID(record) != want {
				t.Fatalf("log.record.uid is %q, of an event %q", UID(record), want)
			}
		}
		checkPayloads(t, events, records)
	})
}

// checkPayloads cuts events into payloads, and wants the same records again: each of them, in order, in every try.
func checkPayloads(t *testing.T, events []event.Event, want []plog.LogRecord) {
	for len(events) > 0 {
		build, n := Payload(testSource, testCatalog, events, 2000)
		if n < 1 {
			t.Fatal("a payload that takes no event")
		}
		for range 2 {
			got := allRecords(build())
			if len(got) != n {
				t.Fatalf("%d records of %d events", len(got), n)
			}
			for i := range got {
				assert.Equal(t, marshalRecord(t, want[i]), marshalRecord(t, got[i]))
			}
		}
		events, want = events[n:], want[n:]
	}
}

func marshalRecord(t *testing.T, record plog.LogRecord) []byte {
	one := plog.NewLogs()
	record.CopyTo(one.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty())
	return marshal(t, one)
}

func checkRecord(t *testing.T, record plog.LogRecord) {
	if UID(record) == "" {
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
	checkText(t, record)
}

// checkText wants no text that is not UTF-8: a back end that reads OTLP strictly refuses the whole request for it.
func checkText(t *testing.T, record plog.LogRecord) {
	texts := []string{record.EventName(), record.Body().Str()}
	for name, value := range record.Attributes().All() {
		texts = append(texts, name, value.Str())
	}
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Fatalf("%q is not UTF-8", text)
		}
	}
}
