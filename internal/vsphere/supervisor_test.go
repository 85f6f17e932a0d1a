package vsphere

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"
)

func TestTwentyStreamsThatStartTogetherLogInOnce(t *testing.T) {
	f := newFake()
	s := supervise(t, testSettings(serve(t, f)))
	sessions := make([]*Session, 20)
	var group sync.WaitGroup
	for i := range sessions {
		group.Go(func() {
			session, err := s.Acquire(t.Context())
			assert.NoError(t, err)
			sessions[i] = session
		})
	}
	group.Wait()
	for _, session := range sessions {
		assert.Same(t, sessions[0], session)
	}
	logins, _, _ := f.logs()
	assert.Equal(t, 1, logins)
	assert.Equal(t, uint64(1), sessions[0].Serial())
}

func TestTwentyStreamsThatLoseTheirSessionTogetherLogInOnce(t *testing.T) {
	f, s, session := open(t)
	f.killSessions()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
			assert.True(t, IsNotAuthenticated(err), "%v", err)
			s.Report(session, err)
			next, err := s.Acquire(t.Context())
			if assert.NoError(t, err) {
				assert.Equal(t, uint64(2), next.Serial())
			}
		})
	}
	group.Wait()
	logins, _, sessions := f.logs()
	assert.Equal(t, 2, logins)
	assert.Equal(t, 1, sessions)
}

func TestALateErrorOfADeadSessionDoesNotEndTheNewOne(t *testing.T) {
	f, s, dead := open(t)
	f.killSessions()
	_, err := dead.Call(t.Context(), 0, &types.ReadNextEvents{})
	s.Report(dead, err)
	alive, err := s.Acquire(t.Context())
	require.NoError(t, err)
	calls := len(f.seen())

	_, late := dead.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.True(t, IsNotAuthenticated(late))
	s.Report(dead, late)
	s.Report(dead, io.ErrUnexpectedEOF)

	same, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, alive, same)
	assert.Len(t, f.seen(), calls+1, "neither a probe nor a login")
}

func TestTwoHundredResetsAndBusyAnswersCostNoLogin(t *testing.T) {
	f, s, session := open(t)
	for i := range 200 {
		f.interceptWith(func(w http.ResponseWriter, method string) bool {
			if method != "ReadNextEvents" {
				return false
			}
			if i%2 == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
			} else {
				reset(w)
			}
			return true
		})
		_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
		require.True(t, IsTransport(err), "%v", err)
		s.Report(session, err)
		same, err := s.Acquire(t.Context())
		require.NoError(t, err)
		require.Same(t, session, same)
	}
	logins, _, _ := f.logs()
	assert.Equal(t, 1, logins)
}

// reset ends a connection the hard way.
func reset(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func TestAnOutageKeepsTheSessionAndItsReturnIsTold(t *testing.T) {
	f := newFake()
	settings := testSettings(serve(t, f))
	logger, logs := observed()
	settings.Logger = logger
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	f.interceptWith(func(w http.ResponseWriter, _ string) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	s.Report(session, io.ErrUnexpectedEOF)
	for range 3 {
		_, err = s.Acquire(t.Context())
		require.True(t, IsTransport(err), "%v", err)
	}
	f.interceptWith(nil)
	same, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, session, same)
	var messages []string
	for _, entry := range logs.All() {
		messages = append(messages, entry.Message)
	}
	assert.Equal(t, []string{"logged in to vCenter", "vCenter answers again, and the session lives"}, messages)
	assert.Equal(t, "otel@vsphere.local", logs.All()[0].ContextMap()["username"])
}

func TestARestartOfVCenterCostsOneLogin(t *testing.T) {
	f, s, session := open(t)
	f.killSessions()
	s.Report(session, io.ErrUnexpectedEOF)
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, uint64(2), next.Serial())
	logins, _, _ := f.logs()
	assert.Equal(t, 2, logins)
}

func TestAnotherVCenterAtTheAddressIsAnotherSession(t *testing.T) {
	f, s, session := open(t)
	f.set(func(f *fake) { f.uuid = "22222222-0000-0000-0000-000000000000" })
	s.Report(session, io.ErrUnexpectedEOF)
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "22222222-0000-0000-0000-000000000000", next.About().InstanceUuid)
	assert.NotEqual(t, session.Serial(), next.Serial())
	require.NoError(t, session.Destroy(t.Context(), collector("old")))
	assert.Empty(t, f.gone(), "an object of the other vCenter")
	_, logouts, _ := f.logs()
	assert.Equal(t, 1, logouts, "the first session lives with the other vCenter, if that came while it was made")
}

// Another vCenter takes the address between the question who is there and the login: what is read there is not the first one's.
func TestAVCenterThatIsReplacedDuringTheLogin(t *testing.T) {
	f := newFake()
	s := supervise(t, testSettings(serve(t, f)))
	f.interceptWith(func(_ http.ResponseWriter, method string) bool {
		if method == "Login" {
			f.set(func(f *fake) { f.uuid = "22222222-0000-0000-0000-000000000000" })
		}
		return false
	})
	_, err := s.Acquire(t.Context())
	require.ErrorContains(t, err, "another vCenter answers at this address")
	_, logouts, sessions := f.logs()
	assert.Equal(t, []int{1, 0}, []int{logouts, sessions}, "the session lives with the one that came")
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "22222222-0000-0000-0000-000000000000", next.About().InstanceUuid)
}

func TestAFaultOfVCenterDoesNotPutTheSessionInDoubt(t *testing.T) {
	f, s, session := open(t)
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method == "ReadNextEvents" {
			faultWith(w, "InvalidArgument", "A specified parameter was not correct.")
		}
		return method == "ReadNextEvents"
	})
	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.True(t, IsFault(err))
	s.Report(session, err)
	s.Report(session, context.Canceled)
	s.Report(session, nil)
	before := len(f.seen())
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Len(t, f.seen(), before)
}

func TestAnObjectThatIsGoneHasTheSessionProbedNotLost(t *testing.T) {
	f, s, session := open(t)
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method == "ReadNextEvents" {
			faultWith(w, "ManagedObjectNotFound", "The object has already been deleted or has not been completely created")
		}
		return method == "ReadNextEvents"
	})
	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.True(t, IsGone(err))
	s.Report(session, err)
	same, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, session, same)
	assert.Equal(t, 2, f.count("CurrentTime"))
}

func TestALoginWhoseFirstCallIsLostIsNotRepeated(t *testing.T) {
	f := newFake()
	s := supervise(t, testSettings(serve(t, f)))
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method == "CurrentTime" {
			reset(w)
		}
		return method == "CurrentTime"
	})
	_, err := s.Acquire(t.Context())
	require.True(t, IsTransport(err), "%v", err)
	f.interceptWith(nil)
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
	logins, _, _ := f.logs()
	assert.Equal(t, 1, logins)
}

func TestWrongPasswordDoesNotLockTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return "wrong", nil }
		})
		begin := time.Now()
		var tries []time.Duration
		for time.Since(begin) < time.Hour {
			before := f.count("Login")
			_, err := s.Acquire(t.Context())
			require.True(t, IsInvalidLogin(err), "%v", err)
			next, ok := NextLogin(err)
			require.True(t, ok)
			assert.True(t, next.After(time.Now()))
			assert.Contains(t, err.Error(), next.UTC().Format(time.RFC3339))
			if f.count("Login") > before {
				tries = append(tries, time.Since(begin).Round(time.Second))
			}
			time.Sleep(time.Second)
		}
		assert.Equal(t, []time.Duration{
			0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute, 30 * time.Minute, 45 * time.Minute,
		}, tries)
	})
}

func TestARefusedLoginAsksVCenterNothingUntilItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return "wrong", nil }
		})
		_, err := s.Acquire(t.Context())
		require.True(t, IsInvalidLogin(err))
		before := len(f.seen())
		for range 50 {
			_, err := s.Acquire(t.Context())
			require.True(t, IsInvalidLogin(err))
		}
		assert.Len(t, f.seen(), before)
	})
}

func TestAChangedPasswordIsTriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		password := "wrong"
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return password, nil }
		})
		_, err := s.Acquire(t.Context())
		require.True(t, IsInvalidLogin(err))
		password = "s3cret&<"
		_, err = s.Acquire(t.Context())
		require.NoError(t, err)
	})
}

func TestAfterAGoodLoginTheNextRefusalWaitsAMinuteAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		refused := func() (session *Session, wait time.Duration) {
			session, err := s.Acquire(t.Context())
			if next, ok := NextLogin(err); ok {
				return nil, time.Until(next)
			}
			require.NoError(t, err)
			return session, 0
		}
		f.interceptWith(refuseLogin("InvalidLogin", "no"))
		for _, want := range []time.Duration{time.Minute, 2 * time.Minute} {
			_, wait := refused()
			assert.Equal(t, want, wait)
			time.Sleep(wait)
		}
		f.interceptWith(nil)
		session, _ := refused()
		f.killSessions()
		f.interceptWith(refuseLogin("InvalidLogin", "no"))
		s.Report(session, faultOf(t, "NotAuthenticated"))
		_, wait := refused()
		assert.Equal(t, time.Minute, wait)
	})
}

func TestACallerThatGivesUpSaysNothingOfVCenter(t *testing.T) {
	f, s, session := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	f.interceptWith(func(http.ResponseWriter, string) bool {
		cancel()
		<-release
		return false
	})
	_, err := session.Call(ctx, 0, &types.WaitForUpdatesEx{})
	close(release)
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, IsTransport(err), "%v", err)
	s.Report(session, err)
	before := len(f.seen())
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Len(t, f.seen(), before, "no probe")
}

func TestASessionThatVCenterForgetsAtOnceIsNoLoginStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		f.interceptWith(func(w http.ResponseWriter, method string) bool {
			if method == "CurrentTime" {
				faultWith(w, "NotAuthenticated", "The session is not authenticated.")
			}
			return method == "CurrentTime"
		})
		for range 30 {
			_, err := s.Acquire(t.Context())
			require.ErrorIs(t, err, errCookie)
			time.Sleep(time.Second)
		}
		logins, _, _ := f.logs()
		assert.Equal(t, 2, logins, "the first may have been ended by somebody")
	})
}

func TestACallerThatGoesDoesNotTakeTheLoginOfOthersWithIt(t *testing.T) {
	f := newFake()
	entered, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.intercept = func(_ http.ResponseWriter, method string) bool {
		if method == "RetrieveServiceContent" {
			once.Do(func() { close(entered) })
			<-release
		}
		return false
	}
	s := supervise(t, testSettings(serve(t, f)))
	impatient, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		_, err := s.Acquire(impatient)
		assert.ErrorIs(t, err, context.Canceled)
	})
	<-entered
	group.Go(func() {
		_, err := s.Acquire(t.Context())
		assert.NoError(t, err)
	})
	cancel()
	close(release)
	group.Wait()
	logins, _, _ := f.logs()
	assert.Equal(t, 1, logins)
}

func TestCloseLeavesNothingInVCenter(t *testing.T) {
	f := newFake()
	s := NewSupervisor(testSettings(serve(t, f)))
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, session.Destroy(gone, collector("left")))
	require.NoError(t, s.Close(t.Context()))
	require.NoError(t, s.Close(t.Context()), "twice")
	assert.Equal(t, []string{"left"}, f.gone())
	_, logouts, sessions := f.logs()
	assert.Equal(t, 1, logouts)
	assert.Zero(t, sessions)
	_, err = s.Acquire(t.Context())
	assert.ErrorIs(t, err, ErrClosed)
}

func TestCloseWithoutASessionAsksNothing(t *testing.T) {
	f := newFake()
	s := NewSupervisor(testSettings(serve(t, f)))
	require.NoError(t, s.Close(t.Context()))
	assert.Empty(t, f.seen())
}

func TestCloseDuringABlackHoledDialReturnsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := superviseInMemory(t, newFake(), nil)
		s.base.DefaultTransport().DialContext = blackHole
		var group sync.WaitGroup
		group.Go(func() {
			_, err := s.Acquire(t.Context())
			assert.ErrorIs(t, err, ErrClosed)
		})
		synctest.Wait()
		begin := time.Now()
		require.NoError(t, s.Close(t.Context()))
		assert.Zero(t, time.Since(begin))
		group.Wait()
	})
}

func TestABlackHoledDialEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := superviseInMemory(t, newFake(), nil)
		s.base.DefaultTransport().DialContext = blackHole
		begin := time.Now()
		_, err := s.Acquire(t.Context())
		assert.True(t, IsTransport(err), "%v", err)
		assert.Equal(t, 10*time.Second, time.Since(begin))
	})
}

func blackHole(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestALogoutIntoABlackHoleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		s.base.CloseIdleConnections()
		s.base.DefaultTransport().DialContext = blackHole
		session.leftovers.add(leftover{object: collector("a")}, leftover{object: collector("b")})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		require.Error(t, s.Close(ctx))
		assert.Equal(t, 3*time.Second, time.Since(begin))
	})
}

func TestAnObjectThatHangsDoesNotKeepTheSessionAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		session.leftovers.add(leftover{object: collector("a")})
		f.interceptWith(func(_ http.ResponseWriter, method string) bool {
			if method == "DestroyCollector" {
				time.Sleep(time.Minute)
			}
			return false
		})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.NoError(t, s.Close(ctx))
		_, logouts, sessions := f.logs()
		assert.Equal(t, []int{1, 0}, []int{logouts, sessions})
		time.Sleep(2 * time.Minute)
	})
}

func TestALoginOnItsWayIsWaitedForAndLoggedOut(t *testing.T) {
	f := newFake()
	entered, release := make(chan struct{}), make(chan struct{})
	f.intercept = func(_ http.ResponseWriter, method string) bool {
		if method == "Login" {
			close(entered)
			<-release
		}
		return false
	}
	s := NewSupervisor(testSettings(serve(t, f)))
	var group sync.WaitGroup
	group.Go(func() {
		_, err := s.Acquire(t.Context())
		assert.ErrorIs(t, err, ErrClosed)
	})
	<-entered
	group.Go(func() { assert.NoError(t, s.Close(t.Context())) })
	<-s.flying.Done()
	close(release)
	group.Wait()
	logins, logouts, sessions := f.logs()
	assert.Equal(t, []int{1, 1, 0}, []int{logins, logouts, sessions})
}

func TestFiftySessionLossesLeaveOneSession(t *testing.T) {
	f, s, session := open(t)
	for range 50 {
		f.killSessions()
		_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
		require.True(t, IsNotAuthenticated(err))
		s.Report(session, err)
		session, err = s.Acquire(t.Context())
		require.NoError(t, err)
	}
	logins, _, sessions := f.logs()
	assert.Equal(t, 51, logins)
	assert.Equal(t, 1, sessions)
	assert.Equal(t, uint64(51), session.Serial())
}

func TestAPasswordThatCannotBeReadIsNotTriedEmpty(t *testing.T) {
	f := newFake()
	settings := testSettings(serve(t, f))
	settings.Password = PasswordFile("/does/not/exist")
	s := supervise(t, settings)
	_, err := s.Acquire(t.Context())
	require.Error(t, err)
	assert.Equal(t, "vCenter dc1: read the password: password_file: open /does/not/exist: no such file or directory", err.Error())
	assert.Empty(t, f.seen())
}

func TestNoSecretIsInLogsOrErrors(t *testing.T) {
	f := newFake()
	endpoint := serve(t, f)
	endpoint.User = parse(t, "http://someone:urlsecret@x").User
	settings := testSettings(endpoint)
	logger, logs := observed()
	settings.Logger = logger.With(zap.String("vcenter", "dc1"))
	s := supervise(t, settings)
	var texts []string
	// A server that quotes what it was sent.
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method == "Login" {
			requests := f.seen()
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, faultEnvelope("InvalidRequest", "while parsing <![CDATA["+requests[len(requests)-1].body+"]]>"))
		}
		return method == "Login"
	})
	_, err := s.Acquire(t.Context())
	require.Error(t, err)
	texts = append(texts, err.Error())
	f.interceptWith(nil)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	f.interceptWith(func(w http.ResponseWriter, _ string) bool { reset(w); return true })
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	texts = append(texts, err.Error())
	s.Report(session, err)
	_, err = s.Acquire(t.Context())
	texts = append(texts, err.Error())
	f.killSessions()
	f.interceptWith(nil)
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
	for _, entry := range logs.All() {
		texts = append(texts, entry.Message)
		for key, value := range entry.ContextMap() {
			texts = append(texts, key, toText(value))
		}
	}
	all := strings.Join(texts, "\n")
	assert.Contains(t, all, "[REDACTED]")
	for _, secret := range []string{"s3cret", "urlsecret", "cookie-1", "cookie-2"} {
		assert.NotContains(t, all, secret)
	}
}

func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case error:
		return v.Error()
	}
	return ""
}

func collector(value string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "EventHistoryCollector", Value: value}
}

var errOther = errors.New("something else")

// Views and property collectors whose creation was answered into a broken line have no name that we know: only the end of the session
// removes them. Some of them are no reason for another login.
func TestASessionFullOfObjectsThatNobodyKnowsOfIsEnded(t *testing.T) {
	f, s, session := open(t)
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method != "CreateContainerView" {
			return false
		}
		reset(w)
		return true
	})
	create := func() {
		_, err := methods.CreateContainerView(t.Context(), session.Client(), &types.CreateContainerView{This: types.ManagedObjectReference{Type: "ViewManager", Value: "ViewManager"}})
		require.True(t, IsTransport(err), "%v", err)
		s.Report(session, err)
	}
	for range maxLosses - 1 {
		create()
	}
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, session, next)
	create()
	next, err = s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, uint64(2), next.Serial())
	logins, logouts, _ := f.logs()
	assert.Equal(t, []int{2, 1}, []int{logins, logouts})
}
