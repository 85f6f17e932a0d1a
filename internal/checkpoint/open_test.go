package checkpoint

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// A kill right after a cold start: the next start counts from the same point.
func TestAColdStartIsStoredBeforeOpenReturns(t *testing.T) {
	f := newFake()
	_, opened := open(t, f.open(t), func() position { return at("the pin", "a", "1") })
	assert.Equal(t, Opened[position]{Position: at("the pin", "a", "1"), Origin: Cold}, opened)
	_, opened = open(t, f.open(t), never(t))
	assert.Equal(t, Opened[position]{Position: at("the pin", "a", "1"), Origin: Resumed}, opened)
}

// Everything that goes wrong with the storage is an error and leaves it as it was: none of it may pass for "no record".
func TestAStorageThatFailsIsNotAColdStart(t *testing.T) {
	whole, damaged := newFake(), newFake()
	for _, f := range []*fake{whole, damaged} {
		store, _ := open(t, f.open(t), coldStart)
		commit(t, store, at("one", "a", "1"))
	}
	damaged.values[testKey][7]++
	tests := []struct {
		name   string
		before *fake
		op     storage.OpType
		key    string
	}{
		{"head cannot be read", whole, storage.Get, testKey},
		{"part cannot be read", whole, storage.Get, partKey(testKey, "a")},
		{"cold start cannot be written", newFake(), storage.Set, testKey},
		{"what was kept before cannot be read", damaged, storage.Get, badKey(testKey, 0)},
		{"damaged record cannot be kept", damaged, storage.Set, badKey(testKey, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			for key, value := range tt.before.values {
				f.values[key] = value
			}
			before := fmt.Sprint(f.values)
			f.failOn(tt.op, tt.key)
			_, opened, err := Open(t.Context(), f.open(t), testKey, codecV2(), coldStart)
			require.ErrorIs(t, err, errDisk)
			assert.ErrorContains(t, err, testKey)
			assert.Zero(t, opened)
			assert.Equal(t, before, fmt.Sprint(f.values))

			f.fail = nil
			_, opened = open(t, f.open(t), coldStart)
			assert.NotZero(t, opened.Origin, "it works as soon as the storage does")
		})
	}
}

func TestAStorageThatCannotBeListedIsNotAColdStart(t *testing.T) {
	f := newFake()
	f.values[testKey] = []byte("garbage")
	f.fail = func(ops []*storage.Operation) error {
		if ops == nil {
			return errDisk
		}
		return nil
	}
	_, _, err := Open(t.Context(), f.open(t), testKey, codecV2(), coldStart)
	require.ErrorIs(t, err, errDisk)
	assert.Equal(t, "garbage", string(f.values[testKey]))
}

func TestDamage(t *testing.T) {
	tests := []struct {
		name   string
		damage func(f *fake)
		want   string
	}{
		{"empty", func(f *fake) { f.values[testKey] = []byte{} }, "cut short"},
		{"zeros", func(f *fake) { f.values[testKey] = make([]byte, 64) }, "not a record"},
		{"longer", func(f *fake) { f.values[testKey] = append(f.values[testKey], 0) }, "checksum"},
		{"part missing", func(f *fake) { delete(f.values, partKey(testKey, "a")) }, `part "a" is missing`},
		{"part changed", func(f *fake) { f.values[partKey(testKey, "b")] = []byte("3") }, `part "b": checksum`},
		{"part longer", func(f *fake) { f.values[partKey(testKey, "b")] = []byte("22") }, `part "b": checksum`},
		{"parts of another commit", func(f *fake) {
			f.values[partKey(testKey, "a")], f.values[partKey(testKey, "b")] = []byte("2"), []byte("1")
		}, `part "a": checksum`},
		{"codec refuses it", func(f *fake) { f.values[testKey] = envelope{version: 99}.encode() }, "decode version 99: version of the future"},
		{"envelope of the future", func(f *fake) {
			head := envelope{version: 2}.encode()
			f.values[testKey] = seal(append(head[:4], 9, 2, 0, 0))
		}, "record has version 9, the newest known is 1"},
		{"sealed, but nonsense", func(f *fake) {
			f.values[testKey] = seal([]byte("ckpt\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
		}, "malformed"},
		{"sealed, but cut", func(f *fake) { f.values[testKey] = seal([]byte("ckpt\x01\x02\x00\x01\x01a\x01")) }, "malformed"},
		{"sealed, but too long", func(f *fake) { f.values[testKey] = seal([]byte("ckpt\x01\x02\x00\x00\x00")) }, "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			store, _ := open(t, f.open(t), coldStart)
			commit(t, store, at("one", "a", "1", "b", "2"))
			tt.damage(f)
			head := string(f.values[testKey])

			store, opened := open(t, f.open(t), coldStart)
			assert.Equal(t, Damaged, opened.Origin)
			assert.Equal(t, coldStart(), opened.Position)
			require.ErrorContains(t, opened.Err, tt.want)
			assert.ErrorContains(t, opened.Err, testKey)
			assert.True(t, strings.HasPrefix(string(f.kept(0)), head), "kept as it was found")
			assert.NotContains(t, f.values, partKey(testKey, "a"), "no part is left behind")

			commit(t, store, at("two", "a", "1"))
			_, opened = open(t, f.open(t), never(t))
			assert.Equal(t, Opened[position]{Position: at("two", "a", "1"), Origin: Resumed}, opened)
		})
	}
}

// seal gives bytes the checksum of a record.
func seal(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b)) }

func TestDamageAtEveryByteIsSeen(t *testing.T) {
	f := newFake()
	store, _ := open(t, f.open(t), coldStart)
	commit(t, store, at("one", "a", "part a", "b", "part b"))
	for key, value := range f.values {
		for i := range value {
			for name, changed := range map[string][]byte{
				"bit":  flip(value, i, 1),
				"byte": flip(value, i, 0xff),
				"cut":  value[:i],
				"hole": append(append([]byte{}, value[:i]...), value[i+1:]...),
			} {
				g := newFake()
				for k, v := range f.values {
					g.values[k] = v
				}
				g.values[key] = append([]byte{}, changed...)
				_, opened := open(t, g.open(t), coldStart)
				require.Equal(t, Damaged, opened.Origin, "%s at byte %d of %s", name, i, key)
				require.Error(t, opened.Err)
				_, opened = open(t, g.open(t), never(t))
				require.Equal(t, Resumed, opened.Origin, "the cold start was stored")
			}
		}
	}
}

func flip(value []byte, i int, bits byte) []byte {
	changed := append([]byte{}, value...)
	changed[i] ^= bits
	return changed
}

func TestTheLastFewDamagedRecordsAreKept(t *testing.T) {
	f := newFake()
	for i := range badKept + 2 {
		f.values[testKey] = fmt.Appendf(nil, "garbage %d", i)
		_, opened := open(t, f.open(t), coldStart)
		require.Equal(t, Damaged, opened.Origin)
	}
	for n := range badKept {
		assert.Equal(t, fmt.Sprintf("garbage %d", badKept+1-n), string(f.kept(n)))
	}
	assert.Nil(t, f.kept(badKept))

	f.values[testKey] = make([]byte, 2*badSize)
	open(t, f.open(t), coldStart)
	assert.Len(t, f.kept(0), badSize)
}

func TestAKeyThatCouldBeAPartIsRefused(t *testing.T) {
	for _, key := range []string{"", "v1/events/a/part", "v1/events/a/part/b"} {
		_, _, err := Open(t.Context(), newFake().open(t), key, codecV2(), never(t))
		assert.Error(t, err, "key %q", key)
	}
}

func TestAPositionThatCannotBeEncodedIsAnError(t *testing.T) {
	f := newFake()
	_, _, err := Open(t.Context(), f.open(t), testKey, codecV2(), func() position { return at("unspeakable") })
	require.ErrorContains(t, err, "cannot be encoded")
	assert.Empty(t, f.values)
}
