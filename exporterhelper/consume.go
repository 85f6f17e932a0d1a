package exporterhelper

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
)

// errGrace is the cause of the cancelled context of a call that did not end in time.
var errGrace = errors.New("grace period is over")

// consume is the last link: the next consumer. The call goes on for the grace after ctx has ended: what is taken in it need
// not be sent again after a restart.
func consume(next consumer.Logs, grace time.Duration) link {
	return func(ctx context.Context, logs plog.Logs) error {
		ctx, end := withGrace(ctx, grace)
		defer end()
		return next.ConsumeLogs(ctx, logs)
	}
}

// withGrace gives a context that ends when the grace has passed since ctx ended. It has no deadline before that. The function
// ends it and waits for its timer.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, func()) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(errGrace)
		case <-late.Done():
		}
	})
	return late, func() {
		cancel(nil)
		if !stop() {
			<-ended
		}
	}
}
