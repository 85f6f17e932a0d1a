package exporterhelper

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

var errRefused = errors.New("refused")

func TestTheZeroProofProvesNothing(t *testing.T) {
	var zero Settled[string]
	assert.False(t, zero.Valid())
	assert.Empty(t, zero.Position())
}

func TestSend(t *testing.T) {
	n := &next{}
	accepted := 0
	set := settings(n)
	set.Accepted = func() { accepted++ }
	proof, err := Send(t.Context(), NewSender(set), request("p1"))
	requireSettled(t, "p1", proof, err)
	assert.Equal(t, 1, n.tries())
	assert.Equal(t, 1, accepted)
}

func TestAnEmptyBatchIsSettledWithoutACall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	proof, err := Send(ctx, NewSender(Settings{}), Request[string]{Position: "p1"})
	requireSettled(t, "p1", proof, err)
}

// A processor that hashes in place, before something that refuses, must not be given its own hash.
func TestEveryTryIsGivenTheSameBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &next{change: true, answer: refuse(errRefused, errRefused, errRefused)}
		proof, err := Send(t.Context(), NewSender(settings(n)), request("p1"))
		requireSettled(t, "p1", proof, err)
		want, err := (&plog.ProtoMarshaler{}).MarshalLogs(buildLogs())
		require.NoError(t, err)
		assert.Equal(t, [][]byte{want, want, want, want}, n.got)
	})
}

func TestWhatMayPassIsSentAgainAsAWhole(t *testing.T) {
	throttled, err := status.New(codes.ResourceExhausted, "slow down").WithDetails(&errdetails.RetryInfo{})
	require.NoError(t, err)
	tests := []struct {
		name    string
		refusal error
	}{
		{"plain", errRefused},
		{"retryable", consumererror.NewRetryableError(errRefused)},
		{"downstream", consumererror.NewDownstream(errRefused)},
		{"part of the records", consumererror.NewLogs(errRefused, plog.NewLogs())},
		{"permanent and retryable", errors.Join(consumererror.NewPermanent(errRefused), errRefused)},
		{"HTTP status", consumererror.NewOTLPHTTPError(errRefused, 503)},
		{"gRPC status", status.Error(codes.Unauthenticated, "token")},
		{"throttled without a time", throttled.Err()},
		{"a deadline of the consumer's own", context.DeadlineExceeded},
		{"a context of the consumer's own", context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &next{answer: refuse(tt.refusal, tt.refusal)}
				set := settings(n)
				var told []error
				set.Refused = func(err error, _ time.Duration) { told = append(told, err) }
				proof, err := Send(t.Context(), NewSender(set), request("p1"))
				requireSettled(t, "p1", proof, err)
				assert.Equal(t, []error{tt.refusal, tt.refusal}, told)
			})
		})
	}
}

func TestTheWaitDoublesUpToItsBoundAndStartsAnewWithEachBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusals := make([]error, 8)
		for i := range refusals {
			refusals[i] = errRefused
		}
		n := &next{answer: refuse(refusals...)}
		set := settings(n)
		var told []time.Duration
		set.Refused = func(_ error, next time.Duration) { told = append(told, next/time.Second) }
		sender := NewSender(set)
		_, err := Send(t.Context(), sender, request("p1"))
		require.NoError(t, err)
		want := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30}
		assert.Equal(t, want, told)
		for i := range want {
			assert.Equal(t, want[i]*time.Second, n.times[i+1].Sub(n.times[i]))
		}

		n.got, n.times, told = nil, nil, nil
		_, err = Send(t.Context(), sender, request("p2"))
		require.NoError(t, err)
		assert.Equal(t, want, told)
	})
}

func TestTheWaitIsJittered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := settings(nil)
		set.BackOff.RandomizationFactor = 0.5
		waits := map[time.Duration]bool{}
		set.Refused = func(_ error, next time.Duration) { waits[next] = true }
		for range 50 {
			set.Next = &next{answer: refuse(errRefused)}
			_, err := Send(t.Context(), NewSender(set), request("p1"))
			require.NoError(t, err)
		}
		assert.Greater(t, len(waits), 40)
		for wait := range waits {
			assert.GreaterOrEqual(t, wait, 500*time.Millisecond)
			assert.LessOrEqual(t, wait, 1500*time.Millisecond+1)
		}
	})
}

// configretry allows an initial_interval of 0, which stays 0 however often it is doubled.
func TestNoWaitDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		n := &next{answer: func(context.Context, int) error { return errRefused }}
		set := settings(n)
		set.BackOff.InitialInterval = 0
		_, err := Send(ctx, NewSender(set), request("p1"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.LessOrEqual(t, n.tries(), 1001)
	})
}

func TestTheWaitThatABackEndAsksForIsKept(t *testing.T) {
	tests := []struct {
		name  string
		asked time.Duration
		want  time.Duration
	}{
		{"longer than ours", 20 * time.Second, 20 * time.Second},
		{"shorter than ours", time.Millisecond, time.Second},
		{"negative", -time.Hour, time.Second},
		{"a day", 24 * time.Hour, maxAsked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st, err := status.New(codes.Unavailable, "slow down").WithDetails(
					&errdetails.ErrorInfo{}, &errdetails.RetryInfo{RetryDelay: durationpb.New(tt.asked)})
				require.NoError(t, err)
				n := &next{answer: refuse(fmt.Errorf("exporter: %w", st.Err()))}
				_, err = Send(t.Context(), NewSender(settings(n)), request("p1"))
				require.NoError(t, err)
				assert.Equal(t, tt.want, n.times[1].Sub(n.times[0]))
			})
		})
	}
}

func TestWaitingEndsAtOnceWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		n := &next{answer: func(context.Context, int) error { return errRefused }}
		started := time.Now()
		proof, err := Send(ctx, NewSender(settings(n)), request("p1"))
		assert.Equal(t, 3500*time.Millisecond, time.Since(started))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "refused", "it says what the back end said")
		assert.False(t, proof.Valid())
		assert.Empty(t, proof.Position())
		assert.Equal(t, 3, n.tries())
	})
}

func TestNothingIsCalledOnceTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := &next{}
	proof, err := Send(ctx, NewSender(settings(n)), request("p1"))
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, proof.Valid())
	assert.Zero(t, n.tries())
}

// A stop while a call runs: what the consumer takes within the grace is not repeated after the restart.
func TestACallInFlightHasTheGrace(t *testing.T) {
	const grace = 10 * time.Second
	tests := []struct {
		name    string
		takes   time.Duration // after the stop; 0: until it is cancelled
		answer  error
		settled bool
		after   time.Duration
	}{
		{"taken within the grace", 9 * time.Second, nil, true, 9 * time.Second},
		{"refused within the grace", 2 * time.Second, errRefused, false, 2 * time.Second},
		{"cancelled at its end", 0, nil, false, grace},
		{"taken after its end all the same", 15 * time.Second, nil, true, 15 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				n := &next{answer: func(call context.Context, _ int) error {
					_, deadline := call.Deadline()
					assert.False(t, deadline, "the call is not told when the receiver is going to stop")
					<-ctx.Done()
					if tt.takes == 0 {
						<-call.Done()
						assert.ErrorIs(t, context.Cause(call), errGrace)
						return call.Err()
					}
					time.Sleep(tt.takes)
					assert.Equal(t, tt.takes < grace, call.Err() == nil)
					return tt.answer
				}}
				set := settings(n)
				set.Refused = func(error, time.Duration) { t.Error("no other try follows") }
				started := time.Now()
				proof, err := Send(ctx, NewSender(set), request("p1"))
				assert.Equal(t, time.Minute+tt.after, time.Since(started))
				assert.Zero(t, n.inFlight(), "Send never returns while a call runs")
				assert.Equal(t, 1, n.tries())
				if tt.settled {
					requireSettled(t, "p1", proof, err)
					return
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.False(t, proof.Valid())
			})
		})
	}
}

func TestACallKeepsTheValuesOfTheContext(t *testing.T) {
	type tag struct{}
	n := &next{answer: func(ctx context.Context, _ int) error {
		assert.Equal(t, "value", ctx.Value(tag{}))
		return nil
	}}
	_, err := Send(context.WithValue(t.Context(), tag{}, "value"), NewSender(settings(n)), request("p1"))
	require.NoError(t, err)
}

func TestEachTryIsObserved(t *testing.T) {
	telemetry := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, telemetry.Shutdown(context.WithoutCancel(t.Context()))) })
	id := component.MustNewID("some")
	report, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID:             id,
		Transport:              "http",
		ReceiverCreateSettings: receiver.Settings{ID: id, TelemetrySettings: telemetry.NewTelemetrySettings()},
	})
	require.NoError(t, err)
	set := settings(&next{answer: refuse(errRefused, errRefused)})
	set.Observe, set.Format, set.BackOff.InitialInterval = report, "some format", time.Millisecond
	_, err = Send(t.Context(), NewSender(set), request("p1"))
	require.NoError(t, err)
	assert.Equal(t, int64(2), counted(t, telemetry, "otelcol_receiver_accepted_log_records"))
	assert.Equal(t, int64(4), counted(t, telemetry, "otelcol_receiver_refused_log_records"))
	spans := telemetry.SpanRecorder.Ended()
	require.Len(t, spans, 3)
	formats := 0
	for _, attribute := range spans[0].Attributes() {
		if attribute.Value.AsString() == "some format" {
			formats++
		}
	}
	assert.Equal(t, 1, formats)
}

func counted(t *testing.T, telemetry *componenttest.Telemetry, name string) int64 {
	t.Helper()
	m, err := telemetry.GetMetric(name)
	require.NoError(t, err)
	points := m.Data.(metricdata.Sum[int64]).DataPoints
	require.Len(t, points, 1)
	return points[0].Value
}
