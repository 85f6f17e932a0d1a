package receiver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
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
	events    *eventStream
	changes   *changeStream // nil: none are wanted
	cancel    context.CancelFunc
	running   sync.WaitGroup
}

// New makes a Receiver. It reaches for nothing before Start.
func New(settings Settings) *Receiver {
	r := &Receiver{settings: settings}
	r.logger = inSession(settings.Telemetry.Logger, &r.serial).With(zap.String("vcenter", settings.Name))
	return r
}

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
	if err := r.operate(); err != nil {
		return err
	}
	if r.storage, err = checkpoint.OpenStorage(ctx, host, r.settings.Storage, r.settings.ID); err != nil {
		return err
	}
	if !r.storage.Durable() {
		r.logger.Warn("no storage extension is configured (setting storage): the position is lost with this process, and a restart begins anew")
	}
	r.run(newHealth(host), observe)
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
	if r.operators.events, err = operators.Start(r.settings.Operators, telemetry); err != nil || !r.settings.Inventory.Changes {
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
func (r *Receiver) run(together *health, observe *receiverhelper.ObsReport) {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	state, counted := r.stream(together, streamEvents)
	r.events = newEventStream(r.settings, r.storage, counted, r.logger)
	r.events.operators = r.operators.events
	events := newLoop(r, r.events, state, counted, observe)
	if r.settings.watched() {
		r.runInventory(ctx, together, observe)
	}
	r.running.Go(func() { events.run(ctx) })
}

// runInventory starts the loops of the inventory, for whoever needs it.
func (r *Receiver) runInventory(ctx context.Context, together *health, observe *receiverhelper.ObsReport) {
	state, counted := r.stream(together, streamInventory)
	watch := newInventoryWatch(r.settings, r.sessions, state, counted, r.logger)
	if r.settings.Events.Enrich {
		r.events.watch = watch
		r.events.tags = newTagReading(r.sessions, watch, r.logger)
	}
	if r.settings.Inventory.Changes {
		state, counted := r.stream(together, streamChanges)
		r.changes = newChangeStream(r.settings, r.storage, watch, counted, r.logger)
		r.changes.operators = r.operators.changes
		changes := newLoop(r, r.changes, state, counted, observe)
		r.running.Go(func() { changes.run(ctx) })
	}
	r.running.Go(func() { watch.run(ctx) })
}

// stream makes the status of a stream, and its telemetry.
func (r *Receiver) stream(together *health, name string) (*status, *streamTelemetry) {
	state := together.of(name, r.logger)
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
	r.events.tags.close(ctx)
}

// Shutdown stops reading, lets the batch in flight settle, commits, removes our objects from vCenter and logs
// out. It returns when no goroutine of the receiver is left and no Consume* is in flight.
func (r *Receiver) Shutdown(ctx context.Context) error {
	if r.cancel == nil {
		return nil // never started, or it failed to
	}
	r.cancel()
	r.running.Wait()
	closing, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	r.closeTags(closing)
	if err := r.sessions.Close(closing); err != nil {
		r.logger.Warn("session left behind in vCenter, until its idle timeout", zap.Error(err))
	}
	err := errors.Join(r.operators.events.Stop(), r.operators.changes.Stop(), r.storage.Close(ctx))
	r.telemetry.shutdown()
	r.logger.Info("vCenter stream stopped", append(r.events.summary(), r.changes.summary()...)...)
	return err
}
