package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// comparisons are what `make bench` shows. A page has 1,000 typical events.
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

func main() {
	dir := flag.String("C", ".", "the `folder` of the module")
	count := flag.Int("count", 5, "runs of each benchmark; their median counts")
	flag.Parse()
	if err := bench(*dir, *count, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(dir string, count int, out io.Writer) error {
	fmt.Fprintf(out, "each benchmark runs %d times for a second, each way: a minute or so\n\n", count)
	results := results{}
	for _, c := range comparisons {
		if _, known := results[c.benchmark+"/"+c.ours]; known {
			continue
		}
		output, err := run(dir, count, c)
		if err != nil {
			return err
		}
		results.read(output)
	}
	return table(out, comparisons, results)
}

// run runs the benchmark of a comparison, both ways of it.
func run(dir string, count int, c comparison) (*bytes.Buffer, error) {
	var output bytes.Buffer
	cmd := exec.Command("go", "test", "-run=^$", "-bench=^"+c.benchmark+"$", "-benchmem", fmt.Sprintf("-count=%d", count), c.pkg)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s of %s: %w\n%s", c.benchmark, c.pkg, err, output.Bytes())
	}
	return &output, nil
}
