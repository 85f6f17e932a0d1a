package main

import (
	"context"
	"errors"
	"time"
)

// idle measures what a collector holds that is connected and waits.
func idle(ctx context.Context, l *lab, x extent) (all []measure, err error) {
	v, err := l.simulate(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	s, err := l.follow(ctx, v, configuration{StartAt: "end"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.tailing(ctx); err != nil {
		return nil, err
	}
	if err := rest(ctx, x.rest); err != nil {
		return nil, err
	}
	resident, err := s.collector.memory("VmRSS")
	return []measure{{title: "resident memory while nothing happens", unit: "MiB", value: resident}}, err
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
