package exporterhelper

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// sink is a back end that judges each request by the names of its records.
type sink struct {
	judge func(names []string) error

	mu       sync.Mutex // guards the fields below
	requests [][]string
	at       []time.Time
	taken    []string // in the order of acceptance
}

func (*sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: true} }

func (s *sink) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := namesIn(logs)
	for log := range each(logs) {
		log.Body().SetStr("changed in place: " + log.Body().Str())
	}
	s.requests, s.at = append(s.requests, names), append(s.at, time.Now())
	err := s.judge(names)
	var left []string
	if partial, ok := partial(err); ok {
		left = namesIn(partial.Data())
	} else if err != nil {
		left = names
	}
	s.taken = append(s.taken, slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(left, name) })...)
	return err
}

func (s *sink) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func namesIn(logs plog.Logs) (names []string) {
	for log := range each(logs) {
		names = append(names, nameOf(log))
	}
	return names
}

func nameOf(log plog.LogRecord) string {
	name, _ := log.Attributes().Get("name")
	return name.Str()
}

// numbered are names r0, r1, …
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("r%d", i)
	}
	return names
}

// records builds a record of each name, in two resources of two scopes.
func records(names ...string) Build {
	return func() plog.Logs {
		logs := plog.NewLogs()
		for i, name := range names {
			quarter := i * 4 / len(names)
			for logs.ResourceLogs().Len() <= quarter/2 {
				logs.ResourceLogs().AppendEmpty().Resource().Attributes().PutInt("resource", int64(quarter/2))
			}
			scopes := logs.ResourceLogs().At(quarter / 2).ScopeLogs()
			for scopes.Len() <= quarter%2 {
				scopes.AppendEmpty().Scope().SetName(fmt.Sprint("scope ", quarter))
			}
			log := scopes.At(quarter % 2).LogRecords().AppendEmpty()
			log.Attributes().PutStr("name", name)
			log.Body().SetStr("body of " + name)
		}
		return logs
	}
}

// trial is one batch for one sink, and what the sender told of it.
type trial struct {
	sink     *sink
	set      Settings
	names    []string
	follow   func(context.Context) (Build, error)
	spare    bool
	refused  []error
	held     []Hold
	dead     []string
	spared   []error
	accepted int
}

func newTrial(judge func([]string) error, names ...string) *trial {
	t := &trial{sink: &sink{judge: judge}, names: names}
	t.set = Settings{
		Next: t.sink, BackOff: backOff(), Grace: 10 * time.Second, Identify: nameOf,
		Refused:  func(err error, _ time.Duration) { t.refused = append(t.refused, err) },
		Held:     func(h Hold) { t.held = append(t.held, h) },
		Dead:     func(l Letter) { t.dead = append(t.dead, l.UID) },
		Spared:   func(err error) { t.spared = append(t.spared, err) },
		Accepted: func() { t.accepted++ },
	}
	return t
}

func (t *trial) send(ctx context.Context) (Settled[string], error) {
	return Send(ctx, NewSender(t.set), Request[string]{
		Position: "p1", Records: len(t.names), Logs: records(t.names...), Follow: t.follow, Spare: t.spare,
	})
}

// settle sends for a time, and wants the batch to be settled then.
func (t *trial) settle(tb *testing.T, within time.Duration) Settled[string] {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	proof, err := t.send(ctx)
	requireSettled(tb, "p1", proof, err)
	return proof
}

// hold sends for a time, and wants the batch to be open still.
func (t *trial) hold(tb *testing.T, within time.Duration) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), within)
	defer cancel()
	proof, err := t.send(ctx)
	require.ErrorIs(tb, err, context.DeadlineExceeded)
	assert.False(tb, proof.Valid())
	assert.Empty(tb, proof.Letters())
	assert.Empty(tb, t.dead)
}

// witnesses are the records that were taken in besides, and accepted.
func (t *trial) witnesses() []string {
	return slices.DeleteFunc(slices.Clone(t.sink.taken), func(name string) bool { return name[0] != 'w' })
}

// largestTry is the most requests that were made at one moment: time passes between tries only.
func (t *trial) largestTry() int {
	tries, most := map[time.Time]int{}, 0
	for _, at := range t.sink.at {
		tries[at]++
		most = max(most, tries[at])
	}
	return most
}

// wantEachOnce wants every record to be accepted, but for some, which are in letters.
func (t *trial) wantEachOnce(tb *testing.T, proof Settled[string], dead ...string) {
	tb.Helper()
	var inLetters []string
	for _, letter := range proof.Letters() {
		inLetters = append(inLetters, letter.UID)
	}
	assert.ElementsMatch(tb, dead, inLetters)
	assert.ElementsMatch(tb, dead, t.dead, "told as they are found")
	assert.ElementsMatch(tb, t.names, append(slices.Clone(t.sink.taken), inLetters...), "each once")
	assert.Equal(tb, len(t.sink.taken), proof.Accepted())
}

// outcome of a request as otlp_http tells it: a status code of HTTP becomes one of gRPC, and most are permanent.
func answered(code int) error {
	grpc := map[int]codes.Code{
		http.StatusBadRequest: codes.InvalidArgument, http.StatusUnauthorized: codes.Unauthenticated,
		http.StatusServiceUnavailable: codes.Unavailable,
	}[code]
	if grpc == codes.OK {
		grpc = codes.Unknown
	}
	err := status.Errorf(grpc, "responded with HTTP Status Code %d", code)
	if code == http.StatusServiceUnavailable {
		return fmt.Errorf("no more retries left: %w", err)
	}
	return fmt.Errorf("not retryable error: %w", consumererror.NewPermanent(err))
}

// refusing answers a code to every request that has one of some records.
func refusing(code int, bad ...string) func([]string) error {
	return func(names []string) error {
		for _, name := range names {
			if slices.Contains(bad, name) {
				return answered(code)
			}
		}
		return nil
	}
}

// following gives the names in turn, each a while after the one before, and then nothing more.
func following(wait time.Duration, names ...string) func(context.Context) (Build, error) {
	due := time.Now().Add(wait)
	return func(ctx context.Context) (Build, error) {
		if len(names) == 0 {
			<-ctx.Done()
			return nil, nil
		}
		sleep(ctx, time.Until(due))
		if ctx.Err() != nil {
			return nil, nil
		}
		name := names[0]
		names, due = names[1:], time.Now().Add(wait)
		return records(name), nil
	}
}

// bubble runs a test by a clock of its own.
func bubble(t *testing.T, test func(*testing.T)) { synctest.Test(t, test) }
