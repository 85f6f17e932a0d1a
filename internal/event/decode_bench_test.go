package event_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

// govmomiDecode reads an answer as govmomi's soap.Client does.
func govmomiDecode(body []byte) ([]types.BaseEvent, error) {
	var envelope struct {
		Body methods.ReadNextEventsBody `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.TypeFunc = types.TypeFunc()
	if err := decoder.Decode(&envelope); err != nil {
		return nil, err
	}
	return envelope.Body.Res.Returnval, nil
}

// BenchmarkDecode compares the two ways to read the same page of 1,000 typical events.
func BenchmarkDecode(b *testing.B) {
	const events = 1000
	body := eventtest.Answer(events, 1)
	b.Run("ours", func(b *testing.B) {
		benchmarkDecode(b, body, func() int {
			page, err := event.Decode(body)
			require.NoError(b, err)
			return len(page)
		})
	})
	b.Run("govmomi", func(b *testing.B) {
		benchmarkDecode(b, body, func() int {
			page, err := govmomiDecode(body)
			require.NoError(b, err)
			return len(page)
		})
	})
}

func benchmarkDecode(b *testing.B, body []byte, decode func() int) {
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	events := 0
	allocs := testing.AllocsPerRun(1, func() { events = decode() })
	for b.Loop() {
		require.Equal(b, 1000, decode())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
	b.ReportMetric(allocs/float64(events), "allocs/event")
	b.ReportMetric(float64(len(body))/float64(events), "XML-B/event")
}
