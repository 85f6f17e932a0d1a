package receiver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// grace is how long a Consume* in flight may end by itself after Shutdown was called. The collector gives
	// Shutdown no deadline, and exporters stop after receivers, so the wait is worth it: a batch that is
	// accepted in time is not repeated by the next start.
	grace = 10 * time.Second

	// farewell bounds what follows the last batch: the commit, and the logout.
	farewell = 5 * time.Second
)

// Receiver streams one vCenter.
type Receiver struct {
	settings Settings
	logger   *zap.Logger
	serial   atomic.Uint64 // of the session that there is, or was last

	// set by Start
	telemetry *telemetry
	sessions  *vsphere.Supervisor
	storage   *checkpoint.Storage
	operators struct{ events, changes *operators.Chain }
	events    *eventStream    // nil: none are wanted
	changes   *changeStream   // likewise
	watch     *inventoryWatch // likewise
	tags      *tagReading     // likewise
	scraping  *scraping       // likewise
	scraper   receiver.Metrics
	health    *health
	cancel    context.CancelFunc
	running   sync.WaitGroup
}

// New makes a Receiver. It reaches for nothing before Start.
func New(settings Settings) *Receiver {
	r := &Receiver{settings: settings}
	r.logger = inSession(settings.Telemetry.Logger, &r.serial).With(zap.String("vcenter", settings.Name))
	return r
}

// SetLogs says where to deliver logs, before Start. Without it no events are read.
func (r *Receiver) SetLogs(next consumer.Logs) { r.settings.Logs = next }

// SetMetrics says where to deliver metrics, before Start. Without it nothing is asked for them.
func (r *Receiver) SetMetrics(next consumer.Metrics) { r.settings.Metrics.Next = next }

// Join tells another host the status from now on. It may be called after Start.
func (r *Receiver) Join(host component.Host) { r.health.join(host) }

// Start begins to stream and returns at once, also when the vCenter cannot be reached: it is tried for ever,
// and the component's status says why. Errors are those of the configuration.
func (r *Receiver) Start(ctx context.Context, host component.Host) (err error) {
	if r.telemetry, err = newTelemetry(r.settings.Telemetry, r.settings.ID, r.settings.Name); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			r.telemetry.shutdown()
		}
	}()
	if err := r.connect(ctx); err != nil {
		return err
	}
	observe, err := r.observer()
	if err != nil {
		return err
	}
	if err := r.prepareLogs(ctx, host); err != nil {
		return err
	}
	return r.run(ctx, host, observe)
}

// prepareLogs opens what logs need, and metrics do not.
func (r *Receiver) prepareLogs(ctx context.Context, host component.Host) (err error) {
	if r.settings.Logs == nil {
		return nil
	}
	if err := r.operate(); err != nil {
		return err
	}
	if r.storage, err = checkpoint.OpenStorage(ctx, host, r.settings.Storage, r.settings.ID); err != nil {
		return err
	}
	if !r.storage.Durable() {
		r.logger.Warn("no storage extension is configured (setting storage): the position is lost with this process, and a restart begins anew")
	}
	return nil
}

func (r *Receiver) connect(ctx context.Context) error {
	secured, err := r.secure(ctx)
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	r.sessions = vsphere.NewSupervisor(vsphere.Settings{
		Endpoint:   r.settings.Endpoint,
		Name:       r.settings.Name,
		Username:   r.settings.Username,
		Password:   r.settings.Password,
		TLS:        secured,
		APITimeout: r.settings.APITimeout,
		Wait:       r.settings.Wait,
		UserAgent:  r.settings.UserAgent,
		Operation:  r.settings.ID.String(),
		Logger:     r.logger,
		Observer: vsphere.Observer{
			Called: r.telemetry.called, Login: r.telemetry.logsIn, LoggedIn: r.loggedIn, Lost: r.telemetry.lost,
		},
	})
	return nil
}

// loggedIn hears of each session: they are numbered from one.
func (r *Receiver) loggedIn() {
	r.serial.Add(1)
	r.telemetry.loggedIn()
}

// operate starts the user's operators, which hold nothing that a failed start would leave behind. They are for one goroutine, so
// that each stream has its own.
func (r *Receiver) operate() (err error) {
	telemetry := r.settings.Telemetry
	telemetry.Logger = r.logger
	if r.operators.events, err = operators.Start(r.settings.Operators, telemetry); err != nil || !r.settings.changed() {
		return err
	}
	r.operators.changes, err = operators.Start(r.settings.Operators, telemetry)
	return err
}

func (r *Receiver) observer() (*receiverhelper.ObsReport, error) {
	return receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: r.settings.ID,
		Transport:  r.settings.Endpoint.Scheme,
		ReceiverCreateSettings: receiver.Settings{
			ID: r.settings.ID, TelemetrySettings: r.settings.Telemetry,
		},
	})
}

// run starts the loops. Their context is the receiver's own: Start's ends with Start.
func (r *Receiver) run(starting context.Context, host component.Host, observe *receiverhelper.ObsReport) error {
	r.health = newHealth(host)
	ctx, cancel := context.WithCancel(context.Background())
	loops := r.streams(observe)
	if r.settings.measured() {
		if err := r.measure(ctx, starting, host); err != nil {
			cancel()
			return fmt.Errorf("collect metrics: %w", err)
		}
	}
	r.cancel = cancel
	for _, loop := range loops {
		r.running.Go(func() { loop(ctx) })
	}
	return nil
}

// streams makes the loops of all streams that somebody takes.
func (r *Receiver) streams(observe *receiverhelper.ObsReport) (loops []func(context.Context)) {
	if r.settings.watched() {
		state, counted := r.stream(streamInventory)
		r.watch = newInventoryWatch(r.settings, r.sessions, state, counted, r.logger)
		loops = append(loops, r.watch.run)
	}
	if r.settings.tagged() {
		r.tags = newTagReading(r.sessions, r.watch, r.settings.Inventory.TagPatience, r.logger)
		r.watch.tags = r.tags
	}
	if r.settings.changed() {
		state, counted := r.stream(streamChanges)
		r.changes = newChangeStream(r.settings, r.storage, r.watch, counted, r.logger)
		r.changes.operators, r.changes.tags = r.operators.changes, r.tags
		loops = append(loops, newLoop(r, r.changes, state, counted, observe).run)
	}
	if r.settings.Logs != nil {
		state, counted := r.stream(streamEvents)
		r.events = newEventStream(r.settings, r.storage, counted, r.logger)
		r.events.operators = r.operators.events
		if r.settings.enriched() {
			r.events.watch, r.events.tags = r.watch, r.tags
		}
		loops = append(loops, newLoop(r, r.events, state, counted, observe).run)
	}
	return loops
}

// measure starts to collect metrics.
func (r *Receiver) measure(ctx, starting context.Context, host component.Host) (err error) {
	state, _ := r.stream(streamMetrics)
	r.scraping = newScraping(ctx, r.settings, r.sessions, r.watch, r.tags, state)
	switch {
	case r.events != nil:
		r.events.scraping, r.scraping.events = r.scraping, r.events.telemetry.present
	case r.settings.Metrics.Builder.Metrics.VcenterEventCount.Enabled:
		r.logger.Info("there is no pipeline of logs, so that events are not read: vcenter.event.count has no series")
	}
	if r.scraper, err = r.scraping.controller(); err != nil {
		return err
	}
	return r.scraper.Start(starting, host)
}

// stream makes the status of a stream, and its telemetry.
func (r *Receiver) stream(name string) (*status, *streamTelemetry) {
	state := r.health.of(name, r.logger)
	state.begin(r.settings.Name)
	return state, r.telemetry.stream(name, state.present)
}

// newLoop makes the loop of a stream, with a sender of its own: a stream that is held holds no other.
func newLoop[E, P any](r *Receiver, s stream[E, P], state *status, counted *streamTelemetry, observe *receiverhelper.ObsReport) *loop[E, P] {
	return &loop[E, P]{
		attempts:  attempts{sessions: r.sessions, status: state},
		stream:    s,
		telemetry: counted,
		sender:    r.newSender(state, counted, observe),
		backOff:   r.settings.BackOff,
	}
}

// closeTags leaves half of the time to the session of vCenter's own API, which logs out after it.
func (r *Receiver) closeTags(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, farewell/2)
	defer cancel()
	r.tags.close(ctx)
}

// Shutdown stops reading, lets the batch in flight settle, commits, removes our objects from vCenter and logs
// out. It returns when no goroutine of the receiver is left and no Consume* is in flight.
func (r *Receiver) Shutdown(ctx context.Context) error {
	if r.cancel == nil {
		return nil // never started, or it failed to
	}
	r.cancel()
	r.running.Wait()
	var failed error
	if r.scraper != nil {
		failed = r.scraper.Shutdown(ctx)
	}
	closing, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	r.closeTags(closing)
	if err := r.scraping.close(closing); err != nil {
		r.logger.Warn("view left behind in vCenter, until the session ends", zap.Error(err))
	}
	if err := r.sessions.Close(closing); err != nil {
		r.logger.Warn("session left behind in vCenter, until its idle timeout", zap.Error(err))
	}
	failed = errors.Join(failed, r.operators.events.Stop(), r.operators.changes.Stop())
	if r.storage != nil {
		failed = errors.Join(failed, r.storage.Close(ctx))
	}
	r.telemetry.shutdown()
	r.logger.Info("vCenter stream stopped", append(r.events.summary(), r.changes.summary()...)...)
	return failed
}
