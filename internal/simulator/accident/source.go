package accident

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Source plays what a seed has, one after another, and remembers it. Next and Play are for one goroutine at a time.
type Source struct {
	seed  uint64
	plan  plan
	stage *Stage
	drawn bool // one of those that are drawn once

	mu     sync.Mutex // guards the field below
	played []Played
}

// New returns the source of a seed. What cannot be played on the stage is not drawn, as if Options.Without named it.
func New(seed uint64, stage *Stage, o Options) (*Source, error) {
	for _, k := range Kinds() {
		if stage.can(k) != nil {
			o.Without = append(slices.Clip(o.Without), k.Name)
		}
	}
	p, err := newPlan(seed, o)
	if err != nil {
		return nil, err
	}
	return &Source{seed: seed, plan: p, stage: stage}, nil
}

// Seed is the seed.
func (s *Source) Seed() uint64 { return s.seed }

// Next waits for the next accident, plays it and tells what was played. Its error is that of the context.
func (s *Source) Next(ctx context.Context) (Played, error) {
	n := len(s.Played())
	a := s.plan.at(n, s.drawn)
	s.drawn = s.drawn || s.plan.once(a.Kind)
	pause(ctx, time.Duration(a.After))
	if err := ctx.Err(); err != nil {
		return Played{}, err
	}
	begun := time.Now()
	p := Played{Number: n + 1, Accident: a, At: begun}
	if err := s.stage.Play(ctx, a); err != nil {
		p.Error = err.Error()
	}
	p.Took = Duration(time.Since(begun))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played = append(s.played, p)
	return p, ctx.Err()
}

// Play plays n accidents, or without end where n is 0, until the context is done.
func (s *Source) Play(ctx context.Context, n int) {
	for i := 0; n == 0 || i < n; i++ {
		if _, err := s.Next(ctx); err != nil {
			return
		}
	}
}

// Played is what was played so far, oldest first.
func (s *Source) Played() []Played {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.played)
}
