package traffic

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Sink takes events, in chains that belong together. journal.Journal's AppendChains is one.
type Sink func(chains ...[]types.BaseEvent)

// Producer makes events. It is safe for concurrent use.
type Producer struct {
	inventory Inventory
	sink      Sink

	mu     sync.Mutex // guards the fields below
	random *rand.Rand
	rest   []types.BaseEvent // of a story that was cut
	rate   float64           // events a second
}

// New returns a producer over an inventory that is not empty.
func New(seed uint64, inventory Inventory, sink Sink) *Producer {
	return &Producer{inventory: inventory, sink: sink, random: rand.New(rand.NewPCG(seed, 0))}
}

// Burst sends n events at once. They have no times: they happen now.
func (p *Producer) Burst(n int) {
	if n > 0 {
		p.sink(p.Chains(n)...)
	}
}

// History sends n events, spread over the time from begin to end, oldest first.
func (p *Producer) History(n int, begin, end time.Time) {
	if n <= 0 {
		return
	}
	chains := p.Chains(n)
	step := end.Sub(begin) / time.Duration(n)
	for i, e := range slices.Concat(chains...) {
		e.GetEvent().CreatedTime = begin.Add(time.Duration(i) * step).UTC().Truncate(time.Microsecond)
	}
	p.sink(chains...)
}

// SetRate is how many events a second Run sends, from now on.
func (p *Producer) SetRate(perSecond float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = perSecond
}

// Rate is the rate.
func (p *Producer) Rate() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rate
}

// tick is how often Run sends.
const tick = 20 * time.Millisecond

// Run sends events at the rate until the context is done.
func (p *Producer) Run(ctx context.Context) {
	clock := time.NewTicker(tick)
	defer clock.Stop()
	due := 0.0
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			due += p.Rate() * now.Sub(last).Seconds()
			last = now
			p.Burst(int(due))
			due -= float64(int(due))
		}
	}
}

// Chains makes n events and does not send them. What is left of the last story begins the next.
func (p *Producer) Chains(n int) (chains [][]types.BaseEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n > 0 {
		chain := p.rest
		if len(chain) == 0 {
			chain = p.story()
		}
		cut := min(n, len(chain))
		chains, p.rest = append(chains, chain[:cut]), chain[cut:]
		n -= cut
	}
	return chains
}
