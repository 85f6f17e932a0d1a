//go:build unix

package translate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

// BenchmarkBatch is a page of 1,000 typical events on its way into batches of 512 KiB.
func BenchmarkBatch(b *testing.B) {
	const size = 1000
	events, err := event.Decode(eventtest.Answer(size, 1))
	require.NoError(b, err)
	eventtest.Measure(b, size, func() error {
		for rest := events; len(rest) > 0; {
			_, n := Batch(testSource, testCatalog, rest, 512<<10)
			rest = rest[n:]
		}
		return nil
	})
}
