package main

import (
	"bufio"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// results holds what each benchmark measured, by name and unit, once for each of its runs.
type results map[string]map[string][]float64

// benchmarkLine is a name, the number of GOMAXPROCS where it is not 1, how often it ran, and pairs of value and unit.
var benchmarkLine = regexp.MustCompile(`^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// read takes the output of go test -bench.
func (r results) read(output io.Reader) {
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := benchmarkLine.FindStringSubmatch(lines.Text()); found != nil {
			r.add(found[1], strings.Fields(found[2]))
		}
	}
}

func (r results) add(name string, pairs []string) {
	if r[name] == nil {
		r[name] = map[string][]float64{}
	}
	for pair := range slices.Chunk(pairs, 2) {
		if value, err := strconv.ParseFloat(pair[0], 64); err == nil && len(pair) == 2 {
			r[name][pair[1]] = append(r[name][pair[1]], value)
		}
	}
}
