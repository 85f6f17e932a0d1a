package exporterhelper

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
)

// Settings of a Sender.
type Settings struct {
	Next consumer.Logs

	// BackOff is how long to wait after a refused try. MaxElapsedTime is not read: a batch is tried for as long as it is
	// refused, permanently or not, because the one who can mend that may need days.
	BackOff configretry.BackOffConfig

	// Grace is how long a Consume* in flight may end by itself once the context has ended.
	Grace time.Duration

	Observe *receiverhelper.ObsReport // told of each try; may be nil
	Format  string                    // what the records were made from, as Observe names it

	// Refused is called after a refused try that another will follow, with the wait until then; may be nil.
	Refused func(err error, next time.Duration)

	// Accepted is called after each batch that the consumer took; may be nil.
	Accepted func()
}

func (s Settings) refused(err error, next time.Duration) {
	if s.Refused != nil {
		s.Refused(err, next)
	}
}

func (s Settings) accepted() {
	if s.Accepted != nil {
		s.Accepted()
	}
}

// Sender hands batches to the next consumer. It keeps nothing between two of them.
type Sender struct {
	chain link
}

// Build makes a payload, the same each time. What was sent before may have been changed in place since.
type Build = func() plog.Logs

// Request is one batch.
type Request[P any] struct {
	Position P     // where the stream stands once this batch is settled
	Records  int   // 0: nothing to send, settled at once
	Logs     Build // called for every try
}

// NewSender makes a Sender.
func NewSender(set Settings) *Sender {
	chain := consume(set.Next, set.Grace)
	if set.Observe != nil {
		chain = observe(set.Observe, set.Format, chain)
	}
	return &Sender{chain: retry(set, chain)}
}

// Send hands one batch to the next consumer until it is settled. The only error is that ctx ended before that: waiting then
// ends at once, a call in flight within Settings.Grace. A batch that is taken within the grace is settled like any other.
func Send[P any](ctx context.Context, s *Sender, r Request[P]) (Settled[P], error) {
	if r.Records > 0 {
		if err := s.chain(ctx, payload{records: r.Records, logs: r.Logs}); err != nil {
			return Settled[P]{}, fmt.Errorf("send %d records: %w", r.Records, err)
		}
	}
	return Settled[P]{position: r.Position, valid: true}, nil
}
