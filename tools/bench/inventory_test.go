package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const kept = `
BenchmarkMinute/5000/govmomi-2 	 1	57 ns/op	 1048576 full-B-allocated	 1000000 full-B-in	 24 full-B-out	 200 full-allocs	300e6 full-cpu-ns	 5 full-requests
BenchmarkMinute/5000/ours-2    	 1	64 ns/op	 5.5 KiB/VM	 7.5 KiB/VM-with-state	 1048576 busy-B-allocated	 8000 busy-B-in	 2240 busy-B-out	 17 busy-allocs	 31e6 busy-cpu-ns	 50 busy-requests	 524288 first-B-allocated	 2000000 first-B-in	 48 first-B-out	 9 first-allocs	 6e9 first-cpu-ns	 14 first-requests	 0 quiet-B-allocated	 500 quiet-B-in	 524 quiet-B-out	 3 quiet-allocs	 5e6 quiet-cpu-ns	 2 quiet-requests
`

func TestWhatAnInventoryCosts(t *testing.T) {
	r := results{}
	r.read(strings.NewReader(kept))
	var out bytes.Buffer
	if err := keeping(&out, r, []int{5000}); err != nil {
		t.Fatal(err)
	}
	want := "requests KiB in KiB out CPU ms allocations MiB allocated of bytes of CPU goal 5000 VMs " +
		"govmomi reads all, every minute 5 976.6 0.0 300.0 200 1.0 " +
		"ours reads all, once 14 1953.1 0.0 6000.0 9 0.5 1/0.5 1/0.1 " +
		"a minute in which nothing changes 2 0.5 0.5 5.0 3 0.0 1/976.6 1/60.0 1/50 met " +
		"a minute in which 1 % of the VMs change 50 7.8 2.2 31.0 17 1.0 1/97.7 1/9.7 1/10 missed"
	if got := strings.Join(strings.Fields(out.String()), " "); got != want {
		t.Errorf("printed:\n%s", out.String())
	}
	all, err := largest(r, 5000)
	if err != nil || len(all) != 3 || all[0].value != 5.5 || all[1].value != 7.5 || all[2].value != 6 {
		t.Error(all, err)
	}
}

func TestAnInventoryThatWasNotMeasuredIsNotAGoalMet(t *testing.T) {
	var out bytes.Buffer
	if err := keeping(&out, results{}, []int{5000}); err == nil {
		t.Error(out.String())
	}
	if all, err := largest(results{}, 5000); err == nil {
		t.Error(all)
	}
}

// What is printed is what the benchmark says, by the names that it has there.
func TestAnInventoryIsMeasured(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // which counts what a process uses otherwise
	}
	small := []int{1000}
	r, err := keep(t.Context(), filepath.Join("..", ".."), t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := keeping(&out, r, small); err != nil {
		t.Error(err)
	}
	if _, err := largest(r, 1000); err != nil {
		t.Error(err)
	}
}
