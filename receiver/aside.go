package receiver

import (
	"slices"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// setAside keeps the events of a batch that was given back, because no witness could come. They go before whatever is new next, and the
// position stands still until they are settled: if every collector and every pass began with them, each might end before it comes to
// anything else. What follows them can be hidden, or many thousands that were delivered before, or not wanted.
func (s *eventStream) setAside(items []event.Event) {
	s.aside = s.fresh(slices.Concat(s.aside, items))
}

// withAside puts what was set aside before what is new, where there is anything.
func (s *eventStream) withAside(fresh []event.Event) []event.Event {
	if len(s.aside) == 0 {
		return fresh
	}
	others := s.settledOf(fresh)
	if len(others) == 0 {
		return nil
	}
	return slices.Concat(s.aside, others)
}

// settledOf leaves out what is set aside.
func (s *eventStream) settledOf(items []event.Event) []event.Event {
	if len(s.aside) == 0 {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(e event.Event) bool { return s.isAside(&e) })
}

// isAside knows an event without a time of its own by its hash alone: another page lends it another time.
func (s *eventStream) isAside(e *event.Event) bool {
	id := e.Identity()
	return slices.ContainsFunc(s.aside, func(other event.Event) bool {
		known := other.Identity()
		return known == id || !e.Timed && known.ID == id.ID
	})
}

// waiting is what is set aside, for where nothing came to go with it.
func (s *eventStream) waiting() page[event.Event] {
	return page[event.Event]{items: s.aside, fresh: s.aside, beside: true}
}
