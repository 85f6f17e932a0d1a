package receiver

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v7"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// attempts are made at one thing until the context ends, with a pause after each that failed.
type attempts struct {
	sessions *vsphere.Supervisor
	status   *status

	attempted outcome
	session   sessionAge
}

// outcome is what an attempt has brought.
type outcome int

const (
	nothing outcome = iota
	reread          // whole pages, of which everything was delivered before, or the tail
	news            // something new was delivered, or the tail was read again after a wait
)

// sessionAge knows for how long the present session has been in use; its zero value, that there is none.
type sessionAge struct {
	serial uint64
	since  time.Time // zero: it is not in use during a pause
	hasty  bool      // its login came right after the end of a session that had hardly begun
}

func (a *sessionAge) note(serial uint64) {
	switch {
	case a.serial != serial:
		*a = sessionAge{serial, time.Now(), a.serial != 0 && !a.lasted()}
	case a.since.IsZero():
		a.since = time.Now()
	}
}

// lasted says that the session was worth its login.
func (a *sessionAge) lasted() bool {
	return !a.since.IsZero() && time.Since(a.since) >= 10*time.Second
}

// errPassOver ends an attempt that is to be followed by the next pass at once.
var errPassOver = errors.New("the pass is over")

// errLeap ends an attempt that is to be followed at once by another one, further on in the pass.
var errLeap = errors.New("the pass goes on behind what vCenter returns nothing of")

// errLook ends an attempt for a look at vCenter without the source, and is followed at once by another one: there is one event
// collector at a time.
var errLook = errors.New("the whole history is looked at")

// deliberate reports whether an attempt was ended for another one to follow at once.
func deliberate(err error) bool {
	return errors.Is(err, errPassOver) || errors.Is(err, errLeap) || errors.Is(err, errLook)
}

// pauses are those after attempts. There are two troubles, and neither is a reason to wait longer for the other: with one pause for
// both, a few sessions that are ended and a few answers that are cut are half a minute.
type pauses struct {
	reads  *backoff.ExponentialBackOff // grows while no whole page is read
	logins *backoff.ExponentialBackOff // grows while no session lasts
}

// each makes attempts until the context ends.
func (a *attempts) each(ctx context.Context, attempt func(context.Context) error) {
	for growing := (pauses{reconnectBackOff(), reconnectBackOff()}); ctx.Err() == nil; {
		err := attempt(ctx)
		a.ease(growing, err)
		if ctx.Err() != nil || deliberate(err) {
			continue
		}
		next := a.pause(growing, err)
		a.status.interrupted(err, next)
		a.sessions.Await(ctx, err, next)
	}
}

// ease shortens the pause for a trouble that is over. The pages before a leap are read again at each stall, and tell nothing.
func (a *attempts) ease(growing pauses, err error) {
	if a.attempted != nothing && !errors.Is(err, errLeap) {
		growing.reads.Reset()
	}
	if a.session.lasted() {
		growing.logins.Reset()
	}
}

// pause is how long to wait after an attempt.
//
// A session that was lost when it had hardly begun has a pause of its own, whatever was read in it. Somebody ends our sessions, or a
// balancer between us and vCenter takes them to another one: to log in again at once would go on for ever, and each login is an
// event, which is news. Where it ends together with its connection, that it has ended is found when the next login is made already:
// the pause comes with the next trouble.
func (a *attempts) pause(growing pauses, err error) time.Duration {
	switch {
	case vsphere.IsNotAuthenticated(err) && !a.session.lasted():
		a.session = sessionAge{}
		return growing.logins.NextBackOff()
	case a.session.hasty && !a.session.lasted():
		a.session = sessionAge{serial: a.session.serial}
		return max(growing.logins.NextBackOff(), a.pauseOfReads(growing))
	}
	return a.pauseOfReads(growing)
}

// pauseOfReads is that where the session is no trouble. The first retry after news is at once, for most failures are one answer
// that was cut. The pause grows only while no whole page is read, or a pass over a bad line would hardly move; but
// pages that are read again and again are no reason to hurry, nor is what is asked before the first page, which vCenter may
// answer for ever while it gives out no page.
func (a *attempts) pauseOfReads(growing pauses) time.Duration {
	switch a.attempted {
	case news:
		return 0
	case reread:
		return growing.reads.InitialInterval
	}
	return growing.reads.NextBackOff()
}

func reconnectBackOff() *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{
		InitialInterval: 100 * time.Millisecond, MaxInterval: 30 * time.Second,
		Multiplier: 2, RandomizationFactor: backoff.DefaultRandomizationFactor,
	}
	b.Reset()
	return b
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
