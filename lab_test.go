package vcenterstreamreceiver

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

const labPassword = "a password that nobody may see"

// lab is a simulated vCenter, and what a receiver that a user has configured finds in a collector.
type lab struct {
	t       *testing.T
	sim     *simulator.Simulator
	base    map[string]any // the least that works, for events alone; a test may take out of it
	sink    *labSink
	storage *labStorage
	logs    *observer.ObservedLogs

	mu     sync.Mutex // guards what follows
	status error
}

func newLab(t *testing.T, settings simulator.Settings) *lab {
	t.Helper()
	t.Parallel()
	settings.Username, settings.Password = "otel", labPassword
	sim, err := simulator.New(settings)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	return &lab{
		t: t, sim: sim, sink: &labSink{counts: map[string]int{}, records: map[string]plog.LogRecord{}}, storage: &labStorage{content: map[string][]byte{}},
		base: map[string]any{
			"endpoint": strings.TrimSuffix(sim.URL().String(), "/sdk"), "username": "otel", "password": labPassword,
			"inventory": map[string]any{"changes": false},
		},
	}
}

// read reads what a user has written, as the collector does, over the least that works.
func (l *lab) read(yaml string) (*Config, error) {
	l.t.Helper()
	conf := confmap.NewFromStringMap(l.base)
	written, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	require.NoError(l.t, err)
	changes, err := written.AsConf()
	require.NoError(l.t, err)
	require.NoError(l.t, conf.Merge(changes))
	return load(l.t, conf.ToStringMap())
}

// try starts a receiver, through the factory, and returns what stops it.
func (l *lab) try(yaml string) (stop func(), err error) {
	l.t.Helper()
	cfg, err := l.read(yaml)
	require.NoError(l.t, err)
	core, logs := observer.New(zapcore.DebugLevel)
	l.logs = logs
	settings := receivertest.NewNopSettings(typ)
	settings.Logger = zap.New(core)
	receiver, err := NewFactory().CreateLogs(context.Background(), settings, cfg, l.sink)
	require.NoError(l.t, err)
	if err := receiver.Start(context.Background(), l); err != nil {
		return nil, err
	}
	stop = sync.OnceFunc(func() { assert.NoError(l.t, receiver.Shutdown(context.Background())) })
	l.t.Cleanup(stop)
	return stop, nil
}

// start starts a receiver.
func (l *lab) start(yaml string) (stop func()) {
	l.t.Helper()
	stop, err := l.try(yaml)
	require.NoError(l.t, err)
	return stop
}

// streaming starts a receiver and waits until it reads, so that its position is pinned.
func (l *lab) streaming(yaml string) (stop func()) {
	l.t.Helper()
	reads := l.calls("ReadNextEvents")
	stop = l.start(yaml)
	l.eventually("the first read", func() bool { return l.calls("ReadNextEvents") > reads })
	return stop
}

// GetExtensions is that of a component.Host: there is one extension, called disk.
func (l *lab) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{component.MustNewID("disk"): l.storage}
}

// Report is that of a componentstatus.Reporter.
func (l *lab) Report(e *componentstatus.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = e.Err()
}

// told waits for a status that says something.
func (l *lab) told(want string) {
	l.t.Helper()
	l.eventually("the status says: "+want, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.status != nil && strings.Contains(l.status.Error(), want)
	})
}

// logged is how often a line of the log holds a text.
func (l *lab) logged(text string) int { return l.logs.FilterMessageSnippet(text).Len() }

func (l *lab) calls(method string) int { return l.sim.Stats().Calls[method] }

func (l *lab) eventually(what string, holds func() bool) {
	l.t.Helper()
	require.Eventually(l.t, holds, 30*time.Second, 5*time.Millisecond, what)
}

// never gives what must not happen the time to happen.
func (l *lab) never(what string, happens func() bool) {
	l.t.Helper()
	require.Never(l.t, happens, time.Second, 20*time.Millisecond, what)
}

// happen adds an event to the history, so long ago, with a message by which it is known.
func (l *lab) happen(message string, ago time.Duration) {
	place := l.sim.Inventory()[0]
	l.sim.Append(&types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: types.Event{
		CreatedTime: l.sim.Now().Add(-ago).UTC().Truncate(time.Millisecond), UserName: "alice",
		FullFormattedMessage: message, Vm: &place.VM,
	}}})
}

// delivered waits for events.
func (l *lab) delivered(messages ...string) {
	l.t.Helper()
	for _, message := range messages {
		l.eventually(message+" is delivered", func() bool { return l.sink.count(message) > 0 })
	}
}

// labSink is a consumer that knows what it has taken by its body.
type labSink struct {
	mu      sync.Mutex // guards what follows
	script  func(bodies []string) error
	tries   int
	counts  map[string]int
	records map[string]plog.LogRecord // the last of each body
	last    plog.Logs
}

func (s *labSink) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (s *labSink) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	records := recordsOf(logs)
	bodies := make([]string, len(records))
	for i, record := range records {
		bodies[i] = record.Body().Str()
	}
	if s.script != nil {
		if err := s.script(bodies); err != nil {
			return err
		}
	}
	for i, body := range bodies {
		s.counts[body]++
		s.records[body] = records[i]
	}
	s.last = logs
	return nil
}

func recordsOf(logs plog.Logs) (records []plog.LogRecord) {
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				records = append(records, record)
			}
		}
	}
	return records
}

func (s *labSink) obey(script func(bodies []string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

func (s *labSink) count(body string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[body]
}

// holding is how many records have a text in their bodies.
func (s *labSink) holding(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for body, times := range s.counts {
		if strings.Contains(body, text) {
			n += times
		}
	}
	return n
}

func (s *labSink) tried() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

// resource is an attribute of the last batch's resource.
func (s *labSink) resource(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, _ := s.last.ResourceLogs().At(0).Resource().Attributes().Get(name)
	return value.Str()
}

// said is an attribute of the record that has a body.
func (s *labSink) said(body, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, _ := s.records[body].Attributes().Get(name)
	return value.Str()
}

// labStorage is a storage extension whose content outlives its clients.
type labStorage struct {
	component.StartFunc
	component.ShutdownFunc

	mu      sync.Mutex // guards content
	content map[string][]byte
}

func (s *labStorage) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return s, nil
}

func (s *labStorage) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := s.Batch(ctx, op)
	return op.Value, err
}

func (s *labStorage) Set(ctx context.Context, key string, value []byte) error {
	return s.Batch(ctx, storage.SetOperation(key, value))
}

func (s *labStorage) Delete(ctx context.Context, key string) error {
	return s.Batch(ctx, storage.DeleteOperation(key))
}

func (s *labStorage) Batch(_ context.Context, ops ...*storage.Operation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = s.content[op.Key]
		case storage.Set:
			s.content[op.Key] = op.Value
		case storage.Delete:
			delete(s.content, op.Key)
		default:
			return errors.New("no such operation")
		}
	}
	return nil
}

func (s *labStorage) Close(context.Context) error { return nil }
