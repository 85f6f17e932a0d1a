package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net/http"

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
	s.settings.Observer.loggedIn()
	s.install(sess)
	if err := s.welcome(ctx, sess, password); err != nil {
		return nil, err
	}
	return sess, nil
}

// refused sorts out why a login failed.
func (s *Supervisor) refused(password string, err error) error {
	err = s.advise(err)
	if IsInvalidLogin(err) {
		return s.refusal.note(password, err)
	}
	return err
}

// welcome makes the first call of a session. Where it fails on its way, the session is kept, in doubt.
func (s *Supervisor) welcome(ctx context.Context, sess *Session, password string) error {
	err := sess.Synchronise(ctx)
	switch {
	case IsNotAuthenticated(err):
		s.discard(sess)
		s.settings.Observer.lost()
		return s.stillborn(password)
	case err != nil:
		s.suspect(sess)
		return s.advise(err)
	}
	s.refusal, s.stillborns = refusal{}, 0
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
	return s.refusal.note(password, err)
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
	_, err := methods.Login(ctx, s.client, &types.Login{
		This:     *s.client.ServiceContent.SessionManager,
		UserName: s.settings.Username, Password: password,
		Locale: "en_US", // messages of events are the same whatever vCenter's own language is
	})
	return redacted(err, password)
}
