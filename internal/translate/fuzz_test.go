package translate

import (
	"math"
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
	f.Add(readFile(f, "testdata/context/events.xml"))
	in := testContext(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := event.Decode(body)
		if err != nil {
			return
		}
		records := allRecords(Events(testSource, testCatalog, in, events))
		if len(records) != len(events) {
			t.Fatalf("%d records of %d events", len(records), len(events))
		}
		for i, record := range records {
			checkRecord(t, record)
			if want := events[i].UID(testSource.InstanceUUID); UID(record) != want {
				t.Fatalf("log.record.uid is %q, of an event %q", UID(record), want)
			}
		}
		checkPayloads(t, in, events, records)
	})
}

// checkPayloads cuts events into payloads, and wants the same records again: each of them, in order, in every try.
func checkPayloads(t *testing.T, in Context, events []event.Event, want []plog.LogRecord) {
	for len(events) > 0 {
		build, taken := Payload(testSource, testCatalog, in, events, 2000)
		n := taken.Events
		if n < 1 {
			t.Fatal("a payload that takes no event")
		}
		checkBuilt(t, build, want[:n])
		events, want = events[n:], want[n:]
	}
}

// checkBuilt wants the same records in every try.
func checkBuilt(t *testing.T, build func() plog.Logs, want []plog.LogRecord) {
	for range 2 {
		got := allRecords(build())
		if len(got) != len(want) {
			t.Fatalf("%d records in the place of %d", len(got), len(want))
		}
		for i := range got {
			assert.Equal(t, marshalRecord(t, want[i]), marshalRecord(t, got[i]))
		}
	}
}

// Whatever an inventory becomes: one record of each change, with an identity and in bounds, whether it was pushed or found.
func FuzzChanges(f *testing.F) {
	for _, story := range stories(f) {
		for _, answer := range answersOf(f, story) {
			f.Add(answer, false)
			f.Add(answer, true)
		}
	}
	estate := readFile(f, "testdata/inventory.xml")
	f.Fuzz(func(t *testing.T, answer []byte, resumed bool) {
		e, set := newEstate(t, estate), setAt(1, OriginLive)
		if resumed {
			e.restart(t, e.state)
			set.Origin = OriginResume
		}
		if e.read(t, answer) != nil {
			return
		}
		changes := e.news()
		logs, n := ChangeBatch(testSource, set, changes, math.MaxInt)
		records := allRecords(logs)
		if n != len(changes) || n != len(records) {
			t.Fatalf("%d records of %d changes, of which it took %d", len(records), len(changes), n)
		}
		for i, record := range records {
			checkChange(t, record)
			if UID(record) != changes[i].UID {
				t.Fatalf("log.record.uid is %q, of a change %q", UID(record), changes[i].UID)
			}
		}
		for len(changes) > 0 {
			build, n := ChangePayload(testSource, set, changes, 2000)
			if n < 1 {
				t.Fatal("a payload that takes no change")
			}
			checkBuilt(t, build, records[:n])
			changes, records = changes[n:], records[n:]
		}
	})
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
func checkText(t testing.TB, record plog.LogRecord) {
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
