package exporterhelper

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
)

// next is a consumer that answers by a script, and keeps what it was given.
type next struct {
	answer func(ctx context.Context, try int) error
	change bool // it hashes the body in place, as a processor before a refusing exporter does

	mu      sync.Mutex // guards the fields below
	got     [][]byte
	times   []time.Time
	running int
}

func (*next) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: true} }

func (n *next) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	try := n.begin(logs)
	defer n.end()
	if n.change {
		body := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body()
		body.SetStr("hash of " + body.Str())
	}
	if n.answer == nil {
		return nil
	}
	return n.answer(ctx, try)
}

func (n *next) begin(logs plog.Logs) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	encoded, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil {
		panic(err)
	}
	n.got = append(n.got, encoded)
	n.times = append(n.times, time.Now())
	n.running++
	return len(n.got)
}

func (n *next) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.running--
}

func (n *next) tries() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.got)
}

func (n *next) inFlight() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.running
}

// refuse answers with the errors in turn, and then takes everything.
func refuse(errs ...error) func(context.Context, int) error {
	return func(_ context.Context, try int) error {
		if try > len(errs) {
			return nil
		}
		return errs[try-1]
	}
}

func buildLogs() plog.Logs {
	logs := plog.NewLogs()
	records := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, name := range []string{"ada", "grace"} {
		records.AppendEmpty().Body().SetStr(name)
	}
	return logs
}

func request(position string) Request[string] {
	return Request[string]{Position: position, Records: 2, Logs: buildLogs}
}

func backOff() configretry.BackOffConfig {
	c := configretry.NewDefaultBackOffConfig()
	c.InitialInterval = time.Second
	c.RandomizationFactor = 0
	c.Multiplier = 2
	c.MaxInterval = 30 * time.Second
	c.MaxElapsedTime = 0
	return c
}

func settings(n *next) Settings {
	return Settings{Next: n, BackOff: backOff(), Grace: 10 * time.Second}
}

func requireSettled(t *testing.T, position string, proof Settled[string], err error) {
	t.Helper()
	require.NoError(t, err)
	require.True(t, proof.Valid())
	require.Equal(t, position, proof.Position())
}
