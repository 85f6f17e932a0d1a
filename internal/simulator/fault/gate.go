package fault

import (
	"context"
	"sync"
	"time"
)

// Gate is where exchanges are held: until it is released, or each for a while.
type Gate struct {
	pause   time.Duration // of each; 0: until released
	arrive  sync.Once
	arrived chan struct{}
	release sync.Once
	open    chan struct{}
}

// NewGate is shut until Release.
func NewGate() *Gate { return After(0) }

// After holds each exchange that arrives for so long.
func After(pause time.Duration) *Gate {
	return &Gate{pause: pause, arrived: make(chan struct{}), open: make(chan struct{})}
}

// Release lets pass all that is held, and all that comes.
func (g *Gate) Release() { g.release.Do(func() { close(g.open) }) }

// Arrived is closed when the first exchange is held.
func (g *Gate) Arrived() <-chan struct{} { return g.arrived }

func (g *Gate) wait(ctx context.Context) error {
	g.arrive.Do(func() { close(g.arrived) })
	var pause <-chan time.Time
	if g.pause > 0 {
		timer := time.NewTimer(g.pause)
		defer timer.Stop()
		pause = timer.C
	}
	select {
	case <-g.open:
	case <-pause:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
