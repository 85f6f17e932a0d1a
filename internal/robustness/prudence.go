package robustness

import (
	"errors"
	"fmt"
	"time"
)

// ErrImprudent says that a password was tried again soon after it was refused.
var ErrImprudent = errors.New("a refused password was tried again")

// prudence is a little less than the minute after which a password may be tried again.
const prudence = 55 * time.Second

// Prudent: a life does not try a refused password again for a minute, lest the account is locked, unless it may not have heard of
// the refusal. The run hands no life two wrong passwords.
func Prudent(r Run) error {
	last := map[int]time.Time{} // by life
	for _, at := range r.Rejections {
		life := r.owner(at.At).Life
		before, known := last[life]
		if known && at.At.Sub(before) < prudence && !r.unheard(before, at.At) {
			return fmt.Errorf("%w: at %s and at %s in life %d", ErrImprudent, before, at.At, life)
		}
		last[life] = at.At
	}
	return nil
}

// unheard says that the answer to a login at some time between two others, or at the first of them, may be lost.
func (r Run) unheard(from, to time.Time) bool {
	for _, m := range r.Makings {
		if isLogin(m.Method) && !m.Until.Before(from) && m.At.Before(to) && !r.heard(m) {
			return true
		}
	}
	return false
}
