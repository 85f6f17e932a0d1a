package dedup

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noon is the beginning of a minute.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(id int64, after time.Duration) Key { return Key{ID: id, Created: noon.Add(after)} }

func encoded(w *Window) map[int64][]byte {
	chunks := map[int64][]byte{}
	for minute, b := range w.Chunks() {
		chunks[minute] = b
	}
	return chunks
}

// runs counts the runs that the window needs for its keys.
func runs(w *Window) int {
	n := 0
	for _, c := range w.chunks {
		for _, l := range c.layers {
			n += len(l)
		}
	}
	return n
}

func TestHas(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name   string
		marked []Key
		asked  Key
		want   bool
	}{
		{"nothing marked", nil, at(1, 0), false},
		{"the key itself", []Key{at(1, 5*time.Second)}, at(1, 5*time.Second), true},
		{"other ID", []Key{at(1, 5*time.Second)}, at(2, 5*time.Second), false},
		{"a second earlier", []Key{at(1, 5*time.Second)}, at(1, 4*time.Second), true},
		{"more than a second earlier", []Key{at(1, 5*time.Second)}, at(1, 4*time.Second-ms), false},
		{"a second later", []Key{at(1, 5*time.Second)}, at(1, 6*time.Second), true},
		{"more than a second later", []Key{at(1, 5*time.Second)}, at(1, 6*time.Second+ms), false},
		{"less than a millisecond is not told apart", []Key{at(1, 5*time.Second)}, at(1, 6*time.Second+999*time.Microsecond), true},
		{"told in the minute before", []Key{at(1, 200*ms)}, at(1, -800*ms), true},
		{"too early in the minute before", []Key{at(1, 200*ms)}, at(1, -801*ms), false},
		{"told in the minute after", []Key{at(1, -ms)}, at(1, 999*ms), true},
		{"too late in the minute after", []Key{at(1, -ms)}, at(1, 1000*ms), false},
		{"same second of another minute", []Key{at(1, 0)}, at(1, time.Minute), false},
		{"before the epoch", []Key{{ID: 1, Created: time.UnixMilli(-1)}}, Key{ID: 1, Created: time.UnixMilli(-1)}, true},
		{"across the epoch", []Key{{ID: 1, Created: time.UnixMilli(-1)}}, Key{ID: 1, Created: time.UnixMilli(999)}, true},
		{"just not across the epoch", []Key{{ID: 1, Created: time.UnixMilli(-1)}}, Key{ID: 1, Created: time.UnixMilli(1000)}, false},
		{"the zero time", []Key{{ID: 1}}, Key{ID: 1}, true},
		{"negative ID", []Key{at(-7, 0)}, at(-7, 0), true},
		{"from negative to positive", []Key{at(-1, 0), at(0, 0), at(1, 0)}, at(0, 0), true},
		{"least ID", []Key{at(math.MinInt64, 0)}, at(math.MinInt64, 0), true},
		{"greatest ID", []Key{at(math.MaxInt64, 0)}, at(math.MaxInt64, 0), true},
		{"greatest and least are not neighbours", []Key{at(math.MaxInt64, 0), at(math.MinInt64, 0)}, at(0, 0), false},
		{"wrapped int32", []Key{at(math.MaxInt32, 0), at(math.MinInt32, 0)}, at(math.MinInt32, 0), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWindow(100)
			w.Mark(tt.marked...)
			assert.Equal(t, tt.want, w.Has(tt.asked))
			again, err := DecodeWindow(100, encoded(w))
			require.NoError(t, err)
			assert.Equal(t, tt.want, again.Has(tt.asked), "after decoding")
		})
	}
}

// A restored database counts on from an older key: its events are new, although their keys were used in the same minute.
func TestKeysOfARestoredDatabaseAreNotDuplicates(t *testing.T) {
	w := NewWindow(1000)
	for id := range int64(10) {
		w.Mark(at(id, time.Duration(id)*100*time.Millisecond))
	}
	for id := range int64(10) {
		again := at(id, 30*time.Second+time.Duration(id)*100*time.Millisecond)
		require.False(t, w.Has(again), "key %d was used again", id)
		w.Mark(again)
		require.True(t, w.Has(again))
	}
	assert.Equal(t, 20, w.Len())
	assert.Equal(t, 2, runs(w))
	for id := range int64(10) {
		assert.True(t, w.Has(at(id, time.Duration(id)*100*time.Millisecond)), "the first use is still known")
		assert.False(t, w.Has(at(id, 15*time.Second)), "nothing happened between the two")
	}
}

// Keys that follow each other but not in time stay two runs: one run would claim both keys for all the time between.
func TestARunDoesNotClaimTheTimeBetweenItsNeighbours(t *testing.T) {
	w := NewWindow(1000)
	w.Mark(at(1, 0), at(2, 40*time.Second))
	assert.Equal(t, 2, runs(w))
	assert.False(t, w.Has(at(1, 20*time.Second)))
	assert.False(t, w.Has(at(2, 20*time.Second)))
	assert.False(t, w.Has(at(1, 40*time.Second)))
}

// The time of a held key told differently, a second on each time, must not drag the run's range on with it.
func TestAMarkOfAHeldKeyDoesNotWidenItsRun(t *testing.T) {
	w := NewWindow(1000)
	w.Mark(at(1, 0), at(1, time.Second))
	assert.Equal(t, 1, w.Len())
	assert.False(t, w.Has(at(1, 2*time.Second)))
}

func TestKeysOutOfOrderJoinToOneRun(t *testing.T) {
	w := NewWindow(1000)
	for _, id := range []int64{5, 1, 3, 2, 4, 4, 9, 7, 8, 6} {
		w.Mark(at(id, time.Duration(id)*time.Millisecond))
	}
	assert.Equal(t, 9, w.Len())
	assert.Equal(t, 1, runs(w))
	assert.Equal(t, run{first: 1, count: 9, oldest: 1, newest: 9}, w.chunks[0].layers[0][0])
}

func TestAKeyMarkedInTwoMinutesOutlivesTheFirst(t *testing.T) {
	w := NewWindow(1000)
	w.Mark(at(1, -time.Millisecond), at(1, 500*time.Millisecond))
	assert.Equal(t, 2, w.Len())
	w.Prune(noon.Add(2 * time.Second))
	assert.True(t, w.Has(at(1, 500*time.Millisecond)))
}

func TestPrune(t *testing.T) {
	tests := []struct {
		name   string
		before time.Duration
		want   int
	}{
		{"before everything", -time.Hour, 3},
		{"within the first chunk", 30 * time.Second, 3},
		{"at its end: a key told a second later is still asked for", time.Minute, 3},
		{"a second after its end", time.Minute + time.Second, 2},
		{"in the last", 2*time.Minute + 30*time.Second, 1},
		{"after everything", time.Hour, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := NewWindow(10)
			w.Mark(at(1, 0), at(2, time.Minute), at(3, 2*time.Minute))
			w.Prune(noon.Add(tt.before))
			assert.Equal(t, tt.want, w.Len())
			assert.Zero(t, w.Dropped(), "what is pruned is not needed any more")
		})
	}
}

func TestOverTheLimitTheOldestChunksAreGivenUpAndCounted(t *testing.T) {
	w := NewWindow(10)
	for i := range int64(4) {
		w.Mark(at(10*i, time.Duration(i)*time.Minute), at(10*i+1, time.Duration(i)*time.Minute), at(10*i+2, time.Duration(i)*time.Minute))
	}
	assert.Equal(t, 9, w.Len())
	assert.Equal(t, 3, w.Dropped())
	assert.False(t, w.Used(2), "of the first minute")
	assert.True(t, w.Used(12))

	smaller, err := DecodeWindow(5, encoded(w))
	require.NoError(t, err)
	assert.Equal(t, 3, smaller.Len())
	assert.Equal(t, 6, smaller.Dropped())

	w.Mark(at(100, time.Hour), at(200, time.Hour), at(300, time.Hour), at(400, time.Hour), at(500, time.Hour), at(600, time.Hour),
		at(700, time.Hour), at(800, time.Hour), at(900, time.Hour), at(1000, time.Hour), at(1100, time.Hour))
	assert.Zero(t, w.Len(), "one minute of more than the limit")
	assert.Equal(t, 23, w.Dropped())
	_, any := w.Lowest()
	assert.False(t, any)
}

// A restore may come in the middle of a busy minute: keys without a hole, and a few seconds later the same keys again.
func TestKeysUsedAgainInABusyMinute(t *testing.T) {
	w := NewWindow(100_000)
	for ms := range int64(20_000) {
		w.Mark(at(ms, time.Duration(ms)*time.Millisecond))
	}
	for id := range int64(10_000) {
		again := at(id, 19*time.Second+time.Duration(id)*time.Millisecond)
		require.False(t, w.Has(again), "key %d", id)
		w.Mark(again)
	}
	assert.Equal(t, 30_000, w.Len())
	assert.LessOrEqual(t, runs(w), 20, "and still few runs")
}

func TestUsedLowestAndHighest(t *testing.T) {
	w := NewWindow(10)
	_, any := w.Lowest()
	assert.False(t, any)
	assert.EqualValues(t, math.MinInt64, w.Highest(100))
	w.Mark(at(7, 90*time.Second), at(8, 90*time.Second), at(-3, 59*time.Second))
	lowest, any := w.Lowest()
	assert.True(t, any)
	assert.EqualValues(t, -3, lowest)
	for limit, want := range map[int64]int64{9: 8, 8: 8, 7: 7, 6: -3, -3: -3, -4: math.MinInt64} {
		assert.Equal(t, want, w.Highest(limit), limit)
	}
	for id, want := range map[int64]bool{-3: true, 7: true, 8: true, 9: false, 0: false} {
		assert.Equal(t, want, w.Used(id), id)
	}
}

// An ID can be new as often as a minute has seconds, not oftener: layers cannot pile up.
func TestAnIDUsedAgainAndAgainIsBounded(t *testing.T) {
	w := NewWindow(1_000_000)
	for ms := range minuteMillis {
		w.Mark(at(1, time.Duration(ms)*time.Millisecond))
	}
	assert.LessOrEqual(t, len(w.chunks[0].layers), maxLayers)
	assert.Equal(t, len(w.chunks[0].layers), w.Len())
	_, err := DecodeWindow(1_000_000, encoded(w))
	assert.NoError(t, err)
}
