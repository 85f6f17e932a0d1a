package dedup

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAChunkNobodyMarkedKeepsItsBytes(t *testing.T) {
	w := NewWindow(100)
	w.Mark(at(1, 0), at(2, time.Minute))
	before := encoded(w)
	w.Mark(at(1, 0), at(3, time.Minute))
	after := encoded(w)
	first, second := noon.Unix()/60, noon.Unix()/60+1
	assert.Same(t, &before[first][0], &after[first][0], "encoded once")
	assert.NotEqual(t, before[second], after[second])

	decoded, err := DecodeWindow(100, after)
	require.NoError(t, err)
	assert.Equal(t, after, encoded(decoded), "not written again after a restart")
	after[second][0]++
	assert.NotEqual(t, after, encoded(decoded), "the caller's bytes are the caller's")
}

func TestChunksAreInOrder(t *testing.T) {
	w := NewWindow(100)
	for _, m := range []int{5, -3, 0, 4, -1} {
		w.Mark(at(int64(m), time.Duration(m)*time.Minute))
	}
	var minutes []int64
	for minute := range w.Chunks() {
		minutes = append(minutes, minute-noon.Unix()/60)
		if minute == noon.Unix()/60+4 {
			break
		}
	}
	assert.Equal(t, []int64{-3, -1, 0, 4}, minutes)
}

// The bytes of a chunk lie in users' storage: they may not change.
func TestEncodingIsTheOneInStorage(t *testing.T) {
	w := NewWindow(100)
	w.Mark(at(4711, 13*time.Millisecond), at(4712, 20*time.Millisecond), at(4714, time.Second), at(4711, 40*time.Second), at(-1, 41*time.Second))
	assert.Equal(t, []byte{
		3,                // runs in the first layer
		1,                // -1
		0,                // one ID
		0xd0, 0x80, 0x05, // 41.000
		0,
		0xe8, 0x24, // 4711, 4712 further
		1,
		0xb5, 0x80, 0x05, // 0.013, 40.987 earlier
		7,
		2, // 4714
		0,
		0xb6, 0x0f, // 1.000, 0.987 later
		0,
		1,          // run in the second layer
		0xce, 0x49, // 4711
		0,
		0x80, 0xf1, 0x04, // 40.000
		0,
	}, encoded(w)[noon.Unix()/60])
}

func TestGarbageIsNotAWindow(t *testing.T) {
	good := []byte{1, 2, 0, 0, 0}
	tests := []struct {
		name   string
		minute int64
		bytes  []byte
	}{
		{"empty", 0, nil},
		{"no runs", 0, []byte{0}},
		{"cut short", 0, good[:4]},
		{"more than one chunk", 0, append(append([]byte{}, good...), 0)},
		{"more runs than bytes", 0, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 2, 0, 0, 0}},
		{"a number that does not end", 0, []byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"a number in too many bytes", 0, []byte{1, 0x82, 0x00, 0, 0, 0}},
		{"before the minute", 0, []byte{1, 2, 0, 1, 0}},
		{"after the minute", 0, []byte{1, 2, 0, 0xc0, 0xa9, 0x07, 0}},
		{"ends after the minute", 0, []byte{1, 2, 0, 2, 0xdf, 0xd4, 0x03}},
		{"the same ID twice", 0, []byte{2, 2, 0, 0, 0, 0, 0, 0, 0}},
		{"beyond the greatest ID", 0, []byte{1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1, 0, 0}},
		{"a distance beyond the greatest ID", 0, []byte{2, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0}},
		{"a run of more than 32 bits", 0, []byte{1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0}},
		{"a minute that has no milliseconds", math.MaxInt64, good},
		{"a minute that had none", math.MinInt64, good},
	}
	_, err := DecodeWindow(10, map[int64][]byte{0: good})
	require.NoError(t, err)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeWindow(10, map[int64][]byte{1: good, tt.minute: tt.bytes})
			assert.Error(t, err)
		})
	}
}

func TestMoreLayersThanSecondsIsGarbage(t *testing.T) {
	var b []byte
	for range maxLayers {
		b = append(b, 1, 2, 0, 0, 0)
	}
	_, err := DecodeWindow(100, map[int64][]byte{0: b})
	require.NoError(t, err)
	_, err = DecodeWindow(100, map[int64][]byte{0: append(b, 1, 2, 0, 0, 0)})
	assert.Error(t, err)
}
