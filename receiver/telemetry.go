package receiver

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
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

	mu      sync.Mutex         // guards the field below
	streams []*streamTelemetry // that are observed
}

// streamTelemetry is what is counted for each stream.
type streamTelemetry struct {
	*telemetry
	name    string
	present func() phase
	lag     lag
}

// kind is what tells series of one metric apart.
type kind struct{ name, value, method, stream string }

// newTelemetry makes the telemetry of a receiver without streams. It must be shut down.
func newTelemetry(settings component.TelemetrySettings, id component.ID, vcenter string) (*telemetry, error) {
	metrics, err := metadata.NewTelemetryBuilder(settings)
	if err != nil {
		return nil, err
	}
	own := attribute.NewSet(attribute.String("receiver", id.String()), attribute.String("vcenter.instance.name", vcenter))
	t := &telemetry{metrics: metrics, tracer: metadata.Tracer(settings), own: own, each: metric.WithAttributeSet(own)}
	return t, errors.Join(
		metrics.RegisterReceiverVcenterStreamLagCallback(func(_ context.Context, o metric.Float64Observer) error {
			for _, s := range t.observed() {
				s.observeLag(o)
			}
			return nil
		}),
		metrics.RegisterReceiverVcenterStreamPhaseCallback(func(_ context.Context, o metric.Int64Observer) error {
			for _, s := range t.observed() {
				s.observePhase(o)
			}
			return nil
		}),
	)
}

// stream adds the telemetry of a stream, which can be asked for its phase.
func (t *telemetry) stream(name string, present func() phase) *streamTelemetry {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &streamTelemetry{telemetry: t, name: name, present: present}
	t.streams = append(t.streams, s)
	return s
}

func (t *telemetry) observed() []*streamTelemetry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.streams)
}

func (s *streamTelemetry) observePhase(o metric.Int64Observer) {
	present := s.present()
	for p, name := range phases {
		value := int64(0)
		if phase(p) == present {
			value = 1
		}
		o.Observe(value, s.of(kind{name: "phase", value: name, stream: s.name}))
	}
}

func (s *streamTelemetry) observeLag(o metric.Float64Observer) {
	if lag, known := s.lag.duration(); known {
		o.Observe(lag.Seconds(), s.of(kind{stream: s.name}))
	}
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
	if k.stream != "" {
		attributes = append(attributes, attribute.String("stream", k.stream))
	}
	option, _ := t.kinds.LoadOrStore(k, metric.WithAttributeSet(attribute.NewSet(attributes...)))
	return option.(metric.MeasurementOption)
}

func (t *telemetry) add(counter metric.Int64Counter, n int) {
	if n > 0 {
		counter.Add(context.Background(), int64(n), t.each)
	}
}

// addOwn counts for the stream alone.
func (s *streamTelemetry) addOwn(counter metric.Int64Counter, n int) {
	if n > 0 {
		counter.Add(context.Background(), int64(n), s.of(kind{stream: s.name}))
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

// settled counts the records of a batch. Those for which there are letters were not delivered.
func (s *streamTelemetry) settled(records, letters int) {
	delivered, refused := s.metrics.ReceiverVcenterStreamEventsDelivered, s.metrics.ReceiverVcenterStreamEventsRefused
	if s.name == streamChanges {
		delivered, refused = s.metrics.ReceiverVcenterStreamChangesDelivered, s.metrics.ReceiverVcenterStreamChangesRefused
	}
	s.add(delivered, records-letters)
	s.add(refused, letters)
}

func (s *streamTelemetry) refusedTry() { s.addOwn(s.metrics.ReceiverVcenterStreamBatchTriesRefused, 1) }

func (s *streamTelemetry) heldTry() { s.addOwn(s.metrics.ReceiverVcenterStreamBatchTriesHeld, 1) }

func (s *streamTelemetry) gaveWay(letters int) {
	s.addOwn(s.metrics.ReceiverVcenterStreamDeadLettersDropped, letters)
}

func (t *telemetry) gap(reason string) {
	t.metrics.ReceiverVcenterStreamGaps.Add(context.Background(), 1, t.of(kind{name: "reason", value: reason}))
}

func (s *streamTelemetry) damagedCheckpoint() {
	s.addOwn(s.metrics.ReceiverVcenterStreamCheckpointsDamaged, 1)
}

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
func (s *streamTelemetry) committed(took time.Duration, err error) {
	s.metrics.ReceiverVcenterStreamCheckpointCommitDuration.Record(context.Background(), took.Seconds(), s.of(kind{stream: s.name}))
	if err != nil {
		s.addOwn(s.metrics.ReceiverVcenterStreamCheckpointCommitFailures, 1)
		return
	}
	s.addOwn(s.metrics.ReceiverVcenterStreamCheckpointCommits, 1)
}

// bare counts delivered events of whose object the inventory knows nothing.
func (t *telemetry) bare(events int) { t.add(t.metrics.ReceiverVcenterStreamEventsBare, events) }

// updated notes an update set of the inventory.
func (t *telemetry) updated(a inventory.Applied) {
	t.add(t.metrics.ReceiverVcenterStreamInventoryUpdates, a.Updates)
	if a.Full {
		t.add(t.metrics.ReceiverVcenterStreamInventoryReads, 1)
	}
	t.metrics.ReceiverVcenterStreamInventoryObjects.Record(context.Background(), int64(a.Objects), t.each)
}
