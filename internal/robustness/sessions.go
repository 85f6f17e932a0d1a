package robustness

import (
	"errors"
	"fmt"
	"time"
)

// What can be wrong with what lives in vCenter.
var (
	ErrSessions   = errors.New("more than one session")
	ErrCollectors = errors.New("more than one event collector")
	ErrLeft       = errors.New("something is left in vCenter")
)

const (
	// idleSlack is how much later than its idle timeout a session may be seen: vCenter looks only now and then.
	idleSlack = 5 * time.Second

	// sweep is how long it may take to destroy what could not be destroyed while vCenter was out of reach.
	sweep = 5 * time.Second
)

// SessionsBounded: a life has one session and one event collector at any time, and leaves nothing when it ends. One that was
// killed, or could not reach vCenter at its end, leaves its session until that has been idle for long enough. One more of each
// is allowed for each time that calls were lost: nobody can destroy what he does not know of.
func SessionsBounded(r Run) error {
	for _, c := range r.Censuses {
		sessions := map[int]int{}
		for _, s := range c.Sessions {
			owner := r.owner(s.Since)
			lost := r.cuts(owner.Begin, c.At, 0)
			if sessions[owner.Life]++; sessions[owner.Life] > 1+lost {
				return fmt.Errorf("%w: %d of life %d at %s", ErrSessions, sessions[owner.Life], owner.Life, c.At)
			}
			if s.Collectors > 1+lost && r.cuts(c.At, c.At, sweep) == 0 {
				return fmt.Errorf("%w: %d of life %d at %s", ErrCollectors, s.Collectors, owner.Life, c.At)
			}
			if r.overdue(owner, c.At) {
				return fmt.Errorf("%w: the session of life %d, which ended at %s, at %s", ErrLeft, owner.Life, owner.End, c.At)
			}
		}
	}
	return nil
}

// owner is the life in which a session began. A login that was on its way when its process was killed can be answered after
// that, and still is that life's.
func (r Run) owner(since time.Time) (owner Life) {
	for _, l := range r.Lives {
		if !l.Begin.After(since) {
			owner = l
		}
	}
	return owner
}

// overdue says that nothing of a life may be there any more.
func (r Run) overdue(l Life, at time.Time) bool {
	switch {
	case l.Life == 0: // it is nobody's
		return true
	case l.End.IsZero():
		return false
	case !l.Killed && r.cuts(l.Asked, l.End, sweep) == 0:
		return at.After(l.End)
	}
	return r.Settings.Idle > 0 && at.After(l.End.Add(r.Settings.Idle+idleSlack))
}

// cuts counts the times at which calls were lost, with what it takes to recover from that.
func (r Run) cuts(from, to time.Time, recovery time.Duration) (n int) {
	for _, a := range r.Accidents {
		if a.Cut && a.during(from, to, recovery) {
			n++
		}
	}
	return n
}
