package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const gathered = `
BenchmarkCollection/5000/govmomi-2 	 1	57 ns/op	 1048576 collection-B-allocated	 1000000 collection-B-in	 24 collection-B-out	 2000 collection-allocs	300e6 collection-cpu-ns	 40 collection-requests
BenchmarkCollection/5000/ours-2    	 1	64 ns/op	 1048576 poll-B-allocated	 100000 poll-B-in	 240 poll-B-out	 200 poll-allocs	 30e6 poll-cpu-ns	 8 poll-requests	 0 conversion-B-allocated	 0 conversion-B-in	 0 conversion-B-out	 3 conversion-allocs	 170e6 conversion-cpu-ns	 0 conversion-requests	 0 together-B-allocated	 100000 together-B-in	 240 together-B-out	 203 together-allocs	 200e6 together-cpu-ns	 8 together-requests	 0 pushed-B-allocated	 0 pushed-B-in	 0 pushed-B-out	 3 pushed-allocs	 20e6 pushed-cpu-ns	 0 pushed-requests	 0 totals-B-allocated	 0 totals-B-in	 0 totals-B-out	 3 totals-allocs	 1e6 totals-cpu-ns	 0 totals-requests
`

func TestWhatACollectionCosts(t *testing.T) {
	r := results{}
	r.read(strings.NewReader(gathered))
	var out bytes.Buffer
	if err := collected(&out, r, []int{5000}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"govmomi asks for all, without OTLP 40 976.6 0.0 300.0 2000 1.0",
		"1/10.0 1/10.0 1/10.0 12 requests met, bytes 1/3 met, CPU 1/4 met, allocations 1/4 met",
		"ours without the poll, without OTLP of objects 0 0.0 0.0 1.0 3 0.0 1/300.0 1/666.7 0 requests met, CPU 1/20 met",
		"both 8 97.7 0.2 200.0 203 0.0 1/10.0 1/1.5 1/9.9 CPU 1/2 missed",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, out.String())
		}
	}
}

func TestACollectionThatWasNotMeasuredIsNotAGoalMet(t *testing.T) {
	var out bytes.Buffer
	if err := collected(&out, results{}, []int{5000}); err == nil {
		t.Error(out.String())
	}
}

// What is printed is what the benchmark says, by the names that it has there.
func TestACollectionIsMeasured(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // which counts what a process uses otherwise
	}
	small := []int{1000}
	r, err := gather(t.Context(), filepath.Join("..", ".."), t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := collected(&out, r, small); err != nil {
		t.Error(err)
	}
	t.Log("\n" + out.String())
}
