package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

const output = `goos: linux
pkg: github.com/vcenterstream/vcenterstreamreceiver/internal/event
BenchmarkDecode/ours-2      	     180	   6490000 ns/op	 177.21 MB/s	      5100 ns/event	        12 allocs/event
BenchmarkDecode/govmomi     	      12	  78000000 ns/op	  14.70 MB/s	     76500 ns/event	       300 allocs/event
PASS
goos: linux
BenchmarkDecode/ours-2      	     180	   6490000 ns/op	 177.21 MB/s	      9900 ns/event	        12 allocs/event
BenchmarkDecode/govmomi     	      12	  78000000 ns/op	  14.70 MB/s	    158400 ns/event	       300 allocs/event
PASS
BenchmarkDecode/ours-2      	     180	   6490000 ns/op	 177.21 MB/s	      5000 ns/event	        12 allocs/event
BenchmarkDecode/govmomi     	      12	  78000000 ns/op	  14.70 MB/s	     15000 ns/event	       300 allocs/event
PASS
`

func measured() results {
	r := results{}
	r.read(strings.NewReader(output))
	return r
}

func TestEveryRunIsRead(t *testing.T) {
	if ours := measured()["BenchmarkDecode/ours"]["ns/event"]; !slices.Equal(ours, []float64{5100, 9900, 5000}) {
		t.Error(ours)
	}
	if ops := measured()["BenchmarkDecode/govmomi"]["ns/op"]; !slices.Equal(ops, []float64{78e6, 78e6, 78e6}) {
		t.Error(ops)
	}
}

// The ratio is that of runs side by side: 15, 16 and 3. A machine that is slow for a while is slow for both.
func TestGoals(t *testing.T) {
	for _, test := range []struct {
		name  string
		c     comparison
		line  string
		wrong error
	}{
		{"ratio met", comparison{unit: "ns/event", ratio: 10}, "5.1 76.5 1/15.0 1/10 met", nil},
		{"ratio missed", comparison{unit: "ns/event", ratio: 20}, "5.1 76.5 1/15.0 1/20 missed", errMissed},
		{"number met", comparison{unit: "ns/event", most: 6}, "5.1 76.5 6 met", nil},
		{"number missed", comparison{unit: "ns/event", most: 5}, "5.1 76.5 5 missed", errMissed},
		{"no goal", comparison{unit: "ns/event"}, "5.1 76.5", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.c.benchmark, test.c.ours, test.c.theirs, test.c.scale = "BenchmarkDecode", "ours", "govmomi", 1000
			var out bytes.Buffer
			if err := table(&out, []comparison{test.c}, measured()); !errors.Is(err, test.wrong) {
				t.Error(err)
			}
			if got := strings.Join(strings.Fields(out.String()), " "); got != "unit ours govmomi ratio goal "+test.line {
				t.Errorf("printed:\n%s", out.String())
			}
		})
	}
}

func TestABenchmarkThatIsGoneIsNotAGoalMet(t *testing.T) {
	var out bytes.Buffer
	if err := table(&out, []comparison{{benchmark: "BenchmarkGone", unit: "ns/event"}}, measured()); err == nil {
		t.Error(out.String())
	}
}
