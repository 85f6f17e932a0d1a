package receiver

import (
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// heedFilter puts a record that was written under another filter under the present one.
func (s *eventStream) heedFilter() {
	fingerprint := s.settings.Events.Filter.Fingerprint()
	if s.position.Filter == fingerprint {
		return
	}
	s.logger.Info("the filter has changed: the new one holds for events from read_to on",
		zap.String("read_to", describeTime(s.position.ReadTo)), zap.String("from", s.position.Filter), zap.String("to", fingerprint))
	s.position = s.position.Refilter(fingerprint)
	s.saved = time.Time{} // to be stored soon
}

// wanted is the history without what vCenter leaves out for us.
func (s *eventStream) wanted() history.Kind {
	return history.Kind{Create: s.settings.Events.Filter.CreateCollector, ReadNext: event.ReadNext}
}

// everything is the history with it.
var everything = history.Kind{Create: event.CreateCollector, ReadNext: event.ReadNext}

// matching leaves out what is not wanted, and remembers that it was read.
func (s *eventStream) matching(events []event.Event) []event.Event {
	filter := s.settings.Events.Filter
	if filter == nil {
		return events
	}
	wanted := make([]event.Event, 0, len(events))
	for i := range events {
		id := events[i].Identity()
		switch {
		case filter.Match(&events[i], s.catalog):
			wanted = append(wanted, events[i])
		case !s.leftOut.Has(id):
			s.leftOut.Mark(id)
			s.filtered++
		}
	}
	return wanted
}
