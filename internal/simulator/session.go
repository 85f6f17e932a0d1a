package simulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// session is one login, and all that lives and dies with it.
type session struct {
	key       string // which is also the cookie
	user      string
	userAgent string
	since     time.Time

	ctx context.Context // done when the session has ended
	end context.CancelCauseFunc

	// Held for reading by each call, but for the long polls: once a session has ended, no call in it has an effect any
	// more. Otherwise a read that was under way could bring events that came after the end.
	calls sync.RWMutex

	// Held by each call of vcsim's that reads or changes a property collector, for which vcsim itself has no lock.
	turn sync.Mutex

	mu         sync.Mutex // guards the fields below
	objects    map[types.ManagedObjectReference]object
	watches    map[types.ManagedObjectReference]*watch              // by property collector
	collectors map[types.ManagedObjectReference]*property.Collector // the same for the large inventory
	waits      map[*wait]struct{}
	busy       int       // calls under way
	used       time.Time // when the last call ended
}

// object is something that a client made in its session. Those that vcsim made are only counted: see foreign.
type object interface{ kind() string }

// foreign is an object that vcsim made.
type foreign struct {
	name  string
	maker types.ManagedObjectReference // the object that it was asked of
}

func (f foreign) kind() string { return f.name }

var (
	errTerminated = errors.New("the session was terminated")
	errLoggedOut  = errors.New("the session was logged out")
	errRestarted  = errors.New("the vCenter was restarted")
	errIdle       = errors.New("the session was idle for too long")
)

func newSession(key, user string, r *http.Request) *session {
	s := &session{
		key: key, user: user, userAgent: r.UserAgent(), since: time.Now(), used: time.Now(),
		objects: map[types.ManagedObjectReference]object{}, watches: map[types.ManagedObjectReference]*watch{},
		collectors: map[types.ManagedObjectReference]*property.Collector{}, waits: map[*wait]struct{}{},
	}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// remoteAddress is the client's, without the port.
func remoteAddress(r *http.Request) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return address
}

// newReference names an object as vCenter does: with its session's key in it.
func (s *session) newReference(kind string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: "session[" + s.key + "]" + uuid.NewString()}
}

func (s *session) put(ref types.ManagedObjectReference, o object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[ref] = o
}

func (s *session) get(ref types.ManagedObjectReference) object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[ref]
}

// take is remove, and reports what there was: whoever gets it has it alone.
func take[T object](s *session, ref types.ManagedObjectReference) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[ref].(T)
	if ok {
		delete(s.objects, ref)
	}
	return o, ok
}

func (s *session) remove(ref types.ManagedObjectReference) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, ref)
}

// find is get for one kind of object.
func find[T object](s *session, ref types.ManagedObjectReference) (T, bool) {
	var none T
	if s == nil {
		return none, false
	}
	o, ok := s.get(ref).(T)
	return o, ok
}

// counts counts what the client has to destroy.
func (s *session) counts() (n Objects) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.objects {
		switch o.kind() {
		case "EventHistoryCollector":
			n.EventCollectors++
		case "TaskHistoryCollector":
			n.TaskCollectors++
		case "PropertyCollector":
			n.PropertyCollectors++
		case "PropertyFilter":
			n.Filters++
		case "RetrieveResult":
		default:
			n.Views++
		}
	}
	return n
}

func (s *session) stats() SessionStats {
	return SessionStats{Key: s.key, User: s.user, UserAgent: s.userAgent, Since: s.since, Objects: s.counts()}
}

// use counts a call in, until what it returns is called. There may be no session.
func (s *session) use() (done func()) {
	if s == nil {
		return func() {}
	}
	s.count(+1)
	return func() { s.count(-1) }
}

func (s *session) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy += n
	s.used = time.Now()
}

// idle is how long no call was under way.
func (s *session) idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy > 0 {
		return 0
	}
	return time.Since(s.used)
}

// during does a call's work while the session lives; false when it has ended.
func (s *session) during(work func()) bool {
	s.calls.RLock()
	defer s.calls.RUnlock()
	if s.ctx.Err() != nil {
		return false
	}
	work()
	return true
}

// finish ends the session, and its long polls with it, once no other call is under way.
func (s *session) finish(cause error) {
	s.calls.Lock()
	defer s.calls.Unlock()
	s.end(cause)
}

// forget takes from vcsim what the session leaves there: vcsim goes on to update it for ever.
func (s *session) forget(r *simulator.Registry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := &simulator.Context{Context: context.Background(), Map: r}
	for ref, o := range s.objects {
		if _, ok := o.(foreign); ok {
			r.Remove(ctx, ref)
		}
	}
}

// sessions are those that live.
type sessions struct {
	mu    sync.Mutex // guards the field below
	byKey map[string]*session
}

func newSessions() *sessions { return &sessions{byKey: map[string]*session{}} }

func (l *sessions) add(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byKey[s.key] = s
}

// take removes a session, and nil where there is none: whoever gets it ends it.
func (l *sessions) take(key string) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.byKey[key]
	delete(l.byKey, key)
	return s
}

func (l *sessions) byCookie(r *http.Request) *session {
	cookie, err := r.Cookie(soap.SessionCookieName)
	if err != nil {
		return nil
	}
	return l.get(cookie.Value)
}

func (l *sessions) get(key string) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byKey[key]
}

// census counts what lives.
func (l *sessions) census() (p Peak) {
	for _, s := range l.all() {
		p.Sessions++
		p.Objects = p.plus(s.counts())
	}
	return p
}

// all are the sessions, oldest first.
func (l *sessions) all() []*session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sortedBySince(l.byKey)
}

// putLimited is put, unless there are as many objects of that kind as a session may have.
func (s *session) putLimited(ref types.ManagedObjectReference, o object, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, other := range s.objects {
		if other.kind() == o.kind() {
			n++
		}
	}
	if n >= limit {
		return false
	}
	s.objects[ref] = o
	return true
}

// endAll ends all sessions, with no word to vcsim.
func (l *sessions) endAll(cause error) {
	for _, s := range l.all() {
		if s = l.take(s.key); s != nil {
			s.finish(cause)
		}
	}
}
