package event_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// FuzzPosition reads whatever was stored: never a panic, and what can be read is the same after another reading.
func FuzzPosition(f *testing.F) {
	stored, err := os.ReadFile(filepath.Join("testdata", "position-v1.json"))
	require.NoError(f, err)
	f.Add(byte(1), stored, "", []byte(nil))
	f.Add(byte(1), []byte(`{"read_to":"2026-03-01T12:00:00Z"}`), "29540880", []byte{1, 2, 0, 0, 0})
	f.Add(byte(1), []byte(`{"sweep":{"to":-7,"read":[-5,-5,3,9]}}`), "", []byte(nil))
	f.Add(byte(2), []byte(`{}`), "", []byte(nil))
	f.Fuzz(func(t *testing.T, version byte, head []byte, minute string, runs []byte) {
		var parts map[string][]byte
		if minute != "" {
			parts = map[string][]byte{minute: runs}
		}
		p, err := event.DecodePosition(version, head, parts)
		if err != nil {
			return
		}
		require.Equal(t, event.PositionVersion, int(version))
		head, parts, err = p.Encode()
		require.NoError(t, err)
		again, err := event.DecodePosition(event.PositionVersion, head, parts)
		require.NoError(t, err)
		requireSamePosition(t, p, again)
		use(t, p)
	})
}

func requireSamePosition(t *testing.T, want, got event.Position) {
	t.Helper()
	require.Equal(t, []string{want.InstanceUUID, want.Filter}, []string{got.InstanceUUID, got.Filter})
	require.Equal(t, want.Sweep, got.Sweep)
	for name, times := range map[string][2]time.Time{
		"since": {want.Since, got.Since}, "read_to": {want.ReadTo, got.ReadTo}, "newest": {want.Newest, got.Newest},
		"saved_at": {want.SavedAt, got.SavedAt}, "clock": {want.Clock.VCenter, got.Clock.VCenter}, "here": {want.Clock.Here, got.Clock.Here},
		"floor": {want.Delivered.CompleteFrom(), got.Delivered.CompleteFrom()},
	} {
		require.True(t, times[0].Equal(times[1]), "%s: %s became %s", name, times[0], times[1])
	}
	chunks := map[int64][]byte{}
	for minute, runs := range want.Delivered.Chunks() {
		chunks[minute] = runs
	}
	for minute, runs := range got.Delivered.Chunks() {
		require.Equal(t, chunks[minute], runs)
		delete(chunks, minute)
	}
	require.Empty(t, chunks)
}

// use goes on from a position as a stream does.
func use(t *testing.T, p event.Position) {
	begin := p.Begin(overlap)
	require.False(t, begin.Before(p.Since) || begin.Before(p.Delivered.CompleteFrom()), "begins at %s", begin)
	events := at(1, 2)
	p = p.Mark(events, noon)
	require.True(t, p.Has(&events[0]) && p.Has(&events[1]), "marked, and then unknown")
	p.Prune(overlap, begin)
	require.False(t, p.Advance(noon).ReadTo.Before(noon))
	p.Heed(event.Reading{VCenter: noon, Here: noon}, overlap)
}
