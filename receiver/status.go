package receiver

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// repeatAfter is how often a trouble that lasts is written to the log again.
	repeatAfter = time.Minute

	// longWait is a wait for the next try that is worth a line of its own, where the last one promised a much shorter one.
	longWait = 10 * time.Second
)

// trouble is what a line of the log is about: what follows, and why.
type trouble struct{ what, reason string }

// line is one in the log.
type line struct {
	at   time.Time
	next time.Duration // until the next try
}

// says reports whether there is no need of another one, so soon, with a next try in some time.
func (l line) says(next time.Duration) bool {
	return time.Since(l.at) < repeatAfter && (next < longWait || next < 10*l.next)
}

// status tells the operator how a stream is: its part of the component's status for the health check, and the log.
// What can mend itself is a recoverable error, never a permanent one, which a component cannot leave.
//
// Each status says the phase that it is of, in its text and in its attributes.
type status struct {
	health *health
	stream string
	logger *zap.Logger

	mu     sync.Mutex // guards the fields below
	phase  phase
	before phase            // of held
	fit    bool             // the last that was told is OK,
	told   phase            // in this phase
	warned map[trouble]line // the last of each since it began
}

// newStatus is that of a component with one stream.
func newStatus(host component.Host, logger *zap.Logger) *status {
	return newHealth(host).of(streamEvents, logger)
}

// begin takes the place of StatusStarting: the collector turns that into OK as soon as Start returns, before
// anything was read.
func (s *status) begin(vcenter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell("starting", fmt.Errorf("nothing was read from vCenter %s yet", vcenter))
}

// enter notes what the stream does from now on. Whether it does it well is told by fine.
func (s *status) enter(p phase) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = p
}

// present is what the stream is doing.
func (s *status) present() phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase
}

// hold reports that nothing more is delivered until something is mended, and when the next try is.
func (s *status) hold(what, reason string, err error, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != held {
		s.before, s.phase = s.phase, held
	}
	s.tell(reason, err)
	s.warn(trouble{what, reason}, err, next)
}

// interrupted reports that a stream broke. One that goes on at once is no trouble, only a line in the log.
func (s *status) interrupted(err error, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warn(trouble{"vCenter stream interrupted; its position is kept", reason(err)}, err, untilTry(err, next))
	if next > 0 {
		s.tell(reason(err), err)
		s.phase = backingOff
	}
}

// lacks reports that what a stream delivers is not all that it should be, until the next try.
func (s *status) lacks(what, reason string, err error, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(reason, err)
	s.warn(trouble{what, reason}, err, next)
}

// reason is what kind of trouble a stream broke with.
func reason(err error) string {
	if errors.Is(err, errStalled) {
		return "stalled"
	}
	if tags := (*tagsError)(nil); errors.As(err, &tags) {
		return "tags"
	}
	return vsphere.ErrorType(err)
}

// untilTry is when something is tried again. A login that was refused waits for its time, however often it is asked for.
func untilTry(err error, next time.Duration) time.Duration {
	if login, refused := vsphere.NextLogin(err); refused {
		return max(next, time.Until(login))
	}
	return next
}

// tell must be called with mu held.
func (s *status) tell(reason string, err error) {
	s.fit = false
	s.health.ails(s.stream, componentstatus.NewEvent(componentstatus.StatusRecoverableError,
		componentstatus.WithError(fmt.Errorf("%s: %w", s.phase, err)),
		componentstatus.WithAttributes(s.attributes(reason))))
}

// attributes must be called with mu held.
func (s *status) attributes(reason string) pcommon.Map {
	attributes := pcommon.NewMap()
	attributes.PutStr("stream", s.stream)
	attributes.PutStr("phase", s.phase.String())
	if reason != "" {
		attributes.PutStr("reason", reason)
	}
	return attributes
}

// warn writes to the log the first line of each trouble, then one a minute, and another one in between where the next try has moved
// far away. It must be called with mu held.
func (s *status) warn(about trouble, err error, next time.Duration) {
	if last, told := s.warned[about]; told && last.says(next) {
		return
	}
	s.warned[about] = line{time.Now(), next}
	s.logger.Warn(about.what, zap.Error(err), zap.Stringer("phase", s.phase), zap.Duration("next_try_in", next.Round(time.Millisecond)))
}

// fine reports that the stream does what it should.
func (s *status) fine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == held {
		s.phase = s.before
	}
	if s.fit && s.told == s.phase {
		return
	}
	s.fit, s.told = true, s.phase
	s.health.thrives(s.stream, componentstatus.NewEvent(componentstatus.StatusOK, componentstatus.WithAttributes(s.attributes(""))))
	if len(s.warned) > 0 {
		s.logger.Info("vCenter stream goes on")
	}
	clear(s.warned)
}
