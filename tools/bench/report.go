package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// measure is one number, and the goal that it has where it has one.
type measure struct {
	title  string
	value  float64
	digits int // after the point
	unit   string
	most   float64 // the goal: the value is at most this; 0: no goal
}

// report prints measures, and fails when one has missed its goal.
func report(out io.Writer, measures []measure) (err error) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tmeasured\tunit\tgoal\t")
	for _, m := range measures {
		goal, met := atMost(m.value, m.most)
		if !met {
			err = errors.Join(err, fmt.Errorf("%w: %s", errMissed, m.title))
		}
		fmt.Fprintf(w, "%s\t%.*f\t%s\t%s\t\n", m.title, m.digits, m.value, m.unit, goal)
	}
	return errors.Join(w.Flush(), err)
}
