package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// settings is what the command line says.
type settings struct {
	collector string        // the program otelcol-vcenter
	config    string        // its configuration, with a pipeline of logs and one of metrics
	simulator string        // the program vcenter-sim; empty: the vCenter of the configuration
	dir       string        // where history, checkpoint and logs are kept; empty: nothing is kept
	duration  time.Duration // how long to follow; 0: until a signal
}

func parse(args []string) (s settings, err error) {
	flags := flag.NewFlagSet("console", flag.ContinueOnError)
	flags.StringVar(&s.collector, "collector", "bin/otelcol-vcenter", "the collector's `program`")
	flags.StringVar(&s.config, "config", "config/console.yaml", "the collector's configuration `file`")
	flags.StringVar(&s.simulator, "simulator", "", "start this `program` as the vCenter to follow")
	flags.StringVar(&s.dir, "dir", "", "keep history, checkpoint and logs in this `folder`")
	flags.DurationVar(&s.duration, "duration", 0, "stop by itself after this long")
	return s, flags.Parse(args)
}

func main() {
	s, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := follow(ctx, s, newPrinter(os.Stdout, isTerminal(os.Stdout))); err != nil {
		fmt.Fprintln(os.Stderr, "console:", err)
		stop()
		os.Exit(1)
	}
}

// isTerminal tells whether colours help; see https://no-color.org.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
