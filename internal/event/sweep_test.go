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
		sweep, read, to := event.NewSweep(10), map[int32]bool{}, int32(10)
		for range 300 {
			key := int32(r.IntN(200))
			switch r.IntN(20) {
			case 0:
				sweep.Reach(key)
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
				sweep.Mark([]event.Event{{Key: key, Keyed: true}, {Key: 199, Keyed: false}})
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
	sweep := event.NewSweep(math.MaxInt32 - 2)
	sweep.Mark([]event.Event{{Key: math.MaxInt32, Keyed: true}, {Key: math.MinInt32, Keyed: true}})
	assert.True(t, sweep.Has(math.MaxInt32))
	assert.False(t, sweep.Has(math.MaxInt32-1))
	assert.True(t, sweep.Has(math.MinInt32))
}

// Keys with holes between them are not remembered without bound.
func TestASweepIsBounded(t *testing.T) {
	sweep := event.NewSweep(0)
	for key := range int32(15_000) {
		sweep.Mark([]event.Event{{Key: 2*key + 2, Keyed: true}})
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
	sweep := event.NewSweep(10)
	for _, key := range []int32{11, 12, 13, 15, 20, 21, math.MaxInt32} {
		sweep.Mark([]event.Event{{Key: key, Keyed: true}})
	}
	for key, want := range map[int32]int32{
		math.MinInt32: 13, 0: 13, 10: 13, 12: 13, 13: 13, 14: 15, 15: 15, 16: 16, 19: 21, 20: 21, 22: 22,
		math.MaxInt32 - 1: math.MaxInt32, math.MaxInt32: math.MaxInt32,
	} {
		assert.Equal(t, want, sweep.Past(key), key)
	}
	assert.EqualValues(t, 10, event.NewSweep(10).Past(0))
}
