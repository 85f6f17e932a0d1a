package vsphere

import (
	"context"
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

	// maxDoubtful is how many logins in a row may be refused or go unheard, some of them at least, before each next one waits for
	// doubtfulWait at least. So there are never five within three minutes. It is not for as long as after refusals: a line, or a vCenter
	// that starts, is better again soon.
	maxDoubtful  = 3
	doubtfulWait = 90 * time.Second

	// passwordPoll is how often it is looked whether there is another password.
	passwordPoll = time.Second
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
	err    error
	secret [sha256.Size]byte // of the password
	next   time.Time
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
	return &refusedError{err: r.err, secret: r.secret, next: r.next}
}

// note remembers a refused login, after which the next one waits for a time at least, and returns the error that tells of it.
func (r *refusal) note(password string, err error, least time.Duration) error {
	wait := min(max(2*r.waited(password), minRefusalWait), maxRefusalWait)
	return r.hold(password, err, max(wait, least))
}

// waited is how long the last login with a password had to wait; 0 where it has not.
func (r *refusal) waited(password string) time.Duration {
	if r.err == nil || r.secret != sha256.Sum256([]byte(password)) {
		return 0
	}
	return r.wait
}

// hold is note with a wait of the caller's.
func (r *refusal) hold(password string, err error, wait time.Duration) error {
	*r = refusal{secret: sha256.Sum256([]byte(password)), err: err, wait: wait, next: time.Now().Add(wait)}
	return &refusedError{err: err, secret: r.secret, next: r.next}
}

// Await waits for a time after an error of Acquire, and less where that is a login that was refused and another password can be
// read meanwhile.
func (s *Supervisor) Await(ctx context.Context, err error, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var refused *refusedError
	if !errors.As(err, &refused) {
		<-ctx.Done()
		return
	}
	poll := time.NewTicker(passwordPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
		if password, err := s.settings.Password(); err == nil && sha256.Sum256([]byte(password)) != refused.secret {
			return
		}
	}
}
