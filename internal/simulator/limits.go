package simulator

import (
	"sync/atomic"
	"time"
)

// limits are settings that can change while the vCenter runs.
type limits struct {
	collectors atomic.Int32
	coalesce   atomic.Int64
	idle       atomic.Int64
	maxAge     atomic.Int64 // negative: as in a new vCenter
}

func (l *limits) set(s Settings) {
	l.collectors.Store(int32(s.MaxCollectors))
	l.coalesce.Store(int64(s.Coalesce))
	l.idle.Store(int64(s.IdleTimeout))
	l.maxAge.Store(-1)
	if s.MaxAge > 0 {
		l.maxAge.Store(int64(s.MaxAge))
	}
}

// SetMaxCollectors is how many event collectors a session may have from now on; those that it has live on. With none
// allowed it is a vCenter of which others have taken all.
func (s *Simulator) SetMaxCollectors(n int) { s.limits.collectors.Store(int32(n)) }

// MaxCollectors is how many event collectors a session may have.
func (s *Simulator) MaxCollectors() int { return int(s.limits.collectors.Load()) }

// SetCoalesce is how long changes of a latestPage gather from now on before the last one is pushed.
func (s *Simulator) SetCoalesce(d time.Duration) { s.limits.coalesce.Store(int64(d)) }

// Coalesce is how long changes of a latestPage gather.
func (s *Simulator) Coalesce() time.Duration { return time.Duration(s.limits.coalesce.Load()) }

// SetIdleTimeout is how long a session lives without a call; zero is for ever. A call that is under way, a long poll too,
// is no idleness.
func (s *Simulator) SetIdleTimeout(d time.Duration) { s.limits.idle.Store(int64(d)) }

// IdleTimeout is how long a session lives without a call.
func (s *Simulator) IdleTimeout() time.Duration { return time.Duration(s.limits.idle.Load()) }

// SetRetention lets events vanish that are older than maxAge, and the options event.maxAge and event.maxAgeEnabled say
// so; zero turns it off. (An option has whole days: the next greater.)
func (s *Simulator) SetRetention(maxAge time.Duration) {
	s.limits.maxAge.Store(int64(maxAge))
	s.journal.SetRetention(maxAge)
}
