package vsphere

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vapi/rest"
)

// restFake is a vCenter with both APIs. Where answer is set, it answers the REST API's requests.
type restFake struct {
	*fake

	mu       sync.Mutex // guards the fields below
	answer   func(http.ResponseWriter, *http.Request)
	requests []*http.Request
}

func (f *restFake) answerWith(answer func(http.ResponseWriter, *http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (f *restFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/rest/") {
		f.fake.ServeHTTP(w, r)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that a client has gone
	f.mu.Lock()
	f.requests = append(f.requests, r)
	answer := f.answer
	f.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	_, password, _ := r.BasicAuth()
	switch {
	case r.URL.Path != "/rest/com/vmware/cis/session":
		_, _ = w.Write([]byte(`{"value": ["` + r.Header.Get("vmware-api-session-id") + `"]}`))
	case r.Method == http.MethodPost && password != "s3cret&<":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost:
		_, _ = w.Write([]byte(`{"value": "session-1"}`))
	}
}

// logins are the requests that carried a password.
func (f *restFake) logins() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if _, _, ok := r.BasicAuth(); ok {
			n++
		}
	}
	return n
}

// status answers with a status alone.
func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// list is a call of some kind.
func list(ctx context.Context, r *REST) (ids []string, err error) {
	err = r.Call(ctx, "Tag.list", func(ctx context.Context, c *rest.Client) error {
		return c.Do(ctx, c.Resource("/com/vmware/cis/tagging/tag").Request(http.MethodGet), &ids)
	})
	return ids, err
}

func TestRESTGoesTheWayOfTheOtherCalls(t *testing.T) {
	f := &restFake{fake: newFake()}
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(f)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	var observed []Exchange
	settings := testSettings(parse(t, server.URL))
	settings.Observer.Called = func(e Exchange) { observed = append(observed, e) }
	s := supervise(t, settings)
	session, err := s.LoginREST(t.Context(), f.uuid)
	require.NoError(t, err)
	observed = nil
	for range 50 {
		ids, err := list(t.Context(), session)
		require.NoError(t, err)
		assert.Equal(t, []string{"session-1"}, ids)
	}
	require.NoError(t, session.Logout(t.Context()))
	assert.EqualValues(t, 1, connections.Load())
	assert.Equal(t, 1, f.logins())
	assert.Len(t, observed, 51)
	assert.Equal(t, "Tag.list", observed[0].Method)
	assert.Equal(t, len(`{"value": ["session-1"]}`), observed[0].Received)
	operations := map[string]bool{}
	for _, r := range f.requests {
		assert.Equal(t, "otelcol-vcenter/0.1.0", r.UserAgent())
		operations[r.Header.Get("X-Request-ID")] = true
	}
	assert.Len(t, operations, 52)
	assert.True(t, strings.HasPrefix(f.requests[0].Header.Get("X-Request-ID"), "vcenter_stream/dc1-rest-"))
}

func TestNoPasswordGoesToRESTWhileTheSOAPAPIRefusesIt(t *testing.T) {
	f := &restFake{fake: newFake()}
	settings := testSettings(serve(t, f))
	settings.Password = func() (string, error) { return "wrong", nil }
	s := supervise(t, settings)
	for range 10 {
		_, err := s.LoginREST(t.Context(), f.uuid)
		require.True(t, IsInvalidLogin(err), "%v", err)
	}
	assert.Empty(t, f.requests)
	assert.Equal(t, 1, f.count("Login"))
}

func TestAPasswordThatRESTRefusesIsRepeatedAfterAQuarterOfAnHourOrWhenItHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &restFake{fake: newFake()}
		password := "s3cret&<"
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return password, nil }
		})
		_, err := s.Acquire(t.Context())
		require.NoError(t, err)
		password = "rotated, and wrong"
		for range 24 * 60 {
			_, err := s.LoginREST(t.Context(), f.uuid)
			require.True(t, IsInvalidLogin(err), "%v", err)
			require.NotContains(t, err.Error(), password)
			next, ok := NextLogin(err)
			require.True(t, ok)
			require.LessOrEqual(t, time.Until(next), maxRefusalWait)
			time.Sleep(time.Minute)
		}
		assert.Equal(t, 24*4, f.logins())
		assert.Equal(t, 1, f.count("Login"), "of the SOAP API, where the session lives")
		password = "s3cret&<"
		_, err = s.LoginREST(t.Context(), f.uuid)
		require.NoError(t, err)
	})
}

func TestTwentyWhoLogInTogetherTryAWrongPasswordOnce(t *testing.T) {
	f := &restFake{fake: newFake(), answer: status(http.StatusUnauthorized)}
	s := supervise(t, testSettings(serve(t, f)))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := s.LoginREST(t.Context(), f.uuid)
			assert.True(t, IsInvalidLogin(err), "%v", err)
		})
	}
	group.Wait()
	assert.Equal(t, 1, f.logins())
}

func TestErrorsOfRESTAreNamed(t *testing.T) {
	f := &restFake{fake: newFake()}
	s := supervise(t, testSettings(serve(t, f)))
	session, err := s.LoginREST(t.Context(), f.uuid)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		is     func(error) bool
	}{
		"session ended": {status(http.StatusUnauthorized), IsNotAuthenticated},
		"forbidden":     {status(http.StatusForbidden), func(err error) bool { return HTTPStatus(err) == http.StatusForbidden }},
		"busy":          {status(http.StatusServiceUnavailable), IsTransport},
		"reset":         {func(w http.ResponseWriter, _ *http.Request) { reset(w) }, IsTransport},
		"portal":        {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, IsNotVCenter},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"value": ["a"]}`))
		}, IsTransport},
	} {
		t.Run(name, func(t *testing.T) {
			f.answerWith(c.answer)
			_, err := list(t.Context(), session)
			var call *CallError
			require.ErrorAs(t, err, &call)
			assert.Equal(t, "Tag.list", call.Method)
			assert.True(t, c.is(err), "%v", err)
			assert.False(t, IsNoREST(err))
		})
	}
	f.answerWith(status(http.StatusUnauthorized))
	assert.NoError(t, session.Logout(t.Context()), "vCenter was faster")
}

func TestAVCenterWithoutRESTIsNamed(t *testing.T) {
	f := &restFake{fake: newFake()}
	s := supervise(t, testSettings(serve(t, f)))
	elsewhere := &restFake{fake: newFake()}
	other := serve(t, elsewhere)
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"not found": status(http.StatusNotFound),
		"portal":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.String()+r.URL.Path, http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f.answerWith(answer)
			_, err := s.LoginREST(t.Context(), f.uuid)
			assert.True(t, IsNoREST(err), "%v", err)
			assert.Contains(t, err.Error(), "no REST API: vCenter dc1: Session.create")
		})
	}
	assert.Empty(t, elsewhere.requests, "a password goes nowhere else")
	f.answerWith(status(http.StatusServiceUnavailable))
	_, err := s.LoginREST(t.Context(), f.uuid)
	assert.False(t, IsNoREST(err), "it starts")
	assert.True(t, IsTransport(err))
}

// Otherwise its session would stay in vCenter, known to nobody.
func TestALoginToRESTOnItsWayOutlivesItsCallerButNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &restFake{fake: newFake()}
		s := superviseInMemory(t, f, nil)
		for delay, want := range map[time.Duration]error{time.Second: nil, time.Hour: context.Canceled} {
			f.answerWith(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-time.After(delay):
					_, _ = w.Write([]byte(`{"value": "session-1"}`))
				case <-r.Context().Done():
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(500*time.Millisecond, cancel)
			begun := time.Now()
			session, err := s.LoginREST(ctx, f.uuid)
			require.ErrorIs(t, err, want)
			assert.Equal(t, want == nil, session != nil)
			assert.LessOrEqual(t, time.Since(begun), 500*time.Millisecond+restGrace)
			_, err = s.LoginREST(ctx, f.uuid)
			assert.True(t, errors.Is(err, context.Canceled), "who has gone already begins none: %v", err)
		}
		s.base.Client.CloseIdleConnections()
	})
}

// Another vCenter has objects of the same names: what it says of them says nothing of the first one's.
func TestTheRESTAPIOfAnotherVCenterIsRefused(t *testing.T) {
	f := &restFake{fake: newFake()}
	s := supervise(t, testSettings(serve(t, f)))
	_, err := s.LoginREST(t.Context(), "22222222-0000-0000-0000-000000000000")
	require.ErrorIs(t, err, ErrAnotherVCenter)
	assert.False(t, IsNoREST(err))
	assert.Empty(t, f.requests)
}
