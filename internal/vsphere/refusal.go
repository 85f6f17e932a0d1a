package vsphere

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

const (
	// A directory typically locks an account after five wrong logins within three minutes; a minute between two, then
	// two and four, stays below that.
	minRefusalWait = time.Minute
	maxRefusalWait = 15 * time.Minute
)

// refusal remembers a login that was refused, so that it is not tried again too soon: too many wrong logins lock the
// account, for everybody who uses it. Its zero value is no refusal.
type refusal struct {
	secret [sha256.Size]byte // of the password that was refused
	err    error
	wait   time.Duration
	next   time.Time
}

// refusedError is a login that was refused, or is not tried again yet.
type refusedError struct {
	err  error
	next time.Time
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%v; the next login is tried at %s, so that the account is not locked, or at once when the password has changed",
		e.err, e.next.UTC().Format(time.RFC3339))
}

func (e *refusedError) Unwrap() error { return e.err }

// NextLogin returns when the next login is tried, of an error of Acquire that says that the last was refused.
func NextLogin(err error) (time.Time, bool) {
	var e *refusedError
	if !errors.As(err, &e) {
		return time.Time{}, false
	}
	return e.next, true
}

// standing returns the refusal as an error while it forbids another try with this password.
func (r *refusal) standing(password string) error {
	if r.err == nil || r.secret != sha256.Sum256([]byte(password)) || !time.Now().Before(r.next) {
		return nil
	}
	return &refusedError{err: r.err, next: r.next}
}

// note remembers a refused login and returns the error that tells of it.
func (r *refusal) note(password string, err error) error {
	secret := sha256.Sum256([]byte(password))
	wait := minRefusalWait
	if r.err != nil && r.secret == secret {
		wait = min(2*r.wait, maxRefusalWait)
	}
	*r = refusal{secret: secret, err: err, wait: wait, next: time.Now().Add(wait)}
	return &refusedError{err: err, next: r.next}
}
