package checkpoint

import (
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the record of the present version, when it is a new one")

// Records of every version that was ever released, as they lie in storage: one line per key, value in hex. They are never
// changed; a new version adds a file.
func TestRecordsOfOldVersionsStayReadable(t *testing.T) {
	versions := map[string]position{
		"v1.txt": at("2026-11-21T12:00:00Z", "29395440", "runs of a minute", "29395441", ""),
	}
	present := fmt.Sprintf("v%d.txt", envelopeVersion)
	if *update {
		f := newFake()
		store, _ := open(t, f.open(t), coldStart)
		commit(t, store, versions[present])
		writeValues(t, present, f.values)
	}
	for file, want := range versions {
		t.Run(file, func(t *testing.T) {
			f := newFake()
			f.values = readValues(t, file)
			_, opened := open(t, f.open(t), never(t))
			assert.Equal(t, Opened[position]{Position: want, Origin: Resumed}, opened)
		})
	}
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	commit(t, store, versions[present])
	assert.Equal(t, readValues(t, present), f.values, "the present version has changed: give it a new number")
}

// The codec is given its own version, so that it can read what it wrote years ago.
func TestARecordIsDecodedWithItsOwnVersion(t *testing.T) {
	f := newFake()
	f.values[testKey] = envelope{version: 1, head: []byte("old")}.encode()
	codec, seen := codecV2(), byte(0)
	decode := codec.Decode
	codec.Decode = func(r Record) (position, error) { seen = r.Version; return decode(r) }
	_, opened, err := Open(t.Context(), f.open(t), testKey, codec, never(t))
	require.NoError(t, err)
	assert.Equal(t, byte(1), seen)
	assert.Equal(t, at("old"), opened.Position)
}

func readValues(t *testing.T, file string) map[string][]byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	values := map[string][]byte{}
	for line := range strings.Lines(string(content)) {
		key, digits, found := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		require.True(t, found)
		values[key], err = hex.DecodeString(digits)
		require.NoError(t, err)
	}
	return values
}

func writeValues(t *testing.T, file string, values map[string][]byte) {
	t.Helper()
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s %x\n", key, values[key])
	}
	require.NoError(t, os.MkdirAll("testdata", 0o750))
	require.NoError(t, os.WriteFile(filepath.Join("testdata", file), []byte(b.String()), 0o600))
}
