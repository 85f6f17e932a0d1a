package vsphere

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
	"go.uber.org/zap"
)

// Supervisor owns the session with one vCenter. It is made by NewSupervisor and must be closed.
type Supervisor struct {
	settings Settings
	base     *soap.Client  // only its transport is used
	calls    atomic.Uint64 // made so far, by all sessions

	flying  context.Context // of flights: ends when Close begins
	ground  context.CancelFunc
	closing context.Context // of a Login that is on its way: ends when Close does
	end     context.CancelFunc

	mu      sync.Mutex // guards what follows
	current *Session   // nil before the first login, and from a loss to the next login
	doubt   bool       // whether current lives is to be found out before it is used
	flight  *flight    // nil while none is on its way
	closed  bool

	// for the flight alone
	logins   uint64
	connects map[string]time.Time // the first one to each vCenter, by instanceUuid
	refusal  refusal
	away     bool // the last probe did not reach vCenter

	doubtful   int  // logins since the last that was accepted which were refused, or went unheard
	unheard    bool // that is so of one of them at least
	stillborns int  // sessions in a row that ended before their first call

	restTurn    chan struct{} // held by who logs in to the REST API; guards the field below
	restRefusal refusal
}

// flight is one probe or login on its way. However many ask for a session, one is on its way.
type flight struct {
	done    chan struct{} // closed when the result is there
	session *Session
	err     error
}

// NewSupervisor makes a Supervisor. It reaches for nothing before Acquire.
func NewSupervisor(settings Settings) *Supervisor {
	settings = settings.completed()
	s := &Supervisor{settings: settings, base: newBase(settings), connects: map[string]time.Time{}, restTurn: make(chan struct{}, 1)}
	s.flying, s.ground = context.WithCancel(context.Background())
	s.closing, s.end = context.WithCancel(context.Background())
	return s
}

// Acquire returns the live session. One that is in doubt is probed first; without one there is a login. Callers at the
// same time share one probe or login, and its error. It does not try again by itself: the caller backs off, and gets
// the same error, without a call, while a refused login must wait.
func (s *Supervisor) Acquire(ctx context.Context) (*Session, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, ErrClosed
	}
	if s.current != nil && !s.doubt && s.flight == nil {
		defer s.mu.Unlock()
		return s.current, nil
	}
	f := s.join()
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.session, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// join returns the flight that is on its way, or starts one. A flight has no caller's context: the first to ask may go
// while others wait. Close waits for its goroutine.
func (s *Supervisor) join() *flight {
	if s.flight != nil {
		return s.flight
	}
	f := &flight{done: make(chan struct{})}
	s.flight = f
	doubted := s.current
	s.doubt = false // what is reported from here on is newer than the flight
	go func() {
		defer close(f.done)
		session, err := s.fly(doubted)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.flight = nil
		switch {
		case err == nil:
			f.session = session
		case s.closed:
			f.err = ErrClosed
		default:
			f.err = err
		}
	}()
	return f
}

// fly probes the session that is in doubt, and logs in where there is none that lives.
func (s *Supervisor) fly(doubted *Session) (*Session, error) {
	if doubted == nil {
		return s.login(s.flying, s.closing)
	}
	if doubted.crowded.Load() {
		s.leave(doubted)
		return s.login(s.flying, s.closing)
	}
	// What rests in the pool went through the same trouble as the call that failed.
	s.base.Client.CloseIdleConnections()
	err := doubted.probe(s.flying)
	var replaced *replacedError
	switch {
	case err == nil:
		s.connected(doubted)
		s.returned(doubted)
		return doubted, nil
	case IsNotAuthenticated(err):
		s.lose(doubted, err)
		return s.login(s.flying, s.closing)
	case errors.As(err, &replaced):
		s.lose(doubted, err)
		s.dismiss(doubted) // it lives there where the vCenter was replaced while we logged in
		return s.login(s.flying, s.closing)
	}
	s.away = true
	s.suspect(doubted)
	return nil, s.advise(err)
}

// leave ends a crowded session. Where the logout fails, vCenter ends it after its idle timeout.
func (s *Supervisor) leave(sess *Session) {
	if !s.discard(sess) {
		return
	}
	s.settings.Logger.Warn("session with vCenter is full of objects whose creation was answered into a broken line: it is ended, and another begins",
		zap.Uint64("serial", sess.serial))
	s.dismiss(sess)
}

// dismiss logs out of a session that was discarded.
func (s *Supervisor) dismiss(sess *Session) {
	ctx, cancel := context.WithTimeout(s.flying, destroyTimeout)
	defer cancel()
	_ = sess.logout(ctx)
}

// returned tells that vCenter is back after it could not be reached.
func (s *Supervisor) returned(sess *Session) {
	if s.away {
		s.settings.Logger.Info("vCenter answers again, and the session lives",
			zap.Uint64("serial", sess.serial))
	}
	s.away = false
}

// Report tells how a call of a session failed, so that the next Acquire does what that needs. What is reported of a
// session that has ended changes nothing.
func (s *Supervisor) Report(sess *Session, err error) {
	switch {
	case err == nil, sess == nil:
	case IsNotAuthenticated(err):
		s.lose(sess, err)
	case IsCrowded(err):
		sess.crowded.Store(true)
		s.suspect(sess)
	case errors.Is(err, context.Canceled), IsFault(err) && !IsGone(err):
		// The caller gave up; or vCenter answered, and knew the session.
	default:
		s.suspect(sess)
	}
}

func (s *Supervisor) suspect(sess *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == sess {
		s.doubt = true
	}
}

// install makes a session the current one.
func (s *Supervisor) install(sess *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.doubt = sess, false
}

// discard forgets a session, and with it what is left over in it. It reports whether it was the current one.
func (s *Supervisor) discard(sess *Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != sess {
		return false
	}
	sess.over.Store(true)
	s.current = nil
	return true
}

// lose discards a session that vCenter does not know any more, and tells so, once.
func (s *Supervisor) lose(sess *Session, err error) {
	if s.discard(sess) {
		s.settings.Observer.lost()
		s.settings.Logger.Warn("session with vCenter lost",
			zap.Uint64("serial", sess.serial), zap.Error(err))
	}
}

// Close removes our objects from vCenter, logs out and closes the connections, all within ctx. A call of others that
// is still on its way is not waited for.
func (s *Supervisor) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	f := s.flight
	s.mu.Unlock()
	s.ground()
	defer s.base.Client.CloseIdleConnections()
	defer s.end()
	if f != nil {
		select {
		case <-f.done:
		case <-ctx.Done():
			s.end()
			<-f.done
		}
	}
	return s.logout(ctx)
}

func (s *Supervisor) logout(ctx context.Context) error {
	s.mu.Lock()
	sess := s.current
	s.current = nil
	s.mu.Unlock()
	if sess == nil {
		return nil
	}
	return sess.logout(ctx)
}
