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
	return shares + p.goal.judge(s, theirs)
}

// share is which part ours is of theirs.
func share(theirs, ours float64) string {
	if ours == 0 {
		return ""
	}
	return fmt.Sprintf("1/%.1f", theirs/ours)
}

// judge says of each part of a goal whether it is met.
func (g goal) judge(ours, theirs spending) string {
	var all []string
	say := func(what string, met bool) {
		verdict, _ := judged(what, met)
		all = append(all, verdict)
	}
	if g.free || g.requests > 0 {
		say(fmt.Sprintf("%.0f requests", g.requests), ours.requests <= g.requests)
	}
	for _, part := range []struct {
		name             string
		of, ours, theirs float64
	}{{"bytes", g.bytes, ours.bytes(), theirs.bytes()}, {"CPU", g.cpu, ours.cpu, theirs.cpu}, {"allocations", g.allocs, ours.allocs, theirs.allocs}} {
		if part.of > 0 {
			say(fmt.Sprintf("%s 1/%.0f", part.name, part.of), part.of*part.ours <= part.theirs)
		}
	}
	return strings.Join(all, ", ")
}
