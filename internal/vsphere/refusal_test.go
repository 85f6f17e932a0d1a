package vsphere

import (
	"errors"
	"fmt"
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
		err := fmt.Errorf("login: %w", new(refusal).note("old", errors.New("InvalidLogin")))
		s.Await(t.Context(), err, 5*time.Second)
		assert.Equal(t, 5*time.Second, time.Since(begun))
		s.Await(t.Context(), err, 30*time.Second)
		assert.Equal(t, 11*time.Second, time.Since(begun).Truncate(time.Second))
		s.Await(t.Context(), errors.New("reset"), 20*time.Second)
		assert.Equal(t, 31*time.Second, time.Since(begun).Truncate(time.Second))
	})
}
