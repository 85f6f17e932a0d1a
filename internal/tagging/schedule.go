package tagging

import (
	"errors"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// pace is how long to wait for what.
type pace struct {
	// look is how often new objects are looked for, and the rest after a reading however many events there are.
	look time.Duration
	// settle lets events that come together be read together.
	settle time.Duration
	// retry and maxRetry are the first and the longest wait after failures, each twice as long as the one before.
	retry, maxRetry time.Duration
	// refused is how often a password that was refused is looked at, without a call: it may have changed.
	refused time.Duration
	// absent and maxAbsent are the same for an API that is not there. It may be that of a vCenter which still starts.
	absent, maxAbsent time.Duration
}

var usual = pace{
	look: 10 * time.Second, settle: 2 * time.Second, retry: 30 * time.Second, maxRetry: 15 * time.Minute,
	refused: time.Minute, absent: 5 * time.Minute, maxAbsent: time.Hour,
}

// schedule says when to do what.
type schedule struct {
	pace
	interval time.Duration
	next     time.Time // of a look at what there is to do
	full     time.Time // when everything is to be read again
	rested   time.Time // until when events wait
	failures int       // in a row
}

// notice has everything read again, soon; after a failure no sooner than without it.
func (s *schedule) notice(now time.Time) {
	s.full = now
	soon := now.Add(s.settle)
	if soon.Before(s.rested) {
		soon = s.rested
	}
	if s.failures == 0 && soon.Before(s.next) {
		s.next = soon
	}
}

// succeeded plans what comes after a reading, or after a look that found nothing to read.
func (s *schedule) succeeded(now time.Time, what reading) {
	s.next, s.failures = now.Add(s.look), 0
	if what != nothingRead {
		s.rested = s.next
	}
	if what == everythingRead {
		s.full = now.Add(s.interval)
	}
}

// failed plans another try.
func (s *schedule) failed(now time.Time, err error) {
	s.failures++
	s.next = now.Add(s.after(err))
}

// after is the wait after a failure.
func (s *schedule) after(err error) time.Duration {
	_, refused := vsphere.NextLogin(err)
	switch {
	case refused:
		return s.refused
	case vsphere.IsNoREST(err):
		return doubled(s.absent, s.maxAbsent, s.failures)
	case errors.Is(err, errStillborn):
		return s.maxRetry
	}
	return doubled(s.retry, s.maxRetry, s.failures)
}

// doubled is the wait after a number of failures.
func doubled(first, most time.Duration, failures int) time.Duration {
	wait := first
	for n := 1; n < failures && wait < most; n++ {
		wait *= 2
	}
	return min(wait, most)
}
