package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// rate is that of the events whose latencies are measured.
const rate = 100 // a second

// latency measures the time from the insertion of an event in the simulated vCenter, which is its createdTime, to the
// consumer. Both clocks are this machine's; createdTime is cut to the microsecond.
func latency(ctx context.Context, l *lab, x extent) (all []measure, err error) {
	disk, err := l.fsync()
	if err != nil {
		return nil, err
	}
	v, err := l.simulate(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.stop()) }()
	without, with, err := l.bothWays(ctx, v, x)
	if err != nil {
		return nil, err
	}
	all = append(quantiles("fsync: false", without), quantiles("fsync: true", with)...)
	return append(all, measure{title: "one fsync of this disk takes", unit: "ms, median", value: disk, digits: 1}), nil
}

// bothWays measures without fsync and with it, in turns: what else the machine does is the same for both.
func (l *lab) bothWays(ctx context.Context, v *vcenter, x extent) (without, with []float64, err error) {
	for range x.rounds {
		off, err := l.latencies(ctx, v, false, x.window/time.Duration(x.rounds))
		if err != nil {
			return nil, nil, err
		}
		on, err := l.latencies(ctx, v, true, x.window/time.Duration(x.rounds))
		if err != nil {
			return nil, nil, err
		}
		without, with = append(without, off...), append(with, on...)
	}
	return without, with, nil
}

// latencies are those of a window of time, in milliseconds.
func (l *lab) latencies(ctx context.Context, v *vcenter, fsync bool, window time.Duration) (ms []float64, err error) {
	s, err := l.follow(ctx, v, configuration{StartAt: "end", Fsync: fsync})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.tailing(ctx); err != nil {
		return nil, err
	}
	before, n := s.backend.count(), int(window.Seconds()*rate)
	if err := v.happen(ctx, n, rate); err != nil {
		return nil, err
	}
	if err := s.arrived(ctx, before+n); err != nil {
		return nil, err
	}
	for _, a := range s.backend.since(before) {
		ms = append(ms, a.latency().Seconds()*1000)
	}
	return ms, nil
}

func quantiles(setting string, ms []float64) []measure {
	title := fmt.Sprintf("an event arrives, at %d a second, %s", rate, setting)
	return []measure{
		{title: title, unit: "ms, median", value: quantile(ms, 0.5), digits: 1, most: 50},
		{unit: "ms, p95", value: quantile(ms, 0.95), digits: 1},
		{unit: "ms, p99", value: quantile(ms, 0.99), digits: 1},
	}
}
