package tagging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fake is a vCenter in memory: each object has the tag of its number. It is for tests in which only time matters.
type fake struct {
	mu      sync.Mutex // guards the fields below
	objects int
	logins  []time.Time
	lists   []time.Time
	ended   int
	fails   func() error // of logins
	refuses func() error // of lists
	block   chan struct{}
}

func (f *fake) login(context.Context) (api, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logins = append(f.logins, time.Now())
	if f.fails != nil {
		if err := f.fails(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *fake) attached(ctx context.Context, objects []object) (all []tags.AttachedTags, err error) {
	f.mu.Lock()
	f.lists = append(f.lists, time.Now())
	block, refuses := f.block, f.refuses
	f.mu.Unlock()
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if refuses != nil {
		if err := refuses(); err != nil {
			return nil, err
		}
	}
	for _, o := range objects {
		all = append(all, tags.AttachedTags{ObjectID: o, TagIDs: []string{"urn:" + o.Value}})
	}
	return all, nil
}

func (f *fake) tag(_ context.Context, id string) (*tags.Tag, error) {
	return &tags.Tag{ID: id, Name: id[len("urn:"):], CategoryID: "urn:category"}, nil
}

func (f *fake) category(context.Context, string) (*tags.Category, error) {
	return &tags.Category{Name: "of"}, nil
}

func (f *fake) Logout(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended++
	return nil
}

func (f *fake) wanted() (all []types.ManagedObjectReference) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for n := range f.objects {
		all = append(all, types.ManagedObjectReference{Type: "VirtualMachine", Value: fmt.Sprint("vm-", n)})
	}
	return all
}

func (f *fake) listed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.lists)
}

func (f *fake) entered() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.logins)
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// with runs a Tagger of a fake with three objects in a bubble.
func with(t *testing.T, test func(*testing.T, *fake, *Tagger)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{objects: 3}
		tagger := New(Settings{Objects: f.wanted})
		tagger.client.login = f.login
		var group sync.WaitGroup
		group.Go(func() { tagger.Run(t.Context()) })
		test(t, f, tagger)
		require.NoError(t, tagger.Close(t.Context()))
		group.Wait()
	})
}

func TestEverythingIsReadAgainAtIntervals(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		synctest.Wait()
		assert.Equal(t, []Tag{{"of", "vm-2"}}, tagger.Tags().Of("vm-2"))
		time.Sleep(time.Hour - time.Second)
		assert.InDelta(t, 15, f.listed(), 1)
		assert.Equal(t, 1, f.entered())
	})
}

func TestAnEventIsFollowedWithinSecondsAndAStormOfThemIsNot(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		time.Sleep(time.Minute)
		before := f.listed()
		tagger.Notice("com.vmware.cis.tagging.attach")
		time.Sleep(usual.settle + time.Second)
		assert.Equal(t, before+1, f.listed())
		for range 3600 {
			tagger.Notice("com.vmware.cis.tagging.attach")
			time.Sleep(time.Second)
		}
		assert.LessOrEqual(t, f.listed(), before+2+int(time.Hour/usual.look))
		assert.Equal(t, 1, f.entered())
	})
}

func TestANewObjectIsReadWithinSeconds(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		time.Sleep(time.Minute)
		f.set(func() { f.objects = 4 })
		time.Sleep(usual.look)
		synctest.Wait()
		assert.Len(t, tagger.Tags().Of("vm-3"), 1)
		assert.Equal(t, 2, f.listed())
	})
}

func TestADayOfFailuresIsADayOfRareTriesAndKeepsTheTags(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		synctest.Wait()
		at := tagger.Tags().At()
		f.set(func() { f.refuses = func() error { return io.ErrUnexpectedEOF } })
		for range 24 * 60 {
			tagger.Notice("com.vmware.cis.tagging.attach")
			time.Sleep(time.Minute)
		}
		assert.LessOrEqual(t, f.listed(), 24*4+10)
		assert.Equal(t, at, tagger.Tags().At())
		assert.Len(t, tagger.Tags().Of("vm-1"), 1)
		f.set(func() { f.refuses = nil })
		time.Sleep(usual.maxRetry)
		assert.True(t, tagger.Tags().At().After(at))
	})
}

// Every login leaves a session in such a vCenter.
func TestSessionsThatAreOfNoUseAreNotMadeWithoutEnd(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		synctest.Wait()
		f.set(func() { f.refuses = func() error { return soap.WrapVimFault(&types.NotAuthenticated{}) } })
		time.Sleep(24 * time.Hour)
		assert.LessOrEqual(t, f.entered(), 24*4+5)
		assert.EqualValues(t, f.entered(), tagger.Counts().Failures+1, "each try is one login")
	})
}

func TestNobodyWhoReadsWaitsForVCenter(t *testing.T) {
	with(t, func(t *testing.T, f *fake, tagger *Tagger) {
		time.Sleep(time.Minute)
		f.set(func() { f.block = make(chan struct{}) })
		tagger.Notice("com.vmware.cis.tagging.attach")
		time.Sleep(time.Minute)
		begun := time.Now()
		for range 1000 {
			tagger.Notice("com.vmware.cis.CreateTag")
			assert.Len(t, tagger.Tags().Of("vm-1"), 1)
		}
		assert.Equal(t, begun, time.Now())
		require.NoError(t, tagger.Close(t.Context()), "a call that hangs is given up")
		assert.Equal(t, begun, time.Now())
		assert.Equal(t, 1, f.ended)
	})
}

func TestCloseEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tagger := New(Settings{Objects: (&fake{objects: 1}).wanted})
		hung := make(chan struct{})
		tagger.client.login = func(context.Context) (api, error) { <-hung; return nil, errors.New("too late") }
		var group sync.WaitGroup
		group.Go(func() { tagger.Run(t.Context()) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, tagger.Close(ctx), context.DeadlineExceeded)
		close(hung)
		group.Wait()
	})
}

func TestAClosedTaggerDoesNotLogIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{objects: 1}
		tagger := New(Settings{Objects: f.wanted})
		tagger.client.login = f.login
		require.NoError(t, tagger.Close(t.Context()))
		tagger.Run(t.Context())
		require.NoError(t, tagger.Close(t.Context()))
		assert.Empty(t, f.logins)
	})
}
