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
		ours, ok1 := r.median(c.benchmark+"/"+c.ours, c.unit)
		theirs, ok2 := r.median(c.benchmark+"/"+c.theirs, c.unit)
		if !ok1 || !ok2 {
			err = errors.Join(err, fmt.Errorf("%s of %s has no %s of %s and %s", c.benchmark, c.pkg, c.unit, c.ours, c.theirs))
			continue
		}
		ours, theirs = ours/c.scale, theirs/c.scale
		goal, met := c.judge(ours, theirs)
		if !met {
			err = errors.Join(err, errMissed)
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%.1f\t%s\t%s\t\n", c.title, c.shown, ours, theirs, c.quotient(ours, theirs), goal)
	}
	return errors.Join(w.Flush(), err)
}

// quotient is left out where it is no goal: next to nothing is a thousandth part of anything.
func (c comparison) quotient(ours, theirs float64) string {
	if c.ratio == 0 {
		return ""
	}
	return fmt.Sprintf("1/%.1f", theirs/ours)
}

func (c comparison) judge(ours, theirs float64) (goal string, met bool) {
	switch met = true; {
	case c.ratio > 0:
		goal, met = fmt.Sprintf("1/%.0f", c.ratio), ours*c.ratio <= theirs
	case c.most > 0:
		goal, met = fmt.Sprintf("%.0f", c.most), ours <= c.most
	default:
		return "", true
	}
	if !met {
		return goal + " missed", met
	}
	return goal + " met", met
}
