package receiver

import (
	"sync"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// lag is how far what is settled is behind what is known to exist. It may be asked by any goroutine.
type lag struct {
	mu      sync.Mutex // guards the fields below
	known   time.Time  // creation of the newest event that is known to exist
	settled time.Time  // creation of the newest event that is settled; zero: nothing is
}

// know notes that something exists.
func (l *lag) know(created time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = later(l.known, created)
}

// settle notes that something is settled, and so exists.
func (l *lag) settle(created time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = later(l.settled, created)
	l.known = later(l.known, created)
}

// reset begins anew, with everything before a time settled; zero: nothing is.
func (l *lag) reset(settled time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known, l.settled = settled, settled
}

// close notes that everything is settled.
func (l *lag) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = l.known
}

// duration is unknown until something is settled.
func (l *lag) duration() (d time.Duration, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known.Sub(l.settled), !l.settled.IsZero()
}

// newestOf is the creation of the newest of some events, or the present where that is in the future: a host with a wrong clock
// would otherwise hide any lag for hours.
func newestOf(events []event.Event, present time.Time) (newest time.Time) {
	for i := range events {
		newest = later(newest, events[i].Created)
	}
	if newest.After(present) {
		return present
	}
	return newest
}

// heard takes a ring of the doorbell. It is called by the goroutine that listens.
func (s *eventStream) heard(answer []byte) {
	s.telemetry.rang()
	if newest, err := event.DecodeRing(answer); err == nil {
		s.rung.Store(&newest)
		s.telemetry.lag.know(newestOf(newest, s.now()))
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
