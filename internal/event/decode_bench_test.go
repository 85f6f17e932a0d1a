//go:build unix

package event_test

import (
	"testing"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

// BenchmarkDecode compares the two ways to read the same page of 1,000 typical events.
func BenchmarkDecode(b *testing.B) {
	const events = 1000
	body := eventtest.Answer(events, 1)
	b.Run("ours", func(b *testing.B) {
		eventtest.Measure(b, events, func() error { _, err := event.Decode(body); return err })
	})
	b.Run("govmomi", func(b *testing.B) {
		eventtest.Measure(b, events, func() error { _, err := eventtest.GovmomiDecode(body); return err })
	})
}
