package e2e

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

// The flags of a soak; `make soak` sets them.
var (
	soakDuration = flag.Duration("soak.duration", time.Minute, "how long a soak plays accidents")
	soakSeed     = flag.Uint64("soak.seed", 0, "seed of a soak: the same seed, the same accidents; 0: a fresh one")
	soakKills    = flag.Int("soak.kills", 0, "kill the collector so many times, and play no longer than that takes")
	soakKeep     = flag.Bool("soak.keep", false, "keep the recorded run though nothing is wrong with it")
)

// TestSoak runs random traffic, plays random accidents, lets everything drain, and judges what was recorded.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(rand.Uint32())
	}
	p := newPlan(seed, *soakDuration, *soakKills)
	t.Logf("soak: %s", p)
	s := newSoak(t, p)
	s.play(t)
	s.calm(t)
	s.judge(t)
}
