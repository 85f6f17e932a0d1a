package main

import (
	"math"
	"path/filepath"
	"testing"
	"time"
)

// What make bench measures is what works: here is all of it once, small, with the programs that make build has built. What
// it finds is no matter.
func TestTheBuiltProgramsAreMeasured(t *testing.T) {
	small := extent{backlog: 10_000, span: time.Minute, drains: 1, window: time.Second, rounds: 1}
	found, err := programs(t.Context(), filepath.Join("..", ".."), small)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 12 {
		t.Errorf("%d measures", len(found))
	}
	for _, m := range found {
		if !(m.value > 0) || math.IsInf(m.value, 0) {
			t.Errorf("%s: %v %s", m.title, m.value, m.unit)
		}
	}
	left, err := filepath.Glob(filepath.Join("..", "..", "bin", "bench-*"))
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}
