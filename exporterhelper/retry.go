package exporterhelper

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v7"
	"go.opentelemetry.io/collector/config/configretry"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
)

const (
	// minWait keeps an initial_interval of 0, which configretry allows, from spinning.
	minWait = time.Millisecond

	// maxAsked bounds the wait that a back end asks for: one answer must not silence a stream for a day.
	maxAsked = 5 * time.Minute
)

// settle tries until nothing of a delivery is open, ctx ends, or it is given back.
func (d *delivery) settle(ctx context.Context) error {
	interval := newInterval(d.set.BackOff)
	var refusal error
	for ctx.Err() == nil && len(d.open) > 0 {
		refusal = d.try(ctx)
		if refusal == nil || ctx.Err() != nil {
			break // no other try follows: Refused would tell of an ended grace as if a back end had refused
		}
		delay := max(interval.NextBackOff(), min(asked(refusal), maxAsked), minWait)
		if d.expires(delay) {
			d.bury(d.open, refusal)
			break
		}
		if err := d.pause(ctx, refusal, delay); err != nil {
			return err
		}
	}
	if len(d.open) > 0 {
		return unsettled(ctx, refusal)
	}
	if d.accepted > 0 {
		d.set.accepted()
	}
	return nil
}

// expires says that the time for a batch is over before the end of a wait.
func (d *delivery) expires(delay time.Duration) bool {
	limit := d.set.BackOff.MaxElapsedTime
	return limit > 0 && time.Since(d.begun)+delay > limit
}

// pause tells of a refused try, and waits for the next. Its error is wait's.
func (d *delivery) pause(ctx context.Context, refusal error, delay time.Duration) error {
	if !permanent(refusal) {
		d.set.refused(refusal, delay)
		sleep(ctx, delay)
		return nil
	}
	delay = d.until(delay)
	_, suspects := apart(d.open)
	d.set.held(Hold{Err: refusal, Next: delay, Records: len(d.open), Suspects: uids(suspects, d.set.identify)})
	return d.wait(ctx, delay)
}

func newInterval(c configretry.BackOffConfig) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     c.InitialInterval,
		RandomizationFactor: c.RandomizationFactor,
		Multiplier:          c.Multiplier,
		MaxInterval:         c.MaxInterval,
	}
}

// asked is the wait that a back end asks for with its refusal, or 0. It can be seen in a gRPC status only: the Retry-After of
// an HTTP answer travels in a type that the collector does not export.
func asked(refusal error) time.Duration {
	st, ok := status.FromError(refusal)
	if !ok {
		return 0
	}
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// unsettled is ctx's error, with the last refusal as words only: a refusal may wrap an ended context of its own.
func unsettled(ctx context.Context, refusal error) error {
	if refusal == nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w (last refused: %v)", ctx.Err(), refusal)
}
