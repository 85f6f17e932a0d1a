package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// comparisons are what is compared with govmomi. A page has 1,000 typical events.
var comparisons = []comparison{
	{title: "a page is decoded", pkg: "./internal/event", benchmark: "BenchmarkDecode",
		ours: "ours", theirs: "govmomi", unit: "cpu-ns/event", scale: 1e3, shown: "CPU µs/event", ratio: 10},
	{pkg: "./internal/event", benchmark: "BenchmarkDecode",
		ours: "ours", theirs: "govmomi", unit: "allocs/event", scale: 1, shown: "allocs/event", most: 25},
	{title: "a page goes the whole way to a consumer", pkg: "./receiver", benchmark: "BenchmarkPath",
		ours: "body-to-consumer", theirs: "govmomi-decode", unit: "cpu-ns/event", scale: 1e3, shown: "CPU µs/event", ratio: 4},
	{pkg: "./receiver", benchmark: "BenchmarkPath",
		ours: "body-to-consumer", theirs: "govmomi-decode", unit: "allocs/event", scale: 1, shown: "allocs/event"},
}

// compare runs the benchmarks of all comparisons.
func compare(ctx context.Context, dir string, count int) (_ results, err error) {
	work, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	results := results{}
	for _, c := range comparisons {
		if _, known := results[c.benchmark+"/"+c.ours]; known {
			continue
		}
		if err := c.run(ctx, dir, filepath.Join(work, c.benchmark), count, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// run runs the benchmark of a comparison, both ways of it in turns: a machine that is busy now is so for both.
func (c comparison) run(ctx context.Context, dir, program string, count int, r results) error {
	if _, err := c.execute(ctx, dir, "go", "test", "-c", "-o", program, c.pkg); err != nil {
		return err
	}
	for range count {
		output, err := c.execute(ctx, filepath.Join(dir, c.pkg), program, "-test.run=^$", "-test.bench=^"+c.benchmark+"$")
		if err != nil {
			return err
		}
		r.read(output)
	}
	return nil
}

func (c comparison) execute(ctx context.Context, dir, program string, args ...string) (*bytes.Buffer, error) {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s of %s: %w\n%s", c.benchmark, c.pkg, err, output.Bytes())
	}
	return &output, nil
}
