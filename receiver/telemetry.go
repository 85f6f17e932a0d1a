package receiver

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// telemetry is what the receiver counts of its own work. Its methods count once a page, a batch or a call, never once an
// event, with attributes that were made before.
type telemetry struct {
	metrics *metadata.TelemetryBuilder
	tracer  trace.Tracer
	own     attribute.Set // of every series: the receiver, and its vCenter
	each    metric.MeasurementOption
	kinds   sync.Map // kind → metric.MeasurementOption

	lag lag
}

// kind is what tells series of one metric apart.
type kind struct{ name, value, method string }

// newTelemetry makes the telemetry of a stream in some phase. It must be shut down.
func newTelemetry(settings component.TelemetrySettings, id component.ID, vcenter string, present func() phase) (*telemetry, error) {
	metrics, err := metadata.NewTelemetryBuilder(settings)
	if err != nil {
		return nil, err
	}
	own := attribute.NewSet(attribute.String("receiver", id.String()), attribute.String("vcenter.instance.name", vcenter))
	t := &telemetry{metrics: metrics, tracer: metadata.Tracer(settings), own: own, each: metric.WithAttributeSet(own)}
	return t, errors.Join(
		metrics.RegisterReceiverVcenterStreamLagCallback(t.observeLag),
		metrics.RegisterReceiverVcenterStreamPhaseCallback(func(_ context.Context, o metric.Int64Observer) error {
			t.observePhase(o, present())
			return nil
		}),
	)
}

func (t *telemetry) observePhase(o metric.Int64Observer, present phase) {
	for p, name := range phases {
		value := int64(0)
		if phase(p) == present {
			value = 1
		}
		o.Observe(value, t.of(kind{name: "phase", value: name}))
	}
}

func (t *telemetry) observeLag(_ context.Context, o metric.Float64Observer) error {
	if lag, known := t.lag.duration(); known {
		o.Observe(lag.Seconds(), t.each)
	}
	return nil
}

func (t *telemetry) shutdown() { t.metrics.Shutdown() }

// of gives the attributes of one kind, which are made once.
func (t *telemetry) of(k kind) metric.MeasurementOption {
	if option, made := t.kinds.Load(k); made {
		return option.(metric.MeasurementOption)
	}
	attributes := t.own.ToSlice()
	if k.name != "" {
		attributes = append(attributes, attribute.String(k.name, k.value))
	}
	if k.method != "" {
		attributes = append(attributes, attribute.String("method", k.method))
	}
	option, _ := t.kinds.LoadOrStore(k, metric.WithAttributeSet(attribute.NewSet(attributes...)))
	return option.(metric.MeasurementOption)
}

func (t *telemetry) add(counter metric.Int64Counter, n int) {
	if n > 0 {
		counter.Add(context.Background(), int64(n), t.each)
	}
}

// called counts a call of the API. One that we gave up ourselves is no failure.
func (t *telemetry) called(e vsphere.Exchange) {
	ctx, of := context.Background(), t.of(kind{method: e.Method})
	t.metrics.ReceiverVcenterStreamAPICalls.Add(ctx, 1, of)
	t.metrics.ReceiverVcenterStreamAPIDuration.Record(ctx, e.Duration.Seconds(), of)
	t.metrics.ReceiverVcenterStreamAPIBytesSent.Add(ctx, int64(e.Sent), of)
	t.metrics.ReceiverVcenterStreamAPIBytesReceived.Add(ctx, int64(e.Received), of)
	if why := vsphere.ErrorType(e.Err); e.Err != nil && why != vsphere.Canceled {
		t.metrics.ReceiverVcenterStreamAPIFailures.Add(ctx, 1, t.of(kind{name: "error.type", value: why, method: e.Method}))
	}
}

func (t *telemetry) loggedIn() { t.add(t.metrics.ReceiverVcenterStreamLogins, 1) }

func (t *telemetry) lost() { t.add(t.metrics.ReceiverVcenterStreamSessionLosses, 1) }

// skewed notes how far vCenter's clock is ahead of ours.
func (t *telemetry) skewed(vcenter time.Time) {
	t.metrics.ReceiverVcenterStreamClockSkew.Record(context.Background(), time.Until(vcenter).Seconds(), t.each)
}

// paged counts a page, and what is not to be delivered of it.
func (t *telemetry) paged(read, duplicate, filtered int) {
	t.add(t.metrics.ReceiverVcenterStreamPages, 1)
	t.add(t.metrics.ReceiverVcenterStreamEventsRead, read)
	t.add(t.metrics.ReceiverVcenterStreamEventsDuplicate, duplicate)
	t.add(t.metrics.ReceiverVcenterStreamEventsFiltered, filtered)
}

// settled counts the items of a batch. Those for which there are letters were not delivered.
func (t *telemetry) settled(items, letters int) {
	t.add(t.metrics.ReceiverVcenterStreamEventsDelivered, items-letters)
	t.add(t.metrics.ReceiverVcenterStreamEventsRefused, letters)
}

func (t *telemetry) refusedTry() { t.add(t.metrics.ReceiverVcenterStreamBatchTriesRefused, 1) }

func (t *telemetry) heldTry() { t.add(t.metrics.ReceiverVcenterStreamBatchTriesHeld, 1) }

func (t *telemetry) gaveWay(letters int) {
	t.add(t.metrics.ReceiverVcenterStreamDeadLettersDropped, letters)
}

func (t *telemetry) gap(reason string) {
	t.metrics.ReceiverVcenterStreamGaps.Add(context.Background(), 1, t.of(kind{name: "reason", value: reason}))
}

func (t *telemetry) damagedCheckpoint() { t.add(t.metrics.ReceiverVcenterStreamCheckpointsDamaged, 1) }

func (t *telemetry) keysReset() { t.add(t.metrics.ReceiverVcenterStreamKeyResets, 1) }

// strange counts delivered events that are not as events should be.
func (t *telemetry) strange(delivered []event.Event) {
	unidentified, unreadable := 0, 0
	for i := range delivered {
		if e := &delivered[i]; e.Unreadable != "" {
			unreadable++
		} else if !e.Keyed || !e.Timed {
			unidentified++
		}
	}
	t.add(t.metrics.ReceiverVcenterStreamEventsUnidentified, unidentified)
	t.add(t.metrics.ReceiverVcenterStreamEventsUnreadable, unreadable)
}

func (t *telemetry) stalled() { t.add(t.metrics.ReceiverVcenterStreamStalls, 1) }

func (t *telemetry) rang() { t.add(t.metrics.ReceiverVcenterStreamDoorbells, 1) }

// committed counts a try to store the position.
func (t *telemetry) committed(took time.Duration, err error) {
	t.metrics.ReceiverVcenterStreamCheckpointCommitDuration.Record(context.Background(), took.Seconds(), t.each)
	if err != nil {
		t.add(t.metrics.ReceiverVcenterStreamCheckpointCommitFailures, 1)
		return
	}
	t.add(t.metrics.ReceiverVcenterStreamCheckpointCommits, 1)
}
