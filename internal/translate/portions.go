package translate

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Portions yields metrics in payloads of at most so many bytes of OTLP, where no single resource has more. They are moved there.
func Portions(all pmetric.Metrics, limit int) iter.Seq[pmetric.Metrics] {
	return func(yield func(pmetric.Metrics) bool) {
		var sizer pmetric.ProtoMarshaler
		size, portion := 0, pmetric.NewMetrics()
		for _, resource := range all.ResourceMetrics().All() {
			n := sizer.ResourceMetricsSize(resource)
			if size > 0 && size+n > limit {
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
