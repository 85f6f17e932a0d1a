package vsphere

import (
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
)

func TestTheClockIsVCentersWhateverTheMachineThinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		skew := -72 * time.Hour
		f := newFake()
		f.clock = func() time.Time { return time.Now().Add(skew) }
		s := superviseInMemory(t, f, nil)
		// A second on the way there.
		f.intercept = func(_ http.ResponseWriter, method string) bool {
			if method == "CurrentTime" {
				time.Sleep(time.Second)
			}
			return false
		}
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, skew, time.Until(session.Now()), float64(time.Second))
		assert.Equal(t, time.UTC, session.Now().Location())
		time.Sleep(10 * time.Minute)
		assert.InDelta(t, skew, time.Until(session.Now()), float64(time.Second))

		f.interceptWith(nil)
		skew = time.Hour
		s.Report(session, os.ErrDeadlineExceeded)
		_, err = s.Acquire(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, skew, time.Until(session.Now()), float64(time.Second), "a probe reads the clock again")
	})
}

// A pin that is ahead of vCenter's clock would leave out what is created until vCenter's clock is there.
func TestTheClockIsNeverAheadOfVCenters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.clock = time.Now
		f.intercept = func(_ http.ResponseWriter, method string) bool {
			if method == "CurrentTime" {
				time.Sleep(4 * time.Second) // on the way there, and none back
			}
			return false
		}
		session, err := superviseInMemory(t, f, nil).Acquire(t.Context())
		require.NoError(t, err)
		assert.False(t, session.Now().After(time.Now()))
	})
}

// Who is late to meet a vCenter knows since when the others do: also where the session is not their first one, nor the first calls went well.
func TestTheFirstConnectIsThatOfTheFirstSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		s := superviseInMemory(t, f, nil)
		f.interceptWith(func(w http.ResponseWriter, method string) bool {
			if method == "CurrentTime" {
				reset(w)
			}
			return method == "CurrentTime"
		})
		_, err := s.Acquire(t.Context())
		require.Error(t, err)
		f.interceptWith(nil)
		begin := time.Now().UTC()
		for range 3 {
			session, err := s.Acquire(t.Context())
			require.NoError(t, err)
			assert.Equal(t, begin, session.FirstConnect())
			time.Sleep(time.Hour)
			f.killSessions()
			s.Report(session, faultOf(t, "NotAuthenticated"))
		}
		f.set(func(f *fake) { f.uuid = "22222222-0000-0000-0000-000000000000" })
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		assert.Equal(t, begin.Add(3*time.Hour), session.FirstConnect())
	})
}

func TestWhatCouldNotBeDestroyedIsDestroyedAfterTheNextGoodCall(t *testing.T) {
	f, _, session := open(t)
	refuse(f, "DestroyCollector", func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) })
	require.Error(t, session.Destroy(t.Context(), collector("a")))
	require.Error(t, session.Destroy(t.Context(), collector("b")))

	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.NoError(t, err, "a leftover is no error of the call")
	assert.Equal(t, 3, f.count("DestroyCollector"), "after one that fails on its way, the others are not tried")

	f.interceptWith(nil)
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"a", "b"}, f.gone())
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.NoError(t, err)
	assert.Len(t, f.gone(), 2)
}

func refuse(f *fake, refused string, how func(w http.ResponseWriter)) {
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method == refused {
			how(w)
		}
		return method == refused
	})
}

func TestAnObjectThatIsGoneAlreadyIsDestroyed(t *testing.T) {
	f, _, session := open(t)
	refuse(f, "DestroyCollector", func(w http.ResponseWriter) { faultWith(w, "ManagedObjectNotFound", "gone") })
	require.NoError(t, session.Destroy(t.Context(), collector("a")))
	assert.Empty(t, session.leftovers.take())
}

func TestAnObjectThatVCenterWillNotDestroyIsGivenUp(t *testing.T) {
	f, _, session := open(t)
	refuse(f, "DestroyCollector", func(w http.ResponseWriter) { faultWith(w, "NoPermission", "no") })
	require.Error(t, session.Destroy(t.Context(), collector("a")))
	for range 10 {
		_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
		require.NoError(t, err)
	}
	assert.Equal(t, maxRefusals, f.count("DestroyCollector"))
}

func TestLeftoversAreForgottenWithTheirSession(t *testing.T) {
	f, s, session := open(t)
	refuse(f, "DestroyCollector", reset)
	require.Error(t, session.Destroy(t.Context(), collector("a")))
	f.interceptWith(nil)
	f.killSessions()
	_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
	s.Report(session, err)
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	_, err = next.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.NoError(t, err)
	assert.Equal(t, 1, f.count("DestroyCollector"))
}

func TestLeftoversAreBounded(t *testing.T) {
	var l leftovers
	for range 3 * maxLeftovers {
		l.add(leftover{object: collector("x")})
	}
	assert.Len(t, l.take(), maxLeftovers)
	assert.Empty(t, l.take())
}

func TestEveryKindOfSessionObjectCanBeDestroyed(t *testing.T) {
	f, _, session := open(t)
	for kind, method := range map[string]string{
		"EventHistoryCollector": "DestroyCollector", "TaskHistoryCollector": "DestroyCollector",
		"PropertyCollector": "DestroyPropertyCollector", "PropertyFilter": "DestroyPropertyFilter",
		"ContainerView": "DestroyView", "ListView": "DestroyView",
	} {
		before := f.count(method)
		require.NoError(t, session.Destroy(t.Context(), types.ManagedObjectReference{Type: kind, Value: kind}))
		assert.Equal(t, before+1, f.count(method), kind)
	}
	before := len(f.seen())
	require.Error(t, session.Destroy(t.Context(), types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-1"}))
	assert.Len(t, f.seen(), before, "we only read")
}

func TestAPasswordFileIsReadAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	read := PasswordFile(path)
	_, err := read()
	require.ErrorIs(t, err, os.ErrNotExist)
	for content, want := range map[string]string{
		"one": "one", "two\n": "two", "three\r\n": "three", "four\n\n": "four\n", " five ": " five ",
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		got, err := read()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, content := range []string{"", "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := read()
		require.Error(t, err, "an empty password would be one wrong login more")
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	f := newFake()
	var connections atomic.Int32
	s := superviseInMemory(t, f, nil)
	dial := s.base.DefaultTransport().DialContext
	s.base.DefaultTransport().DialContext = countDials(dial, &connections)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for range 20 {
		_, err := session.Call(t.Context(), 0, &types.ReadNextEvents{})
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, connections.Load())
}
