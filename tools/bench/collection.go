package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// collecting is the benchmark of a collection of metrics. Its client of govmomi asks as contrib's receiver does, and makes no OTLP of
// it.
const collecting = "BenchmarkCollection"

// part is a part of a collection.
type part struct {
	phase
	goal
}

// goal is what a part may cost: at most so many requests, and one part of so many of govmomi's. What is 0 is no goal.
type goal struct {
	free                         bool // no request at all
	requests, bytes, cpu, allocs float64
}

var parts = []part{
	{phase: phase{client: "govmomi", name: "collection", title: "govmomi asks for all, without OTLP"}},
	{phase: phase{client: "ours", name: "totals", title: "ours without the poll, without OTLP of objects"}, goal: goal{free: true, cpu: 20}},
	{phase: phase{client: "ours", name: "pushed", title: "ours without the poll, with OTLP"}},
	{phase: phase{client: "ours", name: "poll", title: "ours polls what is not pushed"}, goal: goal{requests: 12, bytes: 3, cpu: 4, allocs: 4}},
	{phase: phase{client: "ours", name: "conversion", title: "that and what is pushed becomes OTLP"}},
	{phase: phase{client: "ours", name: "together", title: "both"}, goal: goal{cpu: 2}},
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
	shares := share(theirs.bytes(), s.bytes()) + "\t" + share(theirs.cpu, s.cpu) + "\t" + share(theirs.allocs, s.allocs) + "\t"
	if vms != exemplary || p.goal == (goal{}) {
		return shares
	}
	verdict, _ := judged(p.goal.String(), p.goal.met(s, theirs))
	return shares + verdict
}

// share is which part ours is of theirs.
func share(theirs, ours float64) string {
	if ours == 0 {
		return ""
	}
	return fmt.Sprintf("1/%.1f", theirs/ours)
}

func (g goal) String() string {
	var all []string
	switch {
	case g.free:
		all = append(all, "0 requests")
	case g.requests > 0:
		all = append(all, fmt.Sprintf("%.0f requests", g.requests))
	}
	for _, part := range []struct {
		name string
		of   float64
	}{{"bytes", g.bytes}, {"CPU", g.cpu}, {"allocations", g.allocs}} {
		if part.of > 0 {
			all = append(all, fmt.Sprintf("%s 1/%.0f", part.name, part.of))
		}
	}
	return strings.Join(all, ", ")
}

func (g goal) met(ours, theirs spending) bool {
	return (!g.free || ours.requests == 0) && (g.requests == 0 || ours.requests <= g.requests) &&
		g.bytes*ours.bytes() <= theirs.bytes() && g.cpu*ours.cpu <= theirs.cpu && g.allocs*ours.allocs <= theirs.allocs
}
