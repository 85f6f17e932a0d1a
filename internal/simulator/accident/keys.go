package accident

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// ofKeys are the accidents of keys. They are over at once, and hold for the events to come. A vCenter whose keys begin anew a second time
// within minutes, with events of three counts that were not read yet, is more than years bring.
var ofKeys = []Kind{
	{Name: "keys-restart", Weight: 1, Once: true, About: "keys begin again at 1", draw: moment, play: keys(restarted)},
	{Name: "keys-reused", Weight: 2, About: "the last n keys are used again", draw: number(10, 200), play: keys(reused)},
	{Name: "keys-overflow", Weight: 1, Once: true, About: "the next n keys are the greatest, and then they are negative", draw: number(0, 20), play: keys(overflow)},
}

func restarted(int32, int) int32    { return 1 }
func overflow(_ int32, n int) int32 { return math.MaxInt32 - int32(n) }

func reused(next int32, n int) int32 {
	if next > 0 {
		return max(1, next-int32(n))
	}
	return next - int32(n)
}

// quiet is how far from all others an event is that uses a key again: a vCenter that was restored was down before.
// Without that nobody could tell it from the event that it is not.
const quiet = 1500 * time.Millisecond

var errRestless = errors.New("there are always events of just now: no key can be used again")

// keys changes the next key, in a silence.
func keys(next func(last int32, n int) int32) func(context.Context, *Stage, Accident) (mend, error) {
	return func(ctx context.Context, s *Stage, a Accident) (mend, error) {
		rate := s.traffic.Rate()
		s.traffic.SetRate(0)
		defer s.traffic.SetRate(rate)
		for tries := 0; !s.silent(); tries++ {
			if tries == 15 || ctx.Err() != nil {
				return nil, errRestless
			}
			pause(ctx, quiet/3)
		}
		j := s.sim.Journal()
		j.SetNextKey(next(j.NextKey(), a.N))
		s.restored = s.sim.Now()
		return nil, nil
	}
}

// silent tells whether none of the last events happened just now, by the vCenter's clock or by ours.
func (s *Stage) silent() bool {
	const last = 5000
	now := s.sim.Now()
	entries := s.sim.Journal().Entries()
	for _, e := range slices.Backward(entries[max(0, len(entries)-last):]) {
		ahead := e.Created().Sub(now)
		if time.Since(e.Inserted()) < quiet || -quiet < ahead && ahead < time.Minute {
			return false
		}
	}
	return true
}

// bounded is a shift in time that does not lead to before the last change of keys, for the same reason.
func (s *Stage) bounded(shift time.Duration) time.Duration {
	return max(shift, min(0, s.restored.Sub(s.sim.Now())))
}
