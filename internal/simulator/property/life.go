package property

import (
	"context"
	"math/rand/v2"
	"time"
)

// everyday is what happens by itself, as often as it stands here. As many machines come as go.
var everyday = []string{
	"storm", "storm", "storm", "storm", "storm", "storm", "storm", "storm", "storm", "storm", "storm", "storm",
	"quickstats", "grow", "fill", "tag", "untag", "unsnapshot", "clone", "delete", "alarm",
}

// SetRate is how many changes a second Run makes, from now on.
func (i *Inventory) SetRate(perSecond float64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rate = perSecond
}

// Rate is the rate.
func (i *Inventory) Rate() float64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.rate
}

// tick is how often Run looks whether a change is due.
const tick = 50 * time.Millisecond

// Run lets life go on at the rate until the context is done.
func (i *Inventory) Run(ctx context.Context) {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	random := rand.New(rand.NewPCG(i.settings.Seed, 1))
	due := 0.0
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			due += i.Rate() * now.Sub(last).Seconds()
			last = now
			for ; due >= 1; due-- {
				_, _ = i.Play(everyday[random.IntN(len(everyday))], 1) // there may be nothing that it can happen to
			}
		}
	}
}
