package receiver

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// repeatAfter is how often a trouble that lasts is written to the log again.
const repeatAfter = time.Minute

// status tells the operator how the receiver is: the component's status for the health check, and the log.
// What can mend itself is a recoverable error, never a permanent one, which a component cannot leave.
type status struct {
	host   component.Host
	logger *zap.Logger

	mu     sync.Mutex // guards the fields below
	ok     bool
	warned map[string]time.Time // the last log line of each kind since the trouble began
}

func newStatus(host component.Host, logger *zap.Logger) *status {
	return &status{host: host, logger: logger, warned: map[string]time.Time{}}
}

// trouble reports what went wrong and when the next try is. The log has the first of each kind, and one a minute.
func (s *status) trouble(what string, err error, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ok = false
	componentstatus.ReportStatus(s.host, componentstatus.NewRecoverableErrorEvent(err))
	s.warn(what, err, next)
}

// interrupted reports that a stream broke. One that goes on at once is no trouble, only a line in the log.
func (s *status) interrupted(err error, next time.Duration) {
	const what = "vCenter stream interrupted; its position is kept"
	if next > 0 {
		s.trouble(what, err, next)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.warn(what, err, next)
}

// warn must be called with mu held.
func (s *status) warn(what string, err error, next time.Duration) {
	if time.Since(s.warned[what]) < repeatAfter {
		return
	}
	s.warned[what] = time.Now()
	s.logger.Warn(what, zap.Error(err), zap.Duration("next_try_in", next.Round(time.Millisecond)))
}

// fine reports that the stream does what it should.
func (s *status) fine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ok {
		return
	}
	s.ok = true
	componentstatus.ReportStatus(s.host, componentstatus.NewEvent(componentstatus.StatusOK))
	if len(s.warned) > 0 {
		s.logger.Info("vCenter stream goes on")
	}
	clear(s.warned)
}

// connecting takes the place of StatusStarting: the collector turns that into OK as soon as Start returns,
// before anything was read.
func (s *status) connecting(err error) {
	componentstatus.ReportStatus(s.host, componentstatus.NewRecoverableErrorEvent(err))
}
