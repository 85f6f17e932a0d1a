package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	dir := flag.String("C", ".", "the `folder` of the module, with the built programs in its bin")
	count := flag.Int("count", 5, "runs of each benchmark; the median of their ratios counts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, *dir, *count, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func bench(ctx context.Context, dir string, count int, out io.Writer) (err error) {
	work, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	fmt.Fprintf(out, "each benchmark runs %d times for a second, each way in turns: a minute or so\n\n", count)
	results, err := compare(ctx, dir, work, count)
	if err != nil {
		return err
	}
	goals := table(out, comparisons, results)
	fmt.Fprint(out, "\ninventories are read, and kept for a minute in which nothing changes and one in which 1 % do: a minute or so\n\n")
	if err := inventories(ctx, dir, work, out); err != nil {
		return errors.Join(goals, err)
	}
	fmt.Fprint(out, "\nmetrics are collected, those that are on by default: a minute or so\n\n")
	if err := collections(ctx, dir, work, out); err != nil {
		return errors.Join(goals, err)
	}
	if runtime.GOOS != "linux" {
		fmt.Fprintln(out, "\nwhat the programs cost is read from /proc, which only Linux has: not measured")
		return goals
	}
	fmt.Fprint(out, "\nthe built programs run for a minute or two\n\n")
	measures, err := programs(ctx, dir, full)
	if err != nil {
		return errors.Join(goals, err)
	}
	return errors.Join(goals, report(out, measures))
}

// inventories are of one making, that of the simulated vCenter: a goal that is missed there is told, and fails nothing.
func inventories(ctx context.Context, dir, work string, out io.Writer) error {
	results, err := keep(ctx, dir, work, estates)
	if err != nil {
		return err
	}
	if err := keeping(out, results, estates); err != nil {
		return err
	}
	measures, err := largest(results, slices.Max(estates))
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	if err := report(out, measures); !errors.Is(err, errMissed) {
		return err
	}
	return nil
}

// collections are of inventories of the same making.
func collections(ctx context.Context, dir, work string, out io.Writer) error {
	results, err := gather(ctx, dir, work, estates)
	if err != nil {
		return err
	}
	return collected(out, results, estates)
}

// extent is how much is measured.
type extent struct {
	backlog int           // events
	span    time.Duration // of the backlog, inside one overlap of 10 minutes
	drains  int           // of the backlog, each by a new collector
	window  time.Duration // of the latencies, for each setting
	rounds  int           // of the settings, one after the other
	rest    time.Duration // before idle memory is read
}

var full = extent{backlog: 200_000, span: 8 * time.Minute, drains: 3, window: 10 * time.Second, rounds: 2, rest: 5 * time.Second}

// experiments are what is measured of the built programs.
var experiments = []func(context.Context, *lab, extent) ([]measure, error){backlog, latency, idle, size}

func programs(ctx context.Context, dir string, x extent) (all []measure, err error) {
	l, err := newLab(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, experiment := range experiments {
		found, err := experiment(ctx, l, x)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
