package vsphere

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// restGrace is how long a login on its way may go on when its caller has gone: nobody could end the session that it makes.
const restGrace = 2 * time.Second

// ErrAnotherVCenter is what it is to log in to the REST API of a vCenter whose address is another one's by now.
var ErrAnotherVCenter = errors.New("the address is that of another vCenter")

// REST is a session of vCenter's REST API, where the SOAP API's is not known. It goes the same way as the others, by the
// same TLS, and ends with Logout, or when vCenter ends it: then calls fail with what IsNotAuthenticated reports.
type REST struct {
	settings Settings
	calls    *atomic.Uint64
	client   *rest.Client
}

// LoginREST makes a session of the REST API of one vCenter, which the caller must log out. Another one that has taken its address by
// now is refused: what is asked there would be answered of other objects, which have the same names for the API. The password is sent only while a session of the
// SOAP API lives, so that one which is wrong was refused there, and waits there. One that is refused here all the same is sent
// again after a quarter of an hour, or when it has changed; NextLogin tells. In between there is no call. Where there is no
// such API, the error is one of IsNoREST.
func (s *Supervisor) LoginREST(ctx context.Context, instanceUUID string) (*REST, error) {
	select {
	case s.restTurn <- struct{}{}: // or callers at the same time would try the same wrong password
		defer func() { <-s.restTurn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	session, err := s.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if session.About().InstanceUuid != instanceUUID {
		return nil, fmt.Errorf("vCenter %s: log in to the REST API: %w", s.settings.Name, ErrAnotherVCenter)
	}
	password, err := s.settings.Password()
	if err != nil {
		return nil, fmt.Errorf("vCenter %s: read the password: %w", s.settings.Name, err)
	}
	if err := s.restRefusal.standing(password); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lingering, cancel := linger(ctx, restGrace)
	defer cancel()
	r := s.newREST()
	if err := r.login(lingering, password); err != nil {
		return nil, s.refusedREST(password, err)
	}
	s.restRefusal = refusal{}
	return r, nil
}

// refusedREST sorts out why a login failed. The SOAP API has taken the account, so that nothing is urgent: the longest wait
// keeps what is refused here from adding up with what is refused there.
func (s *Supervisor) refusedREST(password string, err error) error {
	if IsNotVCenter(err) {
		return &noRESTError{err}
	}
	err = s.advise(err)
	if IsInvalidLogin(err) {
		return s.restRefusal.hold(password, err, maxRefusalWait)
	}
	return err
}

// noRESTError is a login to an API that is not there, or that a gateway does not let through.
type noRESTError struct{ err error }

func (e *noRESTError) Error() string { return "no REST API: " + e.err.Error() }
func (e *noRESTError) Unwrap() error { return e.err }

// IsNoREST reports whether vCenter, known by its SOAP API, has no REST API.
func IsNoREST(err error) bool {
	var e *noRESTError
	return errors.As(err, &e)
}

// linger returns a context that ends some time after another.
func linger(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	lingering, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return lingering, func() {
		stop()
		cancel()
	}
}

func (s *Supervisor) newREST() *REST {
	sc := s.base.NewServiceClient(rest.Path, "")
	sc.Transport = entire{s.base.Transport}
	sc.CheckRedirect = useLastResponse
	return &REST{settings: s.settings, calls: &s.calls, client: &rest.Client{Client: sc}}
}

func (r *REST) login(ctx context.Context, password string) error {
	err := r.call(ctx, "Session.create", &types.InvalidLogin{}, func(ctx context.Context, c *rest.Client) error {
		return c.Login(ctx, url.UserPassword(r.settings.Username, password))
	})
	return redacted(err, password)
}

// Logout ends the session. One that has ended needs no more.
func (r *REST) Logout(ctx context.Context) error {
	err := r.Call(ctx, "Session.delete", func(ctx context.Context, c *rest.Client) error { return c.Logout(ctx) })
	if IsNotAuthenticated(err) {
		return nil
	}
	return err
}

// Call makes one call, which is to be one request: the method is named in errors and counts. It ends with ctx, or after
// Settings.APITimeout, and counts only when its answer came whole. The client must not be kept.
func (r *REST) Call(ctx context.Context, method string, request func(context.Context, *rest.Client) error) error {
	return r.call(ctx, method, &types.NotAuthenticated{}, request)
}

// call has a name for the status that says that one is not let in.
func (r *REST) call(ctx context.Context, method string, unauthorized types.BaseMethodFault, request func(context.Context, *rest.Client) error) error {
	id := fmt.Sprintf("%s-rest-%d", r.settings.Operation, r.calls.Add(1))
	timeout := r.settings.APITimeout
	timed, cancel := context.WithTimeoutCause(ctx, timeout, &timeoutError{after: timeout})
	defer cancel()
	begun, e := time.Now(), &exchanged{}
	timed = context.WithValue(timed, types.ID{}, id) // which govmomi sends as X-Request-ID
	err := request(context.WithValue(timed, exchangedKey{}, e), r.client)
	if err != nil {
		err = &CallError{VCenter: r.settings.Name, Method: method, OperationID: id, Err: e.failure(ctx, timed, err, unauthorized)}
	}
	r.settings.Observer.called(Exchange{Method: method, Duration: time.Since(begun), Sent: e.sent, Received: e.received(), Err: err})
	return err
}

// exchanged is what went over the wire in one call.
type exchanged struct {
	sent   int
	answer *answer // nil where none came whole
}

type exchangedKey struct{}

func (e *exchanged) received() int {
	if e.answer == nil {
		return 0
	}
	return len(e.answer.body)
}

// failure names an error of govmomi's, which has no type for it.
func (e *exchanged) failure(ctx, timed context.Context, err error, unauthorized types.BaseMethodFault) error {
	var syntax *json.SyntaxError
	switch {
	case e.answer == nil:
		return onTheWay(ctx, timed, err)
	case e.answer.status == http.StatusUnauthorized:
		return soap.WrapVimFault(unauthorized)
	case e.answer.status >= http.StatusMultipleChoices:
		return &statusError{code: e.answer.status, location: e.answer.location}
	case errors.As(err, &syntax):
		return &foreignError{what: "not JSON"}
	}
	return fmt.Errorf("decode the answer: %w", err)
}

// entire reads each answer to its end before anyone looks at it: one that was cut is an error of the call, and the connection
// can be used again.
type entire struct{ http.RoundTripper }

// RoundTrip makes one request of a call.
func (t entire) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	a, err := readAnswer(res)
	if err != nil {
		return nil, err
	}
	if e, ok := req.Context().Value(exchangedKey{}).(*exchanged); ok {
		e.sent, e.answer = int(max(req.ContentLength, 0)), a
	}
	res.Body = io.NopCloser(bytes.NewReader(a.body))
	return res, nil
}

// HTTPStatus is the status of an answer that is none of the API's own, or of the REST API's refusals; 0 of any other error.
// A REST session that has ended is no status, but IsNotAuthenticated.
func HTTPStatus(err error) int {
	var status *statusError
	if errors.As(err, &status) {
		return status.code
	}
	return 0
}
