package exporterhelper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
)

// Settings of a Sender.
type Settings struct {
	Next consumer.Logs

	// BackOff is how long to wait after a refused try. With a MaxElapsedTime a batch is tried for so long, and what is open
	// of it then is given up as if it was refused for good; 0: for as long as it takes.
	BackOff configretry.BackOffConfig

	// Drop gives a batch up as soon as it is refused for good, which is what the collector expects of a receiver. Otherwise
	// the records that are to blame are looked for, and where it is the pipeline that refuses, the batch is held.
	Drop bool

	// Grace is how long a Consume* in flight may end by itself once the context has ended.
	Grace time.Duration

	// Identify names a record, the same each time and no other in the stream; may be nil.
	Identify func(plog.LogRecord) string

	Observe *receiverhelper.ObsReport // told of each request; may be nil
	Format  string                    // what the records were made from, as Observe names it

	// All below may be nil, and are called by the goroutine that sends.

	// Refused is called after a try that was refused for now, with the wait until the next.
	Refused func(err error, next time.Duration)

	// Held is called after a try that was refused for good without a record being to blame for it.
	Held func(Hold)

	// Dead is called for each record that is given up.
	Dead func(Letter)

	// Spared is called when a batch that is not worth a dead letter is given up.
	Spared func(error)

	// Accepted is called after each batch of which the consumer took anything.
	Accepted func()
}

// Hold is what a sender waits for: somebody to mend what refuses everything, or a witness.
type Hold struct {
	Err      error
	Next     time.Duration // until the next try
	Records  int           // how many are open
	Suspects []string      // those that were refused alone, while nothing else was accepted
}

func (s Settings) refused(err error, next time.Duration) {
	if s.Refused != nil {
		s.Refused(err, next)
	}
}

func (s Settings) held(h Hold) {
	if s.Held != nil {
		s.Held(h)
	}
}

func (s Settings) dead(l Letter) {
	if s.Dead != nil {
		s.Dead(l)
	}
}

func (s Settings) spared(err error) {
	if s.Spared != nil {
		s.Spared(err)
	}
}

func (s Settings) accepted() {
	if s.Accepted != nil {
		s.Accepted()
	}
}

func (s Settings) identify(record plog.LogRecord) string {
	if s.Identify == nil {
		return ""
	}
	return s.Identify(record)
}

// Sender hands batches to the next consumer, one after the other. It keeps nothing between two of them but what is known of the
// records of one that was given back, and of the consumer.
type Sender struct {
	set     Settings
	request link
	doubts  doubts
	fickle  time.Time // delivery.fickle of the last
	unheard bool      // delivery.unheard of the last
}

// Build makes a payload, the same each time. What was sent before may have been changed in place since.
type Build = func() plog.Logs

// Request is one batch.
type Request[P any] struct {
	Position P     // where the stream stands once this batch is settled
	Records  int   // 0: nothing to send, settled at once
	Logs     Build // called for every try; may be of other records than Records says, also of none

	// Follow takes one more record into the batch, that which follows it, and waits for it until ctx ends; nil: none came. It
	// is asked for where a refused record is alone: whether that is to blame, or the pipeline, is seen by what becomes of
	// another one. Its error is that none can come any more: then the batch is given back, in a Returned. May be nil.
	Follow func(ctx context.Context) (Build, error)

	// Letters were given up before, in a batch that was given back. The proof has them, too.
	Letters []Letter

	// Spare says that the batch is not worth a dead letter, nor being held.
	Spare bool
}

// NewSender makes a Sender.
func NewSender(set Settings) *Sender {
	request := consume(set.Next, set.Grace)
	if set.Observe != nil {
		request = observe(set.Observe, set.Format, request)
	}
	return &Sender{set: set, request: request}
}

// Send hands one batch to the next consumer until it is settled. An error is a Returned, or that ctx ended before that:
// waiting then ends at once, a call in flight within Settings.Grace. A batch that is taken within the grace is settled like any other.
func Send[P any](ctx context.Context, s *Sender, r Request[P]) (Settled[P], error) {
	d := &delivery{set: s.set, request: s.request, follow: r.Follow, spare: r.Spare, letters: slices.Clone(r.Letters), begun: time.Now()}
	if r.Records > 0 {
		d.add(newPart(r.Logs))
		d.recall(s.doubts)
	}
	d.fickle, d.unheard = s.fickle, s.unheard
	err := d.settle(ctx)
	s.unheard = d.unheard
	if d.fickle != s.fickle {
		s.fickle = d.fickle
		s.doubts.fickle()
	}
	if err != nil {
		s.doubts = d.doubts()
		return Settled[P]{}, fmt.Errorf("send %d records: %w", r.Records, err)
	}
	s.doubts.without(d.known)
	return Settled[P]{position: r.Position, letters: d.letters, accepted: d.accepted, valid: true}, nil
}
