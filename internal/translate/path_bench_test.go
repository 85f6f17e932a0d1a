package translate

import (
	"bytes"
	"testing"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

const pageSize = 1000

// BenchmarkPath compares what a page costs from its bytes to log records with what govmomi takes to decode it alone.
func BenchmarkPath(b *testing.B) {
	body := eventtest.Answer(pageSize, 1)
	b.Run("govmomi-decode", func(b *testing.B) {
		measure(b, body, func() int { return govmomiDecode(b, body) })
	})
	b.Run("body-to-records", func(b *testing.B) {
		measure(b, body, func() int {
			events, err := event.Decode(body)
			if err != nil {
				b.Fatal(err)
			}
			return Events(testSource, testCatalog, events).LogRecordCount()
		})
	})
	b.Run("events-to-batches", func(b *testing.B) {
		events, err := event.Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		measure(b, body, func() (records int) {
			for rest := events; len(rest) > 0; {
				_, n := Batch(testSource, testCatalog, rest, 512<<10)
				rest = rest[n:]
				records += n
			}
			return records
		})
	})
}

func measure(b *testing.B, body []byte, path func() int) {
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if n := path(); n != pageSize {
			b.Fatalf("%d records of %d events", n, pageSize)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/pageSize, "µs/event")
}

func govmomiDecode(b *testing.B, body []byte) int {
	var answer methods.ReadNextEventsBody
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.TypeFunc = types.TypeFunc()
	if err := decoder.Decode(&soap.Envelope{Body: &answer}); err != nil {
		b.Fatal(err)
	}
	return len(answer.Res.Returnval)
}
