package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// comparison is one line of the table: two sub-benchmarks that do the same. What govmomi does is the less: it decodes.
type comparison struct {
	title     string
	pkg       string
	benchmark string
	ours      string // sub-benchmark
	theirs    string // sub-benchmark
	unit      string // that go test reports
	scale     float64
	shown     string  // the unit of a value by scale
	ratio     float64 // the goal: ours is at most one part of so many of theirs; 0: no goal
	most      float64 // the goal: ours is at most this; 0: no goal
}

var errMissed = errors.New("a goal is missed")

// table prints the comparisons, and fails when one has missed its goal or was not measured.
func table(out io.Writer, comparisons []comparison, r results) (err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tunit\tours\tgovmomi\tratio\tgoal\t")
	for _, c := range comparisons {
		ours, theirs := r[c.benchmark+"/"+c.ours][c.unit], r[c.benchmark+"/"+c.theirs][c.unit]
		if len(ours) == 0 || len(theirs) == 0 {
			err = errors.Join(err, fmt.Errorf("%s of %s has no %s of %s and %s", c.benchmark, c.pkg, c.unit, c.ours, c.theirs))
			continue
		}
		quotient, goal, met := c.judge(ours, theirs)
		if !met {
			err = errors.Join(err, fmt.Errorf("%w: %s, %s", errMissed, c.benchmark, c.shown))
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%.1f\t%s\t%s\t\n",
			c.title, c.shown, quantile(ours, 0.5)/c.scale, quantile(theirs, 0.5)/c.scale, quotient, goal)
	}
	return errors.Join(w.Flush(), err)
}

// judge gives the quotient where it is the goal: next to nothing is a thousandth part of anything.
func (c comparison) judge(ours, theirs []float64) (quotient, goal string, met bool) {
	if c.ratio == 0 {
		goal, met = atMost(quantile(ours, 0.5)/c.scale, c.most)
		return "", goal, met
	}
	of := quantile(quotients(ours, theirs), 0.5)
	goal, met = judged(fmt.Sprintf("1/%.0f", c.ratio), of >= c.ratio)
	return fmt.Sprintf("1/%.1f", of), goal, met
}

// quotients are those of runs that were made in one process, one after the other.
func quotients(ours, theirs []float64) (all []float64) {
	for i := range min(len(ours), len(theirs)) {
		all = append(all, theirs[i]/ours[i])
	}
	return all
}

// atMost judges a value by the most that it should be; 0: it may be anything.
func atMost(value, most float64) (goal string, met bool) {
	if most == 0 {
		return "", true
	}
	return judged(fmt.Sprintf("%.0f", most), value <= most)
}

func judged(goal string, met bool) (string, bool) {
	if !met {
		return goal + " missed", false
	}
	return goal + " met", true
}
