package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A password that is rotated, and is wrong again: it is tried at once, and then waits a minute like the first one, not for as
// long as the old one had come to.
func TestAnotherWrongPasswordWaitsForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		password := "wrong"
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return password, nil }
		})
		wait := func() time.Duration {
			_, err := s.Acquire(t.Context())
			next, ok := NextLogin(err)
			require.True(t, ok, "%v", err)
			return time.Until(next)
		}
		for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			assert.Equal(t, want, wait())
			time.Sleep(want)
		}
		before := f.count("Login")
		password = "wrong too"
		assert.Equal(t, time.Minute, wait())
		assert.Equal(t, before+1, f.count("Login"))
		time.Sleep(time.Minute)
		assert.Equal(t, 2*time.Minute, wait())
	})
}

// A refused login keeps the stream waiting for half a minute and more; a password that is rotated meanwhile ends that, and nothing
// else does.
func TestAChangedPasswordEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		s := &Supervisor{settings: Settings{Password: func() (string, error) {
			switch time.Since(begun) / time.Second {
			case 10:
				return "", errors.New("the file is being written")
			case 11:
				return "new", nil
			}
			return "old", nil
		}}}
		err := fmt.Errorf("login: %w", new(refusal).note("old", errors.New("InvalidLogin"), 0))
		s.Await(t.Context(), err, 5*time.Second)
		assert.Equal(t, 5*time.Second, time.Since(begun))
		s.Await(t.Context(), err, 30*time.Second)
		assert.Equal(t, 11*time.Second, time.Since(begun).Truncate(time.Second))
		s.Await(t.Context(), errors.New("reset"), 20*time.Second)
		assert.Equal(t, 31*time.Second, time.Since(begun).Truncate(time.Second))
	})
}

// triedLogins has a vCenter asked for a session every so often, for so long, and returns when each login was tried.
func triedLogins(t *testing.T, f *fake, s *Supervisor, every, lasting time.Duration) (tries []time.Duration) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < lasting; time.Sleep(every) {
		before := f.count("Login")
		at := time.Since(begin)
		_, err := s.Acquire(t.Context())
		require.Error(t, err)
		if f.count("Login") > before {
			tries = append(tries, at.Round(time.Second))
		}
	}
	return tries
}

// unheard has the answer to a login get lost.
func unheard(w http.ResponseWriter, method string) bool {
	if method == "Login" {
		reset(w)
	}
	return method == "Login"
}

// The answer to each login is lost, and each of them may count as a wrong one. That is no reason to wait for as long as after a refusal:
// it may be that vCenter's SSO is only starting.
func TestLoginsThatGoUnheardDoNotLockTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		f.interceptWith(unheard)
		assert.Equal(t, []time.Duration{0, time.Second, 2 * time.Second, 92 * time.Second, 182 * time.Second, 272 * time.Second},
			triedLogins(t, f, s, time.Second, 5*time.Minute))
		_, err := s.Acquire(t.Context())
		require.True(t, IsTransport(err), "%v", err)
		next, waits := NextLogin(err)
		require.True(t, waits)
		assert.ErrorContains(t, err, "the answer to the login did not come: it may count as a wrong one, or have made a session")
		assert.ErrorContains(t, err, next.UTC().Format(time.RFC3339))
		f.interceptWith(nil)
		time.Sleep(time.Until(next))
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)

		f.killSessions()
		s.Report(session, faultOf(t, "NotAuthenticated"))
		f.interceptWith(unheard)
		assert.Equal(t, []time.Duration{0, time.Second, 2 * time.Second}, triedLogins(t, f, s, time.Second, time.Minute), "one was accepted in between")
	})
}

// Some refusals arrive and some are lost, in every order. SSO counts five within three minutes.
func TestWrongLoginsOfWhichSomeGoUnheardDoNotLockTheAccount(t *testing.T) {
	for order := range 1 << 7 {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			s := superviseInMemory(t, f, func(settings *Settings) {
				settings.Password = func() (string, error) { return "wrong", nil }
			})
			var wrong []time.Time
			f.interceptWith(func(w http.ResponseWriter, method string) bool {
				if method != "Login" {
					return false
				}
				wrong = append(wrong, time.Now())
				return order>>(len(wrong)-1)&1 == 1 && unheard(w, method)
			})
			for len(wrong) < 7 {
				_, err := s.Acquire(t.Context())
				require.Error(t, err)
				next, _ := NextLogin(err)
				time.Sleep(max(100*time.Millisecond, time.Until(next)))
			}
			for i := range wrong[4:] {
				assert.Greater(t, wrong[i+4].Sub(wrong[i]), 3*time.Minute, "order %b", order)
			}
		})
	}
}

// A wrong password has come to the longest wait, and then the answers are lost: each next login waits for as long, for it is as wrong.
func TestALoginThatGoesUnheardDoesNotShortenTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return "wrong", nil }
		})
		assert.Equal(t, []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute, 30 * time.Minute},
			triedLogins(t, f, s, 30*time.Second, 45*time.Minute))
		f.interceptWith(unheard)
		assert.Equal(t, []time.Duration{0, 15 * time.Minute, 30 * time.Minute}, triedLogins(t, f, s, 30*time.Second, 45*time.Minute))
		f.interceptWith(nil)
		assert.Equal(t, []time.Duration{0, 15 * time.Minute}, triedLogins(t, f, s, 30*time.Second, 30*time.Minute))
	})
}

// What vCenter did not get, or what was answered before anybody judged the password, is tried again as soon as ever.
func TestALoginThatNobodyHasJudgedIsTriedAgainSoon(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, method string) bool{
		"busy": func(w http.ResponseWriter, method string) bool {
			if method == "Login" {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return method == "Login"
		},
		"a fault": func(w http.ResponseWriter, method string) bool {
			if method == "Login" {
				faultWith(w, "SystemError", "SSO is starting")
			}
			return method == "Login"
		},
		"nobody there": func(w http.ResponseWriter, _ string) bool {
			w.Header().Set("Connection", "close")
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				s := superviseInMemory(t, f, nil)
				f.interceptWith(answer)
				if name == "nobody there" {
					network, dials := s.base.DefaultTransport().DialContext, 0
					s.base.DefaultTransport().DialContext = func(ctx context.Context, how, where string) (net.Conn, error) {
						if dials++; dials%3 == 0 { // the question who is there is two requests
							return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
						}
						return network(ctx, how, where)
					}
				}
				for range 10 {
					_, err := s.Acquire(t.Context())
					require.Error(t, err)
					assert.ErrorContains(t, err, "Login")
					_, waits := NextLogin(err)
					assert.False(t, waits, "%v", err)
				}
			})
		})
	}
}

// The answers to logins are lost, and the password is changed meanwhile.
func TestAPasswordThatChangesAfterUnheardLoginsIsTriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		password := "old"
		s := superviseInMemory(t, f, func(settings *Settings) {
			settings.Password = func() (string, error) { return password, nil }
		})
		f.interceptWith(unheard)
		assert.Len(t, triedLogins(t, f, s, time.Second, 10*time.Second), 3)
		password = "new"
		assert.Len(t, triedLogins(t, f, s, time.Second, 10*time.Second), 1)
		password = "s3cret&<"
		f.interceptWith(nil)
		_, err := s.Acquire(t.Context())
		require.NoError(t, err)
	})
}
