package receiver

import "time"

// emptied is what is known of a history that had events, and in which nothing at all is left to be seen. Nobody can tell then whether
// anything was deleted that was not read: the first event that comes tells it, by its key.
type emptied int

const (
	notEmptied emptied = iota
	isEmpty
	endedEmpty // an event has come: the look for a gap is taken again, once
)

// looksEmpty notes whether a collector that begins as a pass does returns nothing at all. Once more, though there was an event: it
// begins with a page of hidden ones, and there is nothing to wait for.
func (s *eventStream) looksEmpty(empty bool) {
	switch {
	case !empty:
		s.emptied = notEmptied
	case s.emptied == notEmptied:
		s.emptied = isEmpty
	}
}

// endsEmpty reports whether a page has the first events after nothing was left. Another pass is begun then: a gap before them is looked
// for, though vCenter was seen to have nothing that was not read, and told before they are delivered.
func (s *eventStream) endsEmpty(events int) bool {
	if s.emptied != isEmpty || events == 0 {
		return false
	}
	s.emptied, s.looked = endedEmpty, time.Time{}
	return true
}
