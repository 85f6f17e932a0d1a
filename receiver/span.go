package receiver

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// scope begins the names of our spans.
const scope = "vcenter_stream/"

// begin begins a span. Where nobody listens it costs hardly more than the call: attributes are made only for a span that is
// kept.
func (t *telemetry) begin(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx, span := t.tracer.Start(ctx, scope+name, options...)
	if span.IsRecording() {
		span.SetAttributes(t.own.ToSlice()...)
	}
	return ctx, span
}

// beginRoot begins a trace of its own, with a link to what it is part of. An attempt may last for weeks, and a trace of all
// its pages and batches could not be looked at.
func (t *telemetry) beginRoot(ctx context.Context, name string) (context.Context, trace.Span) {
	whole := trace.SpanContextFromContext(ctx)
	if !whole.IsValid() {
		return t.begin(ctx, name)
	}
	return t.begin(ctx, name, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: whole}))
}

// end ends a span, and says why where it failed. That the receiver was shut down is no failure.
func end(span trace.Span, err error) {
	if err != nil && span.IsRecording() && !errors.Is(err, context.Canceled) {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}

// logsIn is the span of a login.
func (t *telemetry) logsIn(ctx context.Context) (context.Context, func(*vsphere.Session, error)) {
	ctx, span := t.begin(ctx, "login")
	return ctx, func(session *vsphere.Session, err error) {
		if session != nil && span.IsRecording() {
			span.SetAttributes(attribute.Int64("vcenter.session.serial", int64(session.Serial())))
		}
		end(span, err)
	}
}

// tracedSource is a source with a span for each page.
type tracedSource struct {
	source
	telemetry *telemetry
}

func (s tracedSource) Read(ctx context.Context) (history.Page, error) {
	ctx, span := s.telemetry.beginRoot(ctx, "page")
	page, err := s.source.Read(ctx)
	if err == nil && span.IsRecording() {
		span.SetAttributes(attribute.Int("bytes", len(page.Body)))
	}
	end(span, err)
	return page, err
}
