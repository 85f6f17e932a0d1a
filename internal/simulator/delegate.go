package simulator

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
)

// delegate lets vcsim answer a call, and notes what that did to sessions and their objects.
func (s *Simulator) delegate(c *call) *reply {
	switch req := c.method.Body.(type) {
	case *types.Login, *types.LoginByToken, *types.LoginExtensionByCertificate, *types.CloneSession, *types.ImpersonateUser:
		return s.login(c)
	case *types.Logout:
		return s.logout(c)
	case *types.TerminateSession:
		return s.terminateSessions(c, req)
	case *types.WaitForUpdatesEx:
		return s.delegateWait(c, req.Version, req.Options)
	case *types.WaitForUpdates:
		return s.delegateWait(c, req.Version, nil)
	}
	return s.delegateAtOnce(c)
}

// delegateAtOnce is for a call that does not wait.
func (s *Simulator) delegateAtOnce(c *call) *reply {
	if c.session == nil {
		return s.vcsim(c)
	}
	var r *reply
	alive := c.session.during(func() {
		defer c.session.inTurn(c.method)()
		if r = s.vcsim(c); r.ok() {
			c.session.note(c.method, r.body.Bytes())
		}
	})
	if !alive {
		return answer("", nil, notAuthenticated(c.method.This))
	}
	return r
}

// inTurn waits until no other call reads or changes a property collector of vcsim's, where this one does, and returns what ends it.
func (s *session) inTurn(m *simulator.Method) (end func()) {
	switch m.Body.(type) {
	case *types.CreateFilter, *types.DestroyPropertyFilter, *types.DestroyPropertyCollector, *types.WaitForUpdatesEx:
		s.turn.Lock()
		return s.turn.Unlock
	}
	return func() {}
}

// login joins our half of a new session to vcsim's.
func (s *Simulator) login(c *call) *reply {
	r := s.vcsim(c)
	for _, cookie := range (&http.Response{Header: r.header}).Cookies() {
		if cookie.Name == soap.SessionCookieName && r.ok() {
			one := newSession(cookie.Value, userOf(c.method.Body), c.request)
			s.sessions.add(one)
			s.record.login(Login{At: one.since, User: one.user, UserAgent: one.userAgent, Session: one.key})
		}
	}
	if login, ok := c.method.Body.(*types.Login); ok && !r.ok() && c.session == nil {
		s.journal.Append(badUsername(login.UserName, c.request))
		s.record.login(Login{At: time.Now(), User: login.UserName, UserAgent: c.request.UserAgent(), Refused: true})
	}
	return r
}

func userOf(body any) string {
	if login, ok := body.(*types.Login); ok {
		return login.UserName
	}
	return ""
}

// badUsername is what a vCenter tells of a login that it refused; vcsim is silent.
func badUsername(user string, r *http.Request) types.BaseEvent {
	address := remoteAddress(r)
	e := &types.BadUsernameSessionEvent{IpAddress: address}
	e.UserName = user
	e.FullFormattedMessage = "Cannot login " + user + "@" + address
	return e
}

// logout ends our half first: who does not find that does not find vcsim's.
func (s *Simulator) logout(c *call) *reply {
	if c.session == nil {
		return s.vcsim(c) // a fault
	}
	one := s.sessions.take(c.session.key)
	if one == nil {
		return answer("", nil, notAuthenticated(c.method.This))
	}
	s.record.ended(one.key, errLoggedOut)
	one.finish(errLoggedOut)
	one.forget(s.registry())
	return s.vcsim(c)
}

func (s *Simulator) terminateSessions(c *call, req *types.TerminateSession) *reply {
	for _, key := range req.SessionId {
		if c.session == nil || key == c.session.key || s.sessions.get(key) == nil {
			return s.vcsim(c) // a fault
		}
	}
	for _, key := range req.SessionId {
		s.terminate(key, errTerminated)
	}
	return answer("TerminateSessionResponse", []byte(nil), nil)
}

// made are the methods of vcsim that make an object in the session.
var made = map[string]string{
	"CreatePropertyCollector": "PropertyCollector",
	"CreateFilter":            "PropertyFilter",
	"CreateContainerView":     "ContainerView",
	"CreateListView":          "ListView",
	"CreateInventoryView":     "InventoryView",
	"CreateCollectorForTasks": "TaskHistoryCollector",
}

var returnval = regexp.MustCompile(`<returnval[^>]*type="(\w+)"[^>]*>([^<]+)</returnval>`)

// note counts the objects that vcsim made or destroyed.
func (s *session) note(m *simulator.Method, answer []byte) {
	if kind, ok := made[m.Name]; ok {
		if found := returnval.FindSubmatch(answer); found != nil {
			s.put(types.ManagedObjectReference{Type: string(found[1]), Value: string(found[2])}, foreign{kind, m.This})
		}
	}
	if strings.HasPrefix(m.Name, "Destroy") {
		s.destroyed(m.This)
	}
}

// destroyed forgets an object of vcsim's, and those that died with it: the filters of a property collector.
func (s *session) destroyed(ref types.ManagedObjectReference) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, ref)
	maps.DeleteFunc(s.objects, func(_ types.ManagedObjectReference, o object) bool {
		f, ok := o.(foreign)
		return ok && f.maker == ref
	})
}

// delegateWait lets vcsim look for updates, again and again for as long as the long poll lasts. Left to wait by itself, vcsim would
// read its property collector while others change it, and end with neither client nor session.
func (s *Simulator) delegateWait(c *call, version string, options *types.WaitOptions) *reply {
	if c.session == nil {
		return s.vcsim(c) // a fault
	}
	look, err := c.look(version, options)
	if err != nil {
		return answer("", nil, err)
	}
	ctx, done := c.session.waiting(c)
	defer done()
	for end := deadline(options); ; {
		r := s.delegateAtOnce(look) // it takes vcsim 20 ms to find nothing
		switch {
		case r.ok() && bytes.Contains(r.body.Bytes(), []byte("<returnval>")):
			return r.renamed(look, c)
		case ctx.Err() != nil:
			return answer("", nil, context.Cause(ctx))
		case !r.ok() || passed(end):
			return r
		}
	}
}

func passed(end <-chan time.Time) bool {
	select {
	case <-end:
		return true
	default:
		return false
	}
}

// look is a call that asks for the updates that there are, in place of a long poll.
func (c *call) look(version string, options *types.WaitOptions) (*call, error) {
	now := types.WaitOptions{}
	if options != nil {
		now = *options
	}
	now.MaxWaitSeconds = new(int32)
	req := &types.WaitForUpdatesEx{This: c.method.This, Version: version, Options: &now}
	content, err := envelope.Content(req)
	look := *c
	look.method = &simulator.Method{Name: "WaitForUpdatesEx", This: req.This, Header: c.method.Header, Body: req}
	look.body = envelope.Answer(look.method.Name, content) // a request is wrapped as an answer is
	return &look, err
}

// renamed is the answer of one method as that of another.
func (r *reply) renamed(from, to *call) *reply {
	r.body = *bytes.NewBuffer(bytes.ReplaceAll(r.body.Bytes(), []byte(from.method.Name+"Response"), []byte(to.method.Name+"Response")))
	return r
}
