package translate

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// testRead is when the first update is read. Each of the others follows in a second.
var testRead = time.Date(2026, time.November, 21, 10, 0, 0, 123456000, time.UTC)

// script is a session of a vCenter that answers WaitForUpdatesEx with what is written down.
type script struct {
	answers [][]byte
	asked   int
}

var errEnd = errors.New("the script is at its end")

func (s *script) Call(context.Context, time.Duration, any) ([]byte, error) {
	if s.asked == len(s.answers) {
		return nil, errEnd
	}
	s.asked++
	return s.answers[s.asked-1], nil
}

func (s *script) Client() *vim25.Client {
	custom, views := types.ManagedObjectReference{Value: "CustomFieldsManager"}, types.ManagedObjectReference{}
	return &vim25.Client{RoundTripper: s, ServiceContent: types.ServiceContent{
		About:               types.AboutInfo{InstanceUuid: testSource.InstanceUUID},
		RootFolder:          types.ManagedObjectReference{Type: "Folder", Value: "group-d1"},
		CustomFieldsManager: &custom, ViewManager: &views,
	}}
}

func (s *script) RoundTrip(_ context.Context, _, answer soap.HasFault) error {
	switch body := answer.(type) {
	case *methods.CreateContainerViewBody:
		body.Res = &types.CreateContainerViewResponse{}
	case *methods.CreatePropertyCollectorBody:
		body.Res = &types.CreatePropertyCollectorResponse{}
	case *methods.CreateFilterBody:
		body.Res = &types.CreateFilterResponse{}
	}
	return nil
}

func (s *script) Destroy(context.Context, types.ManagedObjectReference) error { return nil }

func (s *script) Now() time.Time { return testRead.Add(time.Duration(s.asked-1) * time.Second) }

// estate is an inventory, and what was told of it.
type estate struct {
	script  *script
	cache   *inventory.Cache
	watcher *inventory.Watcher
	state   *inventory.State
}

// newEstate reads an inventory, all of which counts as told.
func newEstate(t testing.TB, answer []byte) *estate {
	tracking, err := inventory.NewTracking(nil)
	require.NoError(t, err)
	e := &estate{state: inventory.NewState(tracking)}
	e.restart(t, nil)
	require.NoError(t, e.read(t, answer))
	e.state = e.state.Baseline(e.cache.Snapshot())
	return e
}

// restart begins to watch anew, with what is left of an earlier life.
func (e *estate) restart(t testing.TB, delivered *inventory.State) {
	e.script, e.cache = &script{}, inventory.NewCache(testSource.InstanceUUID)
	if delivered != nil {
		e.cache.Recall(delivered)
	}
	watcher, err := inventory.Watch(t.Context(), e.script, e.cache, inventory.Settings{})
	require.NoError(t, err)
	e.watcher = watcher
}

// read takes in the next answer.
func (e *estate) read(t testing.TB, answer []byte) error {
	e.script.answers = append(e.script.answers, answer)
	_, err := e.watcher.Next(t.Context())
	return err
}

// news is what is to be told since it was asked for last.
func (e *estate) news() (all []inventory.Change) {
	deltas, state := e.state.Compare(e.cache.InstanceUUID(), e.cache.Snapshot())
	for _, d := range deltas {
		all = append(all, d.Changes...)
	}
	e.state = state.With(deltas...)
	return all
}

func (e *estate) context() inventory.Context { return e.cache.Snapshot().Context() }

func readFile(t testing.TB, name string) []byte {
	body, err := os.ReadFile(name)
	require.NoError(t, err)
	return body
}

func testEstate(t testing.TB) *estate { return newEstate(t, readFile(t, "testdata/inventory.xml")) }
