package translate

import (
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// Payload is a Batch that can be had any number of times: the first time as it was built to be measured, and built anew
// every other time, for a processor may have changed it in place before somebody refused it. It is for one goroutine.
func Payload(src Source, catalog *event.Catalog, in Context, events []event.Event, limit int) (func() plog.Logs, Taken) {
	first, taken := Batch(src, catalog, in, events, limit)
	events = events[:taken.Events]
	return repeatable(first, func() plog.Logs { return Events(src, catalog, in, events) }), taken
}

// repeatable returns what was built already, and then what is built anew.
func repeatable(first plog.Logs, build func() plog.Logs) func() plog.Logs {
	built := true
	return func() plog.Logs {
		if built {
			built = false
			return first
		}
		return build()
	}
}
