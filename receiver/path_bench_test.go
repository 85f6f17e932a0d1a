//go:build unix

package receiver

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.uber.org/zap"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// BenchmarkPath compares the whole way of a page (decode, dedup, batches, records, a consumer that does nothing, mark,
// commit in memory) with what govmomi takes to decode it alone.
func BenchmarkPath(b *testing.B) {
	const events = 1000
	body := eventtest.Answer(events, 1)
	b.Run("govmomi-decode", func(b *testing.B) {
		eventtest.Measure(b, events, func() error { _, err := eventtest.GovmomiDecode(body); return err })
	})
	b.Run("body-to-consumer", func(b *testing.B) {
		own := newOwnTelemetry(b)
		storage, err := checkpoint.OpenStorage(b.Context(), componenttest.NewNopHost(), nil, component.MustNewID("vcenter_stream"))
		require.NoError(b, err)
		eventtest.Measure(b, events, func() error { return page1000(b.Context(), b, storage, own, body) })
	})
}

// What make bench measures is what works: a benchmark is not run by the tests.
func TestAPageGoesTheWholeWay(t *testing.T) {
	storage, err := checkpoint.OpenStorage(t.Context(), componenttest.NewNopHost(), nil, component.MustNewID("vcenter_stream"))
	require.NoError(t, err)
	require.NoError(t, page1000(t.Context(), t, storage, newOwnTelemetry(t), eventtest.Answer(1000, 1)))
}

// newOwnTelemetry is one that nobody reads.
func newOwnTelemetry(tb testing.TB) *streamTelemetry {
	own, err := newTelemetry(componenttest.NewNopTelemetrySettings(), component.MustNewID("vcenter_stream"), "bench")
	require.NoError(tb, err)
	tb.Cleanup(own.shutdown)
	return own.stream(streamEvents, func() phase { return catchingUp })
}

// page1000 sends one page through the loop of a stream that has seen nothing yet.
func page1000(ctx context.Context, b testing.TB, storage *checkpoint.Storage, own *streamTelemetry, body []byte) error {
	s := newEventStream(Settings{Events: EventSettings{Overlap: time.Hour}}, storage, own, zap.NewNop())
	s.now, s.position = time.Now, event.Cold("bench", time.Time{}, time.Now())
	s.leftOut, s.cursor = dedup.NewWindow(event.WindowLimit), &history.Cursor{}
	var err error
	s.store, _, err = checkpoint.Open(ctx, storage, "v1/events/bench", positionCodec, func() event.Position { return s.position })
	require.NoError(b, err)
	l := &loop[event.Event, event.Position]{
		stream:    s,
		telemetry: own,
		sender:    sender.NewSender(sender.Settings{Next: consumertest.NewNop()}),
		attempts:  attempts{status: newStatus(componenttest.NewNopHost(), zap.NewNop())},
	}
	p, err := s.decode(history.Page{Body: body, Asked: time.Now()})
	require.NoError(b, err)
	require.Len(b, p.fresh, 1000)
	if err := l.settle(ctx, p); err != nil {
		return err
	}
	require.Equal(b, 1000, s.delivered)
	return nil
}
