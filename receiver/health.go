package receiver

import (
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// The streams of a receiver, as its metrics and its status name them. The inventory is read for the changes and for the context
// of events, and delivers nothing itself.
const (
	streamEvents    = "events"
	streamInventory = "inventory"
	streamChanges   = "changes"
)

// health is the status of the component: OK while all of its streams are.
type health struct {
	host component.Host

	mu       sync.Mutex // guards the fields below
	troubles []ailment  // the latest last
}

// ailment is what a stream reports of itself.
type ailment struct {
	stream string
	event  *componentstatus.Event
}

func newHealth(host component.Host) *health { return &health{host: host} }

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
	componentstatus.ReportStatus(h.host, e)
}

// thrives reports that a stream has no trouble. Where another one has, that is what the component tells.
func (h *health) thrives(stream string, e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ailed := h.drop(stream)
	switch others := len(h.troubles); {
	case others == 0:
		componentstatus.ReportStatus(h.host, e)
	case ailed:
		componentstatus.ReportStatus(h.host, h.troubles[others-1].event)
	}
}

// drop forgets the trouble of a stream, and reports whether there was any.
func (h *health) drop(stream string) bool {
	before := len(h.troubles)
	h.troubles = slices.DeleteFunc(h.troubles, func(a ailment) bool { return a.stream == stream })
	return len(h.troubles) < before
}
