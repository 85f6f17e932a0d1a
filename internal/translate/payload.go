package translate

import (
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// Payload is a Batch that can be had any number of times: the first time as it was built to be measured, and built anew
// every other time, for a processor may have changed it in place before somebody refused it. It is for one goroutine.
func Payload(src Source, catalog *event.Catalog, events []event.Event, limit int) (func() plog.Logs, int) {
	first, n := Batch(src, catalog, events, limit)
	events = events[:n]
	built := true
	return func() plog.Logs {
		if built {
			built = false
			return first
		}
		return Events(src, catalog, events)
	}, n
}
