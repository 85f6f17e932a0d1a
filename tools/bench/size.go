package main

import (
	"context"
	"os"
)

// size measures the collector's program.
func size(_ context.Context, l *lab, _ extent) ([]measure, error) {
	info, err := os.Stat(l.program(collectorProgram))
	if err != nil {
		return nil, err
	}
	return []measure{{title: "size of the program", unit: "MiB", value: float64(info.Size()) / (1 << 20)}}, nil
}
