package main

import "context"

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

// compare runs the benchmarks of all comparisons, both ways of each in turns: a machine that is busy now is so for both.
func compare(ctx context.Context, dir, work string, count int) (results, error) {
	results := results{}
	for _, c := range comparisons {
		if _, known := results[c.benchmark+"/"+c.ours]; known {
			continue
		}
		if err := (benchmark{pkg: c.pkg, name: c.benchmark}).run(ctx, dir, work, "", count, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}
