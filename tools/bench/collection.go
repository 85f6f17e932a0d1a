package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// collecting is the benchmark of a collection of metrics. Its client of govmomi asks as contrib's receiver does, and makes no OTLP of
// it.
const collecting = "BenchmarkCollection"

// part is a part of a collection.
type part struct {
	phase
	requests, bytes, cpu, allocs float64 // the goals: at most so many requests, and one part of so many of govmomi's; 0: none
}

var parts = []part{
	{phase: phase{client: "govmomi", name: "collection", title: "govmomi asks for all, without OTLP"}},
	{phase: phase{client: "ours", name: "poll", title: "ours polls what is not pushed"}, requests: 12, bytes: 3, cpu: 4, allocs: 4},
	{phase: phase{client: "ours", name: "conversion", title: "that and what is pushed becomes OTLP"}},
	{phase: phase{client: "ours", name: "together", title: "both"}, cpu: 2},
	{phase: phase{client: "ours", name: "pushed", title: "what is pushed alone becomes OTLP"}},
}

// gather runs the benchmark of a collection, as keep does that of a minute.
func gather(ctx context.Context, dir, work string, estates []int) (results, error) {
	return inhabit(ctx, collecting, dir, work, estates)
}

// collected prints what a collection costs, and fails when that was not measured.
func collected(out io.Writer, r results, estates []int) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\trequests\tKiB in\tKiB out\tCPU ms\tallocations\tMiB allocated\tof bytes\tof CPU\tof allocations\tgoals\t")
	var failed error
	for _, vms := range estates {
		fmt.Fprintf(w, "%d VMs\t\t\t\t\t\t\t\t\t\t\t\n", vms)
		theirs, err := parts[0].spent(collecting, r, vms)
		failed = errors.Join(failed, err)
		for _, p := range parts {
			s, err := p.spent(collecting, r, vms)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.1f\t%.1f\t%.0f\t%.1f\t%s\t\n", p.title,
				s.requests, s.in/1024, s.out/1024, s.cpu/1e6, s.allocs, s.allocated/(1<<20), p.judge(s, theirs, vms))
		}
	}
	return errors.Join(failed, w.Flush())
}

// judge are the last columns of a line.
func (p part) judge(s, theirs spending, vms int) string {
	if p.client == "govmomi" {
		return "\t\t\t"
	}
	share := func(theirs, ours float64) (string, float64) {
		if ours == 0 {
			return "", 0
		}
		return fmt.Sprintf("1/%.1f", theirs/ours), theirs / ours
	}
	bytes, ofBytes := share(theirs.bytes(), s.bytes())
	cpu, ofCPU := share(theirs.cpu, s.cpu)
	allocs, ofAllocs := share(theirs.allocs, s.allocs)
	if vms != exemplary || p.cpu == 0 {
		return bytes + "\t" + cpu + "\t" + allocs + "\t"
	}
	goal := fmt.Sprintf("CPU 1/%.0f", p.cpu)
	met := ofCPU >= p.cpu
	if p.requests > 0 {
		goal = fmt.Sprintf("%.0f requests, bytes 1/%.0f, CPU 1/%.0f, allocations 1/%.0f", p.requests, p.bytes, p.cpu, p.allocs)
		met = met && s.requests <= p.requests && ofBytes >= p.bytes && ofAllocs >= p.allocs
	}
	goal, _ = judged(goal, met)
	return bytes + "\t" + cpu + "\t" + allocs + "\t" + goal
}
