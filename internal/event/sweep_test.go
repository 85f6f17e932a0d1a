package event_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// A sweep is as good as a set of keys, also after it was stored.
func TestASweepIsAsGoodAsASet(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		sweep, read, to := event.NewSweep(10, noon), map[int32]bool{}, int32(10)
		for range 300 {
			key := int32(r.IntN(200))
			switch r.IntN(20) {
			case 0:
				sweep.Reach(key, noon)
				to = max(to, key)
			case 1:
				p := event.Cold("uuid", time.Time{}, time.Unix(0, 0))
				p.Sweep = sweep
				head, parts, err := p.Encode()
				require.NoError(t, err)
				p, err = event.DecodePosition(event.PositionVersion, head, parts)
				require.NoError(t, err)
				sweep = p.Sweep
			default:
				sweep.Mark([]event.Event{{Key: key, Keyed: true}, {Key: 199, Keyed: false}}, noon)
				read[key] = true
			}
			for key := range int32(200) {
				require.Equal(t, key <= to || read[key], sweep.Has(key), "key %d", key)
			}
			require.Equal(t, to, sweep.To())
		}
	}
}

func TestASweepAtTheEndsOfTheKeys(t *testing.T) {
	sweep := event.NewSweep(math.MaxInt32-2, noon)
	sweep.Mark([]event.Event{{Key: math.MaxInt32, Keyed: true}, {Key: math.MinInt32, Keyed: true}}, noon)
	assert.True(t, sweep.Has(math.MaxInt32))
	assert.False(t, sweep.Has(math.MaxInt32-1))
	assert.True(t, sweep.Has(math.MinInt32))
}

// Keys with holes between them are not remembered without bound.
func TestASweepIsBounded(t *testing.T) {
	sweep := event.NewSweep(0, noon)
	for key := range int32(15_000) {
		sweep.Mark([]event.Event{{Key: 2*key + 2, Keyed: true}}, noon)
	}
	assert.Greater(t, sweep.To(), int32(25_000))
	assert.True(t, sweep.Has(30_000))
	assert.False(t, sweep.Has(29_999))
}

// A damaged sweep is an error, and not a position that leaves something out.
func TestADamagedSweepIsAnError(t *testing.T) {
	for _, read := range []string{"[5]", "[9,5]", "[3,4]", "[11,12,12,10]"} {
		_, err := event.DecodePosition(event.PositionVersion, []byte(`{"sweep":{"to":4,"read":`+read+`}}`), nil)
		assert.Error(t, err, read)
	}
}

// What was read without a hole need not be swept.
func TestTheNextHoleOfASweep(t *testing.T) {
	sweep := event.NewSweep(10, noon)
	for _, key := range []int32{11, 12, 13, 15, 20, 21, math.MaxInt32} {
		sweep.Mark([]event.Event{{Key: key, Keyed: true}}, noon)
	}
	for key, want := range map[int32]int32{
		math.MinInt32: 13, 0: 13, 10: 13, 12: 13, 13: 13, 14: 15, 15: 15, 16: 16, 19: 21, 20: 21, 22: 22,
		math.MaxInt32 - 1: math.MaxInt32, math.MaxInt32: math.MaxInt32,
	} {
		assert.Equal(t, want, sweep.Past(key), key)
	}
	assert.EqualValues(t, 10, event.NewSweep(10, noon).Past(0))
}

// With a lower key, an event that came after the sweep is of another count of keys. That its end was reached once more tells nothing; a
// record of an older version was stored after it; and where the clock was set back, what is stamped from then on came after.
func TestWhatCameAfterASweep(t *testing.T) {
	stored := func(p event.Position) event.Position {
		head, parts, err := p.Encode()
		require.NoError(t, err)
		p, err = event.DecodePosition(event.PositionVersion, head, parts)
		require.NoError(t, err)
		return p
	}
	at := func(after time.Duration) *event.Event { return &event.Event{Timed: true, Created: noon.Add(after)} }
	p := event.Cold("uuid", noon, noon)
	p.Sweep.Reach(10, noon)
	p.Sweep.Reach(10, noon.Add(time.Hour))
	p.Sweep.Reach(9, noon.Add(time.Hour))
	p = stored(p)
	assert.False(t, p.Sweep.Predates(at(0)))
	assert.True(t, p.Sweep.Predates(at(time.Millisecond)))
	assert.False(t, p.Sweep.Predates(&event.Event{Created: noon.Add(time.Hour)}), "its time is another one's")

	back, set := p.Advance(noon.Add(time.Minute)).Heed(event.Reading{VCenter: noon.Add(-time.Hour), Here: noon}, 10*time.Minute)
	require.True(t, set)
	assert.True(t, back.Sweep.Predates(at(-time.Hour)))

	old, err := event.DecodePosition(event.PositionVersion, []byte(`{"saved_at":"`+noon.Format(time.RFC3339)+`","sweep":{"to":4}}`), nil)
	require.NoError(t, err)
	assert.False(t, old.Sweep.Predates(at(0)))
	assert.True(t, old.Sweep.Predates(at(time.Millisecond)))
}

// Under another filter a sweep looks for nothing from before the position, until one has come to its end; also after it was stored.
func TestASweepUnderAnotherFilter(t *testing.T) {
	p := event.Cold("uuid", noon, noon).Advance(noon.Add(time.Hour))
	p.Sweep.Reach(10, noon)
	p = p.Refilter("new")
	p.Sweep.Reach(20, noon)
	head, parts, err := p.Encode()
	require.NoError(t, err)
	p, err = event.DecodePosition(event.PositionVersion, head, parts)
	require.NoError(t, err)
	assert.Equal(t, noon.Add(time.Hour), p.Sweep.From())
	p.Sweep.End(20, noon)
	assert.Zero(t, p.Sweep.From())
}
