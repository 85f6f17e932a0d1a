package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
)

// Whatever vCenter answers, an inventory is made of it that is in order, and that comes back out of storage as it went in.
func FuzzUpdates(f *testing.F) {
	files, err := filepath.Glob("testdata/updates/*/*.xml")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Add(answer("1", true, root, machine(1)), true)
	f.Fuzz(func(t *testing.T, body []byte, full bool) {
		set, err := decode(body, newFlattener())
		if err != nil {
			return
		}
		tracking := tracks(t)
		c := NewCache("uuid")
		send(t, c, model0(), true, root, machine(1))
		state := NewState(tracking).Baseline(c.Snapshot())
		if _, err = c.apply([]updateSet{set}, time.Unix(0, 0), places{"group-d1", "CustomFieldsManager"}, full); err != nil {
			return
		}
		for o := range c.Snapshot().All() {
			require.True(t, slices.IsSorted(o.names))
			require.Len(t, slices.Compact(slices.Clone(o.names)), len(o.values))
			require.NotContains(t, o.values, "")
			c.Snapshot().Context().Of(o.Moref)
		}
		deltas, state := state.Compare("uuid", c.Snapshot())
		bodies(deltas)
		state = restarted(t, tracking, state.With(deltas...))
		deltas, _ = state.Compare("uuid", c.Snapshot())
		require.Empty(t, deltas)
	})
}

// A part of a state is read to its last byte, or refused.
func FuzzDecodeState(f *testing.F) {
	tracking := tracks(f)
	record, err := tracking.Codec().Encode(NewState(tracking).Baseline(machines(f, 2).Snapshot()))
	require.NoError(f, err)
	for _, part := range record.Parts {
		f.Add(part)
	}
	f.Fuzz(func(t *testing.T, part []byte) {
		for _, name := range []string{partName(0), partName(shardOf("vm-1"))} {
			state, err := tracking.Codec().Decode(checkpoint.Record{Version: stateVersion, Head: record.Head, Parts: map[string][]byte{name: part}})
			if err != nil {
				continue
			}
			for o := range state.all() {
				require.True(t, slices.IsSorted(o.names))
			}
		}
	})
}
