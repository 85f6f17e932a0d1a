package vsphere

import (
	"context"
	"crypto/x509"
	"slices"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Session is one login. It may be used by many goroutines, and goes on working through connections that break, until
// vCenter ends it.
type Session struct {
	settings  Settings
	serial    uint64
	calls     *atomic.Uint64 // made by all sessions of the Supervisor
	soap      *soap.Client
	client    *vim25.Client
	clock     atomic.Pointer[clock]
	connect   time.Time // written before anybody else has the session
	shownLast atomic.Pointer[x509.Certificate]
	leftovers leftovers
	losses    atomic.Int64 // creations whose answer did not come
	crowded   atomic.Bool  // it holds objects that nobody knows, up to vCenter's limit, or ours
	over      atomic.Bool  // vCenter has ended it, or we have
}

func (s *Supervisor) newSession() *Session {
	sc := s.base.NewServiceClient(s.settings.Endpoint.Path, vim25.Namespace)
	sc.Transport = s.base.Transport
	sc.Version = vim25.Version
	// A redirected POST becomes a GET: better to say where the redirect leads.
	sc.CheckRedirect = useLastResponse
	sess := &Session{settings: s.settings, serial: s.logins + 1, calls: &s.calls, soap: sc}
	sess.client = &vim25.Client{Client: sc, RoundTripper: roundTripper{session: sess}}
	sess.clock.Store(newClock(time.Now(), time.Now()))
	return sess
}

// Serial is the number of the login: 1 for the first of this process.
func (s *Session) Serial() uint64 { return s.serial }

// About is what vCenter says of itself.
func (s *Session) About() types.AboutInfo { return s.client.ServiceContent.About }

// Speaks reports whether the version of the API that is spoken with vCenter is at least one such as "9.0.0.0".
func (s *Session) Speaks(version string) bool {
	return slices.Compare(parseVersion(s.soap.Version), parseVersion(version)) >= 0
}

// ServiceContent holds vCenter's singletons.
func (s *Session) ServiceContent() types.ServiceContent { return s.client.ServiceContent }

// Client makes typed calls: each has Settings.APITimeout, an operationID, and fails with a *CallError.
func (s *Session) Client() *vim25.Client { return s.client }

// Now is vCenter's clock, in UTC.
func (s *Session) Now() time.Time { return s.clock.Load().now() }

// FirstConnect is when the first session with this vCenter began in this process, by vCenter's clock of that time.
func (s *Session) FirstConnect() time.Time { return s.connect }

// Synchronise reads vCenter's clock anew, for it may have been set. It is also the cheapest call that needs a login.
func (s *Session) Synchronise(ctx context.Context) error {
	now, err := methods.GetCurrentTime(ctx, s.client)
	if err != nil {
		return err
	}
	s.clock.Store(newClock(*now, time.Now()))
	return nil
}

// probe asks whether the session lives, at the vCenter that it was made with.
func (s *Session) probe(ctx context.Context) error {
	content, err := methods.GetServiceContent(ctx, s.client)
	if err != nil {
		return err
	}
	if before := s.About().InstanceUuid; content.About.InstanceUuid != before {
		return &replacedError{before: before, now: content.About.InstanceUuid}
	}
	return s.Synchronise(ctx)
}

// logout removes what is left over, and ends the session. The first may take half of the time that is left: vCenter
// clears up after a session that is logged out, so that the second counts more.
func (s *Session) logout(ctx context.Context) error {
	half, cancel := halfOf(ctx)
	s.sweep(half)
	cancel()
	s.over.Store(true)
	_, err := methods.Logout(ctx, s.client, &types.Logout{This: *s.client.ServiceContent.SessionManager})
	if IsNotAuthenticated(err) {
		return nil // vCenter was faster
	}
	return err
}

func halfOf(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/2)
}
