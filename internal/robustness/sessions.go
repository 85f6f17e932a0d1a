package robustness

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can be wrong with what lives in vCenter.
var (
	ErrSessions   = errors.New("more than one session")
	ErrCollectors = errors.New("more than one event collector")
	ErrObjects    = errors.New("more objects than are needed")
	ErrLeft       = errors.New("something is left in vCenter")
)

const (
	// idleSlack is how much later than its idle timeout a session may be seen: vCenter looks only now and then.
	idleSlack = 5 * time.Second

	// sweep is how long it may take to destroy what could not be destroyed while vCenter was out of reach.
	sweep = 5 * time.Second

	// unread is how long an answer may lie with a client that has not read it yet.
	unread = time.Second

	// others is how many property collectors, filters and views a session needs.
	others = 8

	// strays is how many a session may have besides while it cannot destroy them.
	strays = 8
)

// SessionsBounded: a life has one session with one event collector and a handful of other objects at any time, and leaves nothing
// when it ends. One that was killed, or could not reach vCenter at its end in time, leaves its session until that has been idle for long
// enough. One more of each is allowed for each of which the life cannot know, because the answer to its creation may be lost:
// nobody can destroy what he does not know of.
func SessionsBounded(r Run) error {
	for _, c := range r.Censuses {
		sessions := map[int]int{}
		for _, s := range c.Sessions {
			owner := r.owner(s.Since)
			sessions[owner.Life]++
			if err := r.alone(owner, sessions[owner.Life], c); err != nil {
				return err
			}
			if err := r.modest(s, c); err != nil {
				return fmt.Errorf("%w of life %d at %s", err, owner.Life, c.At)
			}
		}
	}
	return nil
}

// alone holds that a life has no more than so many sessions.
func (r Run) alone(l Life, n int, c Census) error {
	unknown := r.lost(isLogin, l.Begin, c, r.Settings.Idle)
	switch {
	case r.overdue(l, c.asked()) && n > unknown:
		return fmt.Errorf("%w: %d sessions of life %d, which ended at %s, at %s", ErrLeft, n, l.Life, l.End, c.At)
	case n > 1+unknown:
		return fmt.Errorf("%w: %d of life %d at %s", ErrSessions, n, l.Life, c.At)
	}
	return nil
}

// modest holds that no more was made in a session than it needs, but for a few where they cannot be destroyed at that time.
func (r Run) modest(s Session, c Census) error {
	more := 0
	if r.cuts(c.asked(), c.At, sweep) > 0 {
		more = strays
	}
	switch {
	case s.Collectors > 1+more+r.lost(isCollector, s.Since, c, 0):
		return fmt.Errorf("%w: %d", ErrCollectors, s.Collectors)
	case s.Others > others+more+r.lost(isOther, s.Since, c, 0):
		return fmt.Errorf("%w: %d", ErrObjects, s.Others)
	}
	return nil
}

func isLogin(method string) bool     { return strings.HasPrefix(method, "Login") }
func isCollector(method string) bool { return method == "CreateCollectorForEvents" }
func isOther(method string) bool     { return !isLogin(method) && !isCollector(method) }

// lost counts what was made between a time and a census without that its maker need know of it. Where it ends when nobody uses it
// for a while, what was made longer ago is not counted.
func (r Run) lost(kind func(method string) bool, from time.Time, c Census, idle time.Duration) (n int) {
	for _, made := range r.Makings {
		if !kind(made.Method) || made.Until.Before(from) || made.At.After(c.At) || idle > 0 && c.asked().After(made.Until.Add(idle+idleSlack)) {
			continue
		}
		if n += made.Times; r.heard(made) && made.Times > 0 {
			n--
		}
	}
	return n
}

// heard says that the answer to a creation has certainly arrived: neither did it take so long that whoever had asked was about to
// give up, nor was a connection reset before he can have read it.
func (r Run) heard(m Making) bool {
	if !m.Passed || r.slow(m.At, m.Until) {
		return false
	}
	for _, a := range r.Accidents {
		if a.Reset && (m.underWay(a.At) || m.underWay(a.end())) {
			return false
		}
	}
	return true
}

// slow says that it took so long from one time to another that a call in between may have been given up: machines can be busy.
func (r Run) slow(from, to time.Time) bool {
	return r.Settings.Timeout > 0 && to.Sub(from) > r.Settings.Timeout/2
}

// underWay says that the creation, or its answer, may have been on the way at a time.
func (m Making) underWay(at time.Time) bool {
	return !at.Before(m.At) && at.Before(m.Until.Add(unread))
}

// asked is when the census can have begun.
func (c Census) asked() time.Time {
	if c.Asked.IsZero() {
		return c.At
	}
	return c.Asked
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

// overdue says that nothing of a life may be there any more that it knows of.
func (r Run) overdue(l Life, at time.Time) bool {
	switch {
	case l.Life == 0: // it is nobody's
		return true
	case l.End.IsZero():
		return false
	case !l.Killed && !r.slow(l.Asked, l.End) && r.cuts(l.Asked, l.End, sweep) == 0:
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
