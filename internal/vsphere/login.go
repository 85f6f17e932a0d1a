package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"
)

func useLastResponse(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// errCookie is a vCenter that accepts a login and then does not know the session.
var errCookie = errors.New("vCenter accepted the login but not the session that it made: is the session cookie lost on the way?")

// login makes a new session, and tells of it.
func (s *Supervisor) login(ctx, closing context.Context) (*Session, error) {
	ctx, end := s.settings.Observer.login(ctx)
	sess, err := s.establish(ctx, closing)
	end(sess, err)
	return sess, err
}

// establish makes a new session. The flight's context ends as soon as the Supervisor is closed, but a Login that is on its
// way is waited for: a session that nobody knows of would stay in vCenter for half an hour.
func (s *Supervisor) establish(ctx, closing context.Context) (*Session, error) {
	password, err := s.settings.Password()
	if err != nil {
		return nil, fmt.Errorf("vCenter %s: read the password: %w", s.settings.Name, err)
	}
	if err := s.refusal.standing(password); err != nil {
		return nil, err
	}
	sess := s.newSession()
	if err := sess.meet(ctx); err != nil {
		return nil, s.advise(err)
	}
	if err := sess.login(closing, password); err != nil {
		return nil, s.refused(password, err)
	}
	s.logins++
	s.doubtful, s.unheard = 0, false
	s.settings.Observer.loggedIn()
	s.install(sess)
	if err := s.welcome(ctx, sess, password); err != nil {
		return nil, err
	}
	return sess, nil
}

// refused sorts out why a login failed. What vCenter has not refused, but not accepted either, for it is starting, say, does not count.
func (s *Supervisor) refused(password string, err error) error {
	err = s.advise(err)
	switch {
	case IsInvalidLogin(err):
		s.doubtful++
		return s.refusal.note(password, err, s.leastWait())
	case isUnheard(err):
		s.doubtful, s.unheard = s.doubtful+1, true
		if least := s.leastWait(); least > 0 {
			return s.refusal.hold(password, err, max(least, s.refusal.waited(password)))
		}
	}
	return err
}

// leastWait is how long the next login has to wait at least. Where all were refused, the waits after refusals do.
func (s *Supervisor) leastWait() time.Duration {
	if !s.unheard || s.doubtful < maxDoubtful {
		return 0
	}
	return doubtfulWait
}

// welcome makes the first calls of a session. Where they fail on their way, the session is kept, in doubt. Another vCenter can have
// come while we logged in: the answer to a login does not tell of whom it is.
func (s *Supervisor) welcome(ctx context.Context, sess *Session, password string) error {
	err := sess.probe(ctx)
	var replaced *replacedError
	switch {
	case errors.As(err, &replaced):
		s.lose(sess, err)
		s.dismiss(sess)
		return s.advise(err)
	case IsNotAuthenticated(err):
		s.discard(sess)
		s.settings.Observer.lost()
		return s.stillborn(password)
	case err != nil:
		s.suspect(sess)
		return s.advise(err)
	}
	s.refusal, s.stillborns = refusal{}, 0
	s.connected(sess)
	about := sess.About()
	s.settings.Logger.Info("logged in to vCenter",
		zap.String("endpoint", s.settings.Endpoint.String()),
		zap.String("version", about.Version), zap.String("build", about.Build), zap.String("api_version", sess.soap.Version),
		zap.String("instance_uuid", about.InstanceUuid), zap.Uint64("serial", sess.serial), zap.String("username", s.settings.Username))
	return nil
}

// stillborn is a session that ended before its first call. Once, somebody may have ended it, or vCenter itself; again,
// and another login would make another session that is of no use.
func (s *Supervisor) stillborn(password string) error {
	err := fmt.Errorf("vCenter %s: %w", s.settings.Name, errCookie)
	if s.stillborns++; s.stillborns == 1 {
		return err
	}
	return s.refusal.note(password, err, 0)
}

// connected has a session that nobody was given yet know of the first connect to its vCenter.
func (s *Supervisor) connected(sess *Session) {
	if !sess.connect.IsZero() {
		return
	}
	uuid := sess.About().InstanceUuid
	if _, before := s.connects[uuid]; !before {
		s.connects[uuid] = sess.Now()
	}
	sess.connect = s.connects[uuid]
}

// meet finds out whom we talk to, before any password is sent.
func (s *Session) meet(ctx context.Context) error {
	content, err := methods.GetServiceContent(ctx, s.client)
	if err != nil {
		return err
	}
	switch about := content.About; {
	case about.ApiType == "HostAgent":
		return s.failed("RetrieveServiceContent", &standaloneError{product: about.FullName})
	case about.ApiType != "VirtualCenter" || content.SessionManager == nil:
		return s.failed("RetrieveServiceContent", &foreignError{what: fmt.Sprintf("of another kind of service: %q", about.ApiType)})
	}
	s.client.ServiceContent = content
	return s.negotiate(ctx)
}

// failed is an error of a call whose answer came, and is not what it must be.
func (s *Session) failed(method string, err error) error {
	return fmt.Errorf("vCenter %s: %s: %w", s.settings.Name, method, err)
}

func (s *Session) login(ctx context.Context, password string) error {
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	_, err := methods.Login(ctx, s.client, &types.Login{
		This:     *s.client.ServiceContent.SessionManager,
		UserName: s.settings.Username, Password: password,
		Locale: "en_US", // messages of events are the same whatever vCenter's own language is
	})
	err = redacted(err, password)
	if sent.Load() && err != nil && !IsFault(err) && HTTPStatus(err) == 0 && ctx.Err() == nil {
		return &unheardError{err}
	}
	return err
}
