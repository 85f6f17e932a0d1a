package receiver

import (
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// The streams of a receiver, as its metrics and its status name them. The inventory is read for the changes and for the context
// of events, and for metrics, and delivers nothing itself.
const (
	streamEvents    = "events"
	streamInventory = "inventory"
	streamChanges   = "changes"
	streamMetrics   = "metrics"
)

// health is the status of the component: OK while all of its streams are. The collector asks for it once for each kind of pipelines,
// and all are told the same.
type health struct {
	mu       sync.Mutex // guards the fields below
	hosts    []component.Host
	last     *componentstatus.Event // nil: none yet
	troubles []ailment              // the latest last
}

// ailment is what a stream reports of itself.
type ailment struct {
	stream string
	event  *componentstatus.Event
}

func newHealth(host component.Host) *health { return &health{hosts: []component.Host{host}} }

// join adds a host, which is told what the others know.
func (h *health) join(host component.Host) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hosts = append(h.hosts, host)
	if h.last != nil {
		componentstatus.ReportStatus(host, h.last)
	}
}

// report must be called with mu held.
func (h *health) report(e *componentstatus.Event) {
	h.last = e
	for _, host := range h.hosts {
		componentstatus.ReportStatus(host, e)
	}
}

// of makes the status of a stream, which has told nothing yet.
func (h *health) of(stream string, logger *zap.Logger) *status {
	return &status{health: h, stream: stream, logger: logger.With(zap.String("stream", stream)), warned: map[trouble]line{}}
}

// ails reports a trouble of a stream.
func (h *health) ails(stream string, e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(stream)
	h.troubles = append(h.troubles, ailment{stream, e})
	h.report(e)
}

// thrives reports that a stream has no trouble. Where another one has, that is what the component tells.
func (h *health) thrives(stream string, e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ailed := h.drop(stream)
	switch others := len(h.troubles); {
	case others == 0:
		h.report(e)
	case ailed:
		h.report(h.troubles[others-1].event)
	}
}

// drop forgets the trouble of a stream, and reports whether there was any.
func (h *health) drop(stream string) bool {
	before := len(h.troubles)
	h.troubles = slices.DeleteFunc(h.troubles, func(a ailment) bool { return a.stream == stream })
	return len(h.troubles) < before
}
