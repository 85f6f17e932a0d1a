package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// backlog measures how a collector that starts drains a history, all of it inside one overlap: every key is remembered.
func backlog(ctx context.Context, l *lab, x extent) ([]measure, error) {
	v, err := l.simulate(ctx, "-history", strconv.Itoa(x.backlog), "-history-span", x.span.String(), "-keep", strconv.Itoa(2*x.backlog))
	if err != nil {
		return nil, err
	}
	var rates, costs, peaks []float64
	for range x.drains {
		d, err := l.drain(ctx, v, x.backlog)
		if err != nil {
			return nil, errors.Join(err, v.stop())
		}
		rates, costs, peaks = append(rates, d.rate()), append(costs, d.cost()), append(peaks, d.peak)
	}
	return []measure{
		{title: "a backlog is drained, with the simulator on the same machine", unit: "events/s", value: quantile(rates, 0.5)},
		{title: "a backlog is drained", unit: "CPU s per 1,000 events", value: quantile(costs, 0.5), digits: 3},
		{title: "peak of resident memory meanwhile", unit: "MiB", value: slices.Max(peaks), most: 150},
	}, v.stop()
}

// drained is what a collector took for a backlog, from the first request of the back end to the last.
type drained struct {
	events int
	wall   time.Duration
	cpu    time.Duration
	peak   float64 // MiB, since it was started
}

func (d drained) rate() float64 { return float64(d.events) / d.wall.Seconds() }
func (d drained) cost() float64 { return d.cpu.Seconds() / float64(d.events) * 1000 }

func (l *lab) drain(ctx context.Context, v *vcenter, n int) (d drained, err error) {
	s, err := l.follow(ctx, v, configuration{StartAt: "beginning"})
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	begin, err := s.reach(ctx, 1)
	if err != nil {
		return d, err
	}
	end, err := s.reach(ctx, n)
	if err != nil {
		return d, err
	}
	d.events, d.wall, d.cpu = end.events-begin.events, end.at.Sub(begin.at), end.cpu-begin.cpu
	if d.events == 0 {
		return d, fmt.Errorf("a backlog of %d events is too small to be measured", n)
	}
	d.peak, err = s.collector.memory("VmHWM")
	return d, err
}

// milestone is how far a collector has got.
type milestone struct {
	events int
	at     time.Time
	cpu    time.Duration
}

// reach waits until so many records have arrived. What it takes to start is spent by the first.
func (s *setup) reach(ctx context.Context, n int) (m milestone, err error) {
	if err := s.arrived(ctx, n); err != nil {
		return m, err
	}
	m.events, m.at = s.backend.count(), time.Now()
	m.cpu, err = s.collector.cpu()
	return m, err
}
