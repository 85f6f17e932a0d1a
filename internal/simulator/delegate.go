package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// delegate lets vcsim answer a call, and notes what that did to sessions and their objects.
func (s *Simulator) delegate(c *call) *reply {
	switch req := c.method.Body.(type) {
	case *types.Login, *types.LoginByToken, *types.CloneSession:
		return s.login(c)
	case *types.Logout:
		return s.logout(c)
	case *types.TerminateSession:
		return s.terminateSessions(c, req)
	case *types.WaitForUpdatesEx, *types.WaitForUpdates:
		return s.delegateWait(c)
	}
	if c.session == nil {
		return s.vcsim(c)
	}
	var r *reply
	alive := c.session.during(func() {
		if r = s.vcsim(c); r.ok() {
			c.session.note(c.method, r.body.Bytes())
		}
	})
	if !alive {
		return answer("", nil, notAuthenticated(c.method.This))
	}
	return r
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

// logout ends our half first: vcsim's long polls need the session to be cancelled in.
func (s *Simulator) logout(c *call) *reply {
	if c.session != nil {
		if one := s.sessions.take(c.session.key); one != nil {
			s.record.ended(one.key, errLoggedOut)
			one.finish(errLoggedOut)
			one.forget(s.registry())
		}
	}
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

// observe is vcsim's hook before each call. It answers nothing; it is how we meet vcsim's half of a session.
func (s *Simulator) observe(ctx *simulator.Context, _ *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if ctx.Session != nil {
		if one := s.sessions.get(ctx.Session.Key); one != nil {
			one.attach(ctx.Session)
		}
	}
	return nil, nil
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

// delegateWait lets vcsim answer a long poll, which it does not end when the client or the session is gone: we do.
func (s *Simulator) delegateWait(c *call) *reply {
	if c.session == nil || !c.session.wait() {
		return s.vcsim(c)
	}
	defer c.session.waits.Done()
	answered := make(chan *reply, 1)
	go func() {
		// Nothing of net/http catches what vcsim throws here: it does, for a filter that is destroyed under a wait.
		defer func() {
			if thrown := recover(); thrown != nil {
				answered <- answer("", nil, fmt.Errorf("vcsim: %v", thrown))
			}
		}()
		answered <- s.vcsim(c)
	}()
	select {
	case r := <-answered:
		return r
	case <-c.ctx.Done():
	case <-c.session.ctx.Done():
	}
	c.session.cancelWait(c.method.This, answered)
	return answer("", nil, notAuthenticated(c.method.This))
}

// cancelWait cancels until vcsim has answered: it may not wait yet, and then it does not hear.
func (s *session) cancelWait(pc types.ManagedObjectReference, answered <-chan *reply) {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		s.mu.Lock()
		half := s.vcsim
		s.mu.Unlock()
		if half != nil {
			if o, ok := half.Get(pc).(*simulator.PropertyCollector); ok {
				o.CancelWaitForUpdates(&types.CancelWaitForUpdates{This: pc})
			}
		}
		select {
		case <-answered:
			return
		case <-again.C:
		}
	}
}
