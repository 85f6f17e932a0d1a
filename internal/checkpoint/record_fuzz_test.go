package checkpoint

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzEnvelope reads any bytes, with the right checksum and without: never a panic, and what can be read is the same after another
// reading.
func FuzzEnvelope(f *testing.F) {
	for _, e := range []envelope{
		{}, {version: 1, head: []byte("head")},
		{version: 2, head: []byte("head"), parts: map[string]sum{"29395440": sumOf([]byte("runs")), "29395441": sumOf(nil)}},
	} {
		encoded := e.encode()
		f.Add(encoded[len(magic) : len(encoded)-sumSize])
		f.Add(encoded)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = decodeEnvelope(content)
		e, err := decodeEnvelope(seal(append([]byte(magic), content...))) // no fuzzer finds a checksum
		if err != nil {
			return
		}
		again, err := decodeEnvelope(e.encode())
		require.NoError(t, err)
		require.Equal(t, e, again)
	})
}

// FuzzDamage changes one byte, or cuts, anywhere in what was stored: the position is the one that was stored, or there is none.
func FuzzDamage(f *testing.F) {
	f.Add("the position", "29395440", []byte("runs"), byte(0), uint16(8), byte(1))
	f.Add("the position", "29395440", []byte("runs"), byte(1), uint16(2), byte(0x80))
	f.Add("", "", []byte{}, byte(0), uint16(4), byte(0))
	f.Fuzz(func(t *testing.T, head, name string, part []byte, which byte, place uint16, bits byte) {
		want := at("is "+head, name, string(part))
		f := newFake()
		open(t, f.open(t), func() position { return want })
		damaged := damage(f.values, int(which), int(place), bits)
		_, opened := open(t, f.open(t), coldStart)
		if !damaged {
			require.Equal(t, Opened[position]{Position: want, Origin: Resumed}, opened)
			return
		}
		require.Equal(t, Damaged, opened.Origin, "read as %q", opened.Position)
		require.Error(t, opened.Err)
		_, opened = open(t, f.open(t), never(t))
		require.Equal(t, Opened[position]{Position: coldStart(), Origin: Resumed}, opened, "the cold start is stored")
	})
}

// damage flips bits of one byte, or cuts there where it would flip none. It reports whether anything is different.
func damage(values map[string][]byte, which, place int, bits byte) bool {
	keys := slices.Sorted(maps.Keys(values))
	key := keys[which%len(keys)]
	size := len(values[key])
	if size == 0 {
		return false
	}
	if place %= size; bits == 0 {
		values[key] = values[key][:place]
	} else {
		values[key] = flip(values[key], place, bits)
	}
	return true
}

// FuzzDeadLetters reads any list of letters and any letter, with the right checksums: never a panic, and the next letter is kept.
func FuzzDeadLetters(f *testing.F) {
	f.Add([]byte(`{"next":2,"oldest":0,"told":1,"sizes":[40,40]}`), []byte(`{"number":1,"uid":"a","reason":"b","time":"2026-11-21T12:00:00Z"}`), []byte("record"))
	f.Add([]byte(`{"next":1001,"oldest":1,"told":1001,"dropped":1,"sizes":[40,40]}`), []byte(`{"number":1}`), []byte(nil))
	f.Add([]byte("garbage"), []byte(`{"number":1000001}`), []byte(nil))
	f.Fuzz(func(t *testing.T, list, letter, record []byte) {
		f := newFake()
		f.values[deadKey(testKey)] = envelope{version: ringVersion, head: list}.encode()
		f.values[slotKey(testKey, 1)] = envelope{version: ringVersion, head: append(appendBytes(nil, letter), record...)}.encode()
		store, _ := open(t, f.open(t), coldStart)
		_, to, err := store.Untold(t.Context(), 10)
		require.NoError(t, err)
		store.Tell(to)
		require.NoError(t, store.Commit(t.Context(), refused(t, at("one"), "last")))
		kept, err := store.Letters(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, kept)
		assert.Equal(t, "uid of last", kept[len(kept)-1].UID)
		store, _ = open(t, f.open(t), never(t))
		again, err := store.Letters(t.Context())
		require.NoError(t, err)
		assert.Equal(t, kept, again)
	})
}
