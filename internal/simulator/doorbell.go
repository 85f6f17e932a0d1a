package simulator

import "sync"

// doorbell tells whether new events are pushed to those who watch a latestPage.
type doorbell struct {
	mu   sync.Mutex // guards the fields below
	off  bool
	lost uint64 // no push for anything up to the event with this number: it came while the doorbell was off
}

// SetDoorbell turns pushes of new events to property collectors on, as at first, or off. What happens while they are off
// is not pushed later either: the doorbell was lost. Reads are not touched.
func (s *Simulator) SetDoorbell(on bool) {
	appended, _ := s.journal.Changed()
	s.doorbell.mu.Lock()
	defer s.doorbell.mu.Unlock()
	if on && s.doorbell.off {
		s.doorbell.lost = appended
	}
	s.doorbell.off = !on
}

// silent tells whether what changed with the events appended so far goes untold.
func (d *doorbell) silent(appended uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off || appended <= d.lost
}
