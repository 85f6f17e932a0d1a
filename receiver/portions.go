package receiver

import (
	"context"
	"iter"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// payloadLimit is the most OTLP bytes of metrics that are handed on at once, where no single object has more: gRPC servers take
// 4 MiB.
const payloadLimit = 2 << 20

// portions hands metrics on in payloads that back ends take. One that is refused costs no other.
type portions struct {
	next    consumer.Metrics
	life    context.Context             // ends when the receiver stops; a payload on its way then has its grace
	settled func(lost int, first error) // is told how many points of a collection were refused, and why first
}

// Capabilities are those of what takes them.
func (p portions) Capabilities() consumer.Capabilities { return p.next.Capabilities() }

// ConsumeMetrics hands metrics on, an object always whole.
func (p portions) ConsumeMetrics(ctx context.Context, all pmetric.Metrics) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.life, func() { time.AfterFunc(grace, cancel) })()
	var lost int
	var first error
	for portion := range cut(all) {
		points := portion.DataPointCount()
		if err := p.next.ConsumeMetrics(ctx, portion); err != nil {
			lost += points
			if first == nil {
				first = err
			}
		}
	}
	p.settled(lost, first)
	return first
}

// cut yields metrics in payloads.
func cut(all pmetric.Metrics) iter.Seq[pmetric.Metrics] {
	return func(yield func(pmetric.Metrics) bool) {
		var sizer pmetric.ProtoMarshaler
		size, portion := 0, pmetric.NewMetrics()
		for _, resource := range all.ResourceMetrics().All() {
			n := sizer.ResourceMetricsSize(resource)
			if size > 0 && size+n > payloadLimit {
				if !yield(portion) {
					return
				}
				size, portion = 0, pmetric.NewMetrics()
			}
			size += n
			resource.MoveTo(portion.ResourceMetrics().AppendEmpty())
		}
		if size > 0 {
			yield(portion)
		}
	}
}
