package receiver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// spans are those of ours that have ended, by what follows our prefix.
func (g *gauges) spans(name string) (spans []trace.ReadOnlySpan) {
	for _, span := range g.telemetry.SpanRecorder.Ended() {
		if span.Name() == "vcenter_stream/"+name {
			spans = append(spans, span)
		}
	}
	return spans
}

func spanAttribute(span trace.ReadOnlySpan, key string) attribute.Value {
	for _, a := range span.Attributes() {
		if string(a.Key) == key {
			return a.Value
		}
	}
	return attribute.Value{}
}

// The receiver's work is seen as spans: each page and each batch in a trace of its own, which leads to the attempt.
func TestSpans(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PageSize = 100
	g := l.observe()
	g.append(250)
	bad := g.dead(50)
	g.sink.obey(refusing(tooLarge, bad))
	g.proxy.Add(fault.Rule{Method: "ReadNextEvents", Skip: 1, Count: 1, Fault: fault.Status(503, "busy")})
	r := g.fromTheBeginning().start()
	g.wantEachOnce()
	g.wantRefused(bad)
	r.stop()

	require.Len(t, g.spans("login"), 1)
	assert.EqualValues(t, 1, spanAttribute(g.spans("login")[0], "vcenter.session.serial").AsInt64())
	attempts := g.spans("attempt")
	require.GreaterOrEqual(t, len(attempts), 2)
	broken := attempts[0]
	assert.Equal(t, codes.Error, broken.Status().Code)
	assert.Contains(t, broken.Status().Description, "HTTP status 503")
	require.NotEmpty(t, broken.Events(), "the recorded error")
	assert.Equal(t, codes.Unset, attempts[len(attempts)-1].Status().Code, "that it was shut down is no failure")

	var failed, bytes int64
	for _, page := range g.spans("page") {
		bytes += spanAttribute(page, "bytes").AsInt64()
		if page.Status().Code == codes.Error {
			failed++
		}
	}
	assert.EqualValues(t, 1, failed)
	assert.EqualValues(t, g.value("api_bytes_received", "method", "ReadNextEvents"), bytes+int64(len("busy")))
	var records, refused int64
	for _, batch := range g.spans("deliver") {
		records += spanAttribute(batch, "accepted").AsInt64()
		refused += spanAttribute(batch, "refused").AsInt64()
	}
	assert.EqualValues(t, g.sink.count(), records)
	assert.EqualValues(t, 1, refused)
	for _, span := range append(g.spans("page"), g.spans("deliver")...) {
		assert.False(t, span.Parent().IsValid(), "a trace of its own")
		require.Len(t, span.Links(), 1)
		assert.Equal(t, "vcenter_stream/lab", spanAttribute(span, "receiver").AsString())
		assert.Equal(t, "lab", spanAttribute(span, "vcenter.instance.name").AsString())
	}
}

// What the next components do with a batch is part of its delivery.
func TestADeliveryLeadsOn(t *testing.T) {
	g := newLab(t, byInsertion).observe()
	g.append(5)
	r := g.fromTheBeginning().start()
	g.wantEachOnce()
	r.stop()
	traces := map[string]bool{}
	for _, batch := range g.spans("deliver") {
		traces[batch.SpanContext().TraceID().String()] = true
	}
	followed := 0
	for _, span := range g.telemetry.SpanRecorder.Ended() {
		if strings.HasSuffix(span.Name(), "/LogsReceived") {
			followed++
			assert.True(t, traces[span.SpanContext().TraceID().String()], span.Name())
		}
	}
	assert.Positive(t, followed)
}

// Nothing that the receiver tells of itself has a secret in it, whatever goes wrong.
func TestNoSecretInOwnTelemetry(t *testing.T) {
	l := newLab(t, byInsertion)
	g := l.observe()
	tried := "another " + password
	g.settings.Password = func() (string, error) { return tried, nil }
	r := g.start()
	eventually(t, "the refusal", func() bool { return g.host.last() != nil && strings.Contains(g.host.last().Error(), "check username") })
	r.stop()

	g.settings.Password = func() (string, error) { return password, nil }
	g.observe()
	again := g.observe()
	r = again.start()
	again.pinned()
	secrets := []string{password, tried}
	for _, session := range again.sim.Stats().Sessions {
		secrets = append(secrets, session.Key)
	}
	require.Len(t, secrets, 3)
	again.sim.KillSessions()
	again.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 2, Fault: fault.Status(503, "busy")})
	again.sink.obey(func(int, plog.Logs) error { return errRefused })
	again.append(5)
	again.awaitPhase("held")
	again.sink.obey(nil)
	again.wantEachOnce()
	r.stop()

	for _, told := range []string{g.told(), again.told(), l.host.all()} {
		require.NotEmpty(t, told)
		for _, secret := range secrets {
			assert.NotContains(t, told, secret)
		}
	}
	assert.Contains(t, g.told(), "InvalidLogin")
	assert.Contains(t, again.told(), "NotAuthenticated")
}

// told is every word of metrics and spans.
func (g *gauges) told() string {
	var words strings.Builder
	for _, s := range g.all() {
		fmt.Fprintln(&words, s.metric, s.attributes.ToSlice())
	}
	for _, span := range g.telemetry.SpanRecorder.Ended() {
		fmt.Fprintln(&words, span.Name(), span.Status().Description, span.Attributes(), span.Events())
	}
	return words.String()
}

// all is every word of the status, so far.
func (h *host) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var words strings.Builder
	for _, e := range h.events {
		fmt.Fprintln(&words, e.Status(), e.Err(), e.Attributes().AsRaw())
	}
	return words.String()
}
