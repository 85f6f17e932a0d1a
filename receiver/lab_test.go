package receiver_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/config/configtls"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

const (
	byInsertion = journal.Insertion
	byCreation  = journal.Creation

	password = "a password that nobody may see"
)

// onBothOrders runs a test with collectors in order of insertion and of creation: nobody knows which one a
// vCenter has.
func onBothOrders(t *testing.T, test func(*testing.T, *lab)) {
	t.Parallel()
	for _, order := range []journal.Order{byInsertion, byCreation} {
		t.Run(order.String(), func(t *testing.T) { test(t, newLab(t, order)) })
	}
}

// lab is a receiver between a simulated vCenter, behind a bad line, and a sink, with a disk.
type lab struct {
	t        *testing.T
	order    journal.Order
	sim      *simulator.Simulator
	proxy    *fault.Proxy
	sink     *sink
	disk     *disk
	host     *host
	logs     *observer.ObservedLogs
	settings vcreceiver.Settings

	mu    sync.Mutex        // guards the field below
	lives []robustness.Life // of receivers

	random  uint64
	expects []string // uids of the events that were appended, and must be delivered
	past    []string // uids of those that must not
}

func newLab(t *testing.T, order journal.Order) *lab {
	t.Helper()
	return newLabOf(t, simulator.Settings{Order: order})
}

// newLabOf is a lab with a vCenter of some kind.
func newLabOf(t *testing.T, settings simulator.Settings) *lab {
	t.Helper()
	t.Parallel()
	return assemble(t, settings)
}

func assemble(t *testing.T, settings simulator.Settings) *lab {
	t.Helper()
	settings.Username, settings.Password = "otel", password
	sim, err := simulator.New(settings)
	require.NoError(t, err)
	l := &lab{t: t, sim: sim, order: settings.Order, sink: &sink{}, disk: newDisk(), host: &host{}, random: uint64(time.Now().UnixNano())}
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	t.Logf("seed %d", l.random)
	l.proxy, err = fault.New(sim.URL(), fault.Options{Seed: l.random})
	require.NoError(t, err)
	t.Cleanup(l.proxy.Close)
	t.Cleanup(func() { assert.True(t, l.host.onlyRecoverable(), "a status that a component cannot leave") })
	l.configure()
	return l
}

func (l *lab) configure() {
	core, logs := observer.New(zapcore.DebugLevel)
	l.logs = logs
	telemetry := componenttest.NewNopTelemetrySettings()
	telemetry.Logger = zap.New(core)
	storage := component.MustNewID("disk")
	l.settings = vcreceiver.Settings{
		ID:         component.MustNewIDWithName("vcenter_stream", "lab"),
		Telemetry:  telemetry,
		UserAgent:  "otelcol-vcenter/test",
		Endpoint:   l.proxy.URL(),
		Name:       "lab",
		Username:   "otel",
		Password:   func() (string, error) { return password, nil },
		TLS:        configtls.NewDefaultClientConfig(),
		APITimeout: 5 * time.Second,
		Wait:       2 * time.Second,
		Storage:    &storage,
		BackOff: configretry.BackOffConfig{
			Enabled: true, InitialInterval: 5 * time.Millisecond, MaxInterval: 20 * time.Millisecond, Multiplier: 1.5,
		},
		Events: vcreceiver.EventSettings{Overlap: 10 * time.Minute, PageSize: 1000, PollInterval: 500 * time.Millisecond},
		Logs:   l.sink,
	}
}

// fromTheBeginning lets a cold start begin with the oldest event.
func (l *lab) fromTheBeginning() *lab {
	l.settings.Events.Beginning = true
	return l
}

// running is a receiver that was started.
type running struct {
	l        *lab
	receiver *vcreceiver.Receiver
	once     sync.Once
}

func (l *lab) start() *running {
	l.t.Helper()
	l.host.extensions = map[component.ID]component.Component{*cmpOr(l.settings.Storage, &noID): l.disk}
	receiver := vcreceiver.New(l.settings)
	l.begin()
	require.NoError(l.t, receiver.Start(context.Background(), l.host))
	r := &running{l: l, receiver: receiver}
	l.t.Cleanup(r.stop)
	return r
}

var noID = component.MustNewID("none")

func cmpOr[T any](p, otherwise *T) *T {
	if p == nil {
		return otherwise
	}
	return p
}

func (r *running) stop() {
	r.once.Do(func() {
		assert.NoError(r.l.t, r.receiver.Shutdown(context.Background()))
		r.l.end()
	})
}

// pinned waits until the receiver reads from a position that is stored.
func (l *lab) pinned() {
	l.t.Helper()
	reads := l.calls("ReadNextEvents")
	eventually(l.t, "the first read", func() bool { return l.calls("ReadNextEvents") > reads })
}

// useful waits until the receiver has a session that lives, and has come as far as to a collector in it. A second session in a row
// that ends before its first call is followed by a minute's wait.
func (l *lab) useful() {
	l.t.Helper()
	eventually(l.t, "a session of use", l.inUse)
}

func (l *lab) inUse() bool {
	return slices.ContainsFunc(l.sim.Stats().Sessions, func(s simulator.SessionStats) bool { return s.Objects.EventCollectors > 0 })
}

// lose ends the session, once it was of use.
func (l *lab) lose() {
	l.t.Helper()
	l.useful()
	l.sim.KillSessions()
}

// now is the vCenter's clock, as a vCenter stamps events.
func (l *lab) now() time.Time { return l.sim.Now().UTC().Truncate(time.Millisecond) }

// append adds events that are created now.
func (l *lab) append(n int) { l.appendAt(l.now(), n) }

// appendAt adds events that are created at one time.
func (l *lab) appendAt(created time.Time, n int) {
	for range n {
		l.add(poweredOn(created))
	}
}

// appendSpread adds events that are created evenly over a time up to now.
func (l *lab) appendSpread(n int, over time.Duration) {
	begin := l.now().Add(-over)
	for i := range n {
		l.add(poweredOn(begin.Add(over * time.Duration(i) / time.Duration(n)).Truncate(time.Millisecond)))
	}
}

// appendRaw adds an event of a class that govmomi does not know.
func (l *lab) appendRaw(class, fields string) {
	key := l.sim.Stats().LastKey + 1
	created := l.now()
	raw, err := journal.NewRaw(class, fmt.Sprintf("<key>%d</key><chainId>%d</chainId><createdTime>%s</createdTime>%s",
		key, key, created.Format(time.RFC3339Nano), fields))
	require.NoError(l.t, err)
	l.add(raw)
}

func (l *lab) add(e types.BaseEvent) {
	l.sim.Append(e)
	event := e.GetEvent()
	l.expects = append(l.expects, fmt.Sprintf("%s:%d:%d", l.sim.InstanceUUID(), event.Key, event.CreatedTime.UnixMilli()))
}

func poweredOn(created time.Time) types.BaseEvent {
	return &types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: types.Event{
		CreatedTime:          created,
		UserName:             "VSPHERE.LOCAL\\Administrator",
		FullFormattedMessage: "web-01 on esx-01 in DC0 is powered on",
		Vm: &types.VmEventArgument{
			EntityEventArgument: types.EntityEventArgument{Name: "web-01"},
			Vm:                  types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-1"},
		},
	}}}
}

// forget wants nothing more of what was appended.
func (l *lab) forget() { l.past, l.expects = append(l.past, l.expects...), nil }

func (l *lab) forgotten() []string { return l.past }

// missing is how many events were not delivered yet.
func (l *lab) missing() int { return l.sink.missing(l.expects) }

func (l *lab) taken() map[string]int {
	counts := map[string]int{}
	for _, uid := range l.sink.uids() {
		counts[uid]++
	}
	return counts
}

// wantAll waits until every event is delivered.
func (l *lab) wantAll() {
	l.t.Helper()
	if !assert.Eventually(l.t, func() bool { return l.missing() == 0 }, patience, 5*time.Millisecond) {
		l.t.Fatalf("%d of %d events are missing; calls %v; log %s", l.missing(), len(l.expects), l.sim.Stats().Calls, l.log())
	}
}

// wantEachOnce waits for every event, and for none of anything twice.
func (l *lab) wantEachOnce() {
	l.t.Helper()
	l.wantAll()
	l.holds(robustness.Unique)
}

// committed waits until nothing is written any more.
func (l *lab) committed() {
	l.t.Helper()
	for before := -1; before != l.disk.written(); l.quiet(250 * time.Millisecond) {
		before = l.disk.written()
	}
}

// repeated are the uids of what was delivered more than once, the receiver's own noise in vCenter too.
func (l *lab) repeated() []string {
	var repeated []string
	for uid, n := range l.taken() {
		if n > 1 {
			repeated = append(repeated, uid)
		}
	}
	return repeated
}

// ownNoise is how many events the receiver itself may have caused: logins and logouts.
func (l *lab) ownNoise() int { return l.calls("Login") + l.calls("Logout") }

// wantSameBytes: every record that was offered is the same as the first of its uid.
func (l *lab) wantSameBytes() {
	l.t.Helper()
	l.holds(robustness.SameBytes)
}

// wantInOrder: what was appended is delivered in that order.
func (l *lab) wantInOrder() {
	l.t.Helper()
	l.holds(robustness.Ordered)
}

func (l *lab) wantNothingLeftInVCenter() {
	l.t.Helper()
	stats := l.sim.Stats()
	assert.Empty(l.t, stats.Sessions)
	assert.Zero(l.t, stats.Objects)
}

// calls is how often vCenter was asked for something, having passed the bad line.
func (l *lab) calls(method string) int { return l.sim.Stats().Calls[method] }

// reads is how many pages were asked for.
func (l *lab) reads() int { return l.proxy.Count("ReadNextEvents").Requests }

// quiet is a time in which something should not happen.
func (l *lab) quiet(d time.Duration) { time.Sleep(d) }

func (l *lab) seed() uint64 { return l.random }

func (l *lab) log() string {
	var lines strings.Builder
	for _, entry := range l.logs.All() {
		fmt.Fprintf(&lines, "\n%s %s %s %v", entry.Time.Format("05.000"), entry.Level, entry.Message, entry.ContextMap())
	}
	return lines.String()
}

// host has the storage extension, and hears the component's status.
type host struct {
	extensions map[component.ID]component.Component

	mu     sync.Mutex // guards the fields below
	events []*componentstatus.Event
}

func (h *host) GetExtensions() map[component.ID]component.Component { return h.extensions }

func (h *host) Report(e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// last is the error of the present status, nil while it is OK.
func (h *host) last() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) == 0 {
		return nil
	}
	return h.events[len(h.events)-1].Err()
}

func (h *host) ok() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.events) > 0 && h.events[len(h.events)-1].Status() == componentstatus.StatusOK
}

// onlyRecoverable says that no status was one that a component cannot leave.
func (h *host) onlyRecoverable() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !slices.ContainsFunc(h.events, func(e *componentstatus.Event) bool {
		return e.Status() != componentstatus.StatusOK && e.Status() != componentstatus.StatusRecoverableError
	})
}
