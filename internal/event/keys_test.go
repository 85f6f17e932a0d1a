package event_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// follower notes keys and marks them, as the receiver does.
type follower struct {
	keys   event.Keys
	window *dedup.Window
}

func (f *follower) anew(key int32, created time.Duration) bool {
	e := event.Event{Key: key, Keyed: true, Created: time.Unix(1e9, 0).Add(created), Timed: true}
	_, anew := f.keys.Anew(&e, f.window)
	f.window.Mark(e.Identity())
	return anew
}

func TestKeysThatCountAnew(t *testing.T) {
	const minute = time.Minute
	type step struct {
		key  int32
		at   time.Duration
		anew bool
	}
	for name, steps := range map[string][]step{
		"one after the other":                 {{1, 0, false}, {2, 1, false}, {9, 2, false}, {math.MaxInt32, 3, false}},
		"a late event, in order of insertion": {{100, minute, false}, {101, 0, false}, {102, minute, false}},
		"a late event, in order of creation":  {{100, 0, false}, {150, 1, false}, {101, 2, false}, {102, 3, false}, {151, 4, false}},
		"late events only, read again":        {{100, minute, false}, {99, 0, false}, {98, 0, false}},
		"reset to keys never seen":            {{100, 0, false}, {101, 1, false}, {1, minute, true}, {2, minute, false}},
		"reset to keys in use":                {{1, 0, false}, {2, 1, false}, {3, 2, false}, {2, minute, true}, {3, minute, false}, {4, minute, false}},
		"overflow":                            {{math.MaxInt32, 0, false}, {math.MinInt32, 1, true}, {math.MinInt32 + 1, 2, false}},
		"twice":                               {{5, 0, false}, {1, minute, true}, {2, minute, false}, {1, 2 * minute, true}},
		"without an event before":             {{5, 0, false}},
	} {
		t.Run(name, func(t *testing.T) {
			f := follower{window: dedup.NewWindow(1000)}
			for i, s := range steps {
				assert.Equal(t, s.anew, f.anew(s.key, s.at), "step %d", i)
			}
		})
	}
}

// What was delivered before a restart is in the window: vCenter may have been restored meanwhile.
func TestKeysThatCountAnewAfterARestart(t *testing.T) {
	f := follower{window: dedup.NewWindow(1000)}
	for key := range int32(10) {
		f.anew(100+key, time.Duration(key))
	}
	f.keys = event.Keys{}
	again := event.Event{Key: 103, Keyed: true, Created: time.Unix(1e9, 0).Add(time.Minute), Timed: true}
	before, anew := f.keys.Anew(&again, f.window)
	assert.True(t, anew)
	assert.EqualValues(t, 109, before)
	f.window.Mark(again.Identity())
	f.keys = event.Keys{}
	assert.False(t, f.anew(200, 2*time.Minute))
}

func TestAnEventWithoutAKeySaysNothing(t *testing.T) {
	f := follower{window: dedup.NewWindow(1000)}
	f.anew(100, 0)
	_, anew := f.keys.Anew(&event.Event{Hash: 7, Created: time.Unix(2e9, 0)}, f.window)
	assert.False(t, anew)
}

// Where nothing else was delivered yet, the first key says nothing either: what stands for an event without one is higher than any.
func TestTheFirstKeyBehindAnEventWithoutOne(t *testing.T) {
	f := follower{window: dedup.NewWindow(1000)}
	nameless := event.Event{Hash: 7, Created: time.Unix(1e9, 0), Timed: true}
	f.window.Mark(nameless.Identity())
	assert.False(t, f.anew(100, time.Minute))
	assert.False(t, f.anew(101, time.Minute))
}
