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

// repeatAfter is how often a trouble that lasts is written to the log again.
const repeatAfter = time.Minute

// status tells the operator how the receiver is: the component's status for the health check, and the log.
// What can mend itself is a recoverable error, never a permanent one, which a component cannot leave.
//
// Each status says the phase that it is of, in its text and in its attributes.
type status struct {
	host   component.Host
	logger *zap.Logger

	mu     sync.Mutex // guards the fields below
	phase  phase
	before phase                // of held
	fit    bool                 // the last that was told is OK,
	told   phase                // in this phase
	warned map[string]time.Time // the last log line of each kind since the trouble began
}

// newStatus is one that has told nothing.
func newStatus(host component.Host, logger *zap.Logger) *status {
	return &status{host: host, logger: logger, warned: map[string]time.Time{}}
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
	s.warn(what, err, next)
}

// interrupted reports that a stream broke. One that goes on at once is no trouble, only a line in the log.
func (s *status) interrupted(err error, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warn("vCenter stream interrupted; its position is kept", err, next)
	if next > 0 {
		s.tell(reason(err), err)
		s.phase = backingOff
	}
}

// reason is what kind of trouble a stream broke with.
func reason(err error) string {
	if errors.Is(err, errStalled) {
		return "stalled"
	}
	return vsphere.ErrorType(err)
}

// tell must be called with mu held.
func (s *status) tell(reason string, err error) {
	s.fit = false
	componentstatus.ReportStatus(s.host, componentstatus.NewEvent(componentstatus.StatusRecoverableError,
		componentstatus.WithError(fmt.Errorf("%s: %w", s.phase, err)),
		componentstatus.WithAttributes(statusAttributes(s.phase, reason))))
}

func statusAttributes(p phase, reason string) pcommon.Map {
	attributes := pcommon.NewMap()
	attributes.PutStr("phase", p.String())
	if reason != "" {
		attributes.PutStr("reason", reason)
	}
	return attributes
}

// warn writes to the log the first of each kind, and one a minute. It must be called with mu held.
func (s *status) warn(what string, err error, next time.Duration) {
	if time.Since(s.warned[what]) < repeatAfter {
		return
	}
	s.warned[what] = time.Now()
	s.logger.Warn(what, zap.Error(err), zap.Stringer("phase", s.phase), zap.Duration("next_try_in", next.Round(time.Millisecond)))
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
	componentstatus.ReportStatus(s.host, componentstatus.NewEvent(componentstatus.StatusOK,
		componentstatus.WithAttributes(statusAttributes(s.phase, ""))))
	if len(s.warned) > 0 {
		s.logger.Info("vCenter stream goes on")
	}
	clear(s.warned)
}
