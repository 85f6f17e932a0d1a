package state_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/state"
)

func identity() string { return "uuid-1" }

func filled(t *testing.T) *journal.Journal {
	t.Helper()
	j := journal.New(journal.Settings{})
	e := &types.EventEx{EventTypeId: "x.y", Arguments: []types.KeyAnyValue{{Key: "n", Value: int32(1)}}}
	e.FullFormattedMessage = "a <b> & \"c\"\n"
	raw, err := journal.NewRaw("WarpEvent", `<key>40</key><createdTime>2026-01-01T00:00:00Z</createdTime><odd xsi:type="xsd:int">1</odd>`)
	require.NoError(t, err)
	j.Append(&types.VmPoweredOnEvent{}, e, raw)
	return j
}

func TestAHistoryComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	j := filled(t)
	f, err := state.Create(path, identity, j)
	require.NoError(t, err)
	j.Append(&types.VmPoweredOffEvent{})
	require.NoError(t, f.Save())
	require.NoError(t, f.Save(), "nothing new")

	saved, err := state.Load(path)
	require.NoError(t, err)
	assert.Equal(t, "uuid-1", saved.InstanceUUID)
	again := journal.New(journal.Settings{})
	again.Append(saved.Events...)
	require.Equal(t, j.Len(), again.Len())
	for i, e := range j.Entries() {
		assert.Equal(t, string(e.XML()), string(again.Entries()[i].XML()))
		assert.Equal(t, e.Class(), again.Entries()[i].Class())
	}
	again.Append(&types.VmPoweredOnEvent{})
	assert.Equal(t, j.Last().Key()+1, again.Last().Key(), "keys go on")
}

func TestWhatWasPrunedIsLeftOutWhenRewritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	j := filled(t)
	f, err := state.Create(path, identity, j)
	require.NoError(t, err)
	j.PruneOldest(2)
	require.NoError(t, f.Rewrite())
	saved, err := state.Load(path)
	require.NoError(t, err)
	assert.Len(t, saved.Events, 1)
}

func TestALineThatAKillCutShortIsLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	_, err := state.Create(path, identity, filled(t))
	require.NoError(t, err)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)-20], 0o600))
	saved, err := state.Load(path)
	require.NoError(t, err)
	assert.Len(t, saved.Events, 2)
}

func TestWhatIsHiddenOrMalformedComesBackSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	j := journal.New(journal.Settings{})
	j.Append(journal.Hidden{BaseEvent: &types.VmPoweredOnEvent{}}, journal.NewMalformed("GeneralEvent", types.Event{UserName: "me"}))
	_, err := state.Create(path, func() string { return "x" }, j)
	require.NoError(t, err)
	saved, err := state.Load(path)
	require.NoError(t, err)
	again := journal.New(journal.Settings{})
	again.Append(saved.Events...)
	require.Equal(t, 2, again.Len())
	for i, e := range again.Entries() {
		before := j.Entries()[i]
		assert.Equal(t, []any{before.Hidden(), before.Key(), string(before.XML())}, []any{e.Hidden(), e.Key(), string(e.XML())})
	}
}

func TestAFileThatIsNotThereHoldsNothing(t *testing.T) {
	saved, err := state.Load(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	assert.Equal(t, state.Saved{}, saved)
}

func TestAFileOfSomethingElseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	for _, content := range []string{"nonsense", "{}\n{\"class\":\"TaskInfo\"}\n"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := state.Load(path)
		require.Error(t, err)
	}
}
