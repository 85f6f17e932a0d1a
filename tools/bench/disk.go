package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// fsyncs is how often a file is synced to know what that takes.
const fsyncs = 100

// fsync is what the disk takes to keep 4 KiB, in milliseconds: the median. A latency with fsync depends on it.
func (l *lab) fsync() (_ float64, err error) {
	file, err := os.Create(filepath.Join(l.work, "fsync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var ms []float64
	for block := make([]byte, 4096); len(ms) < fsyncs; {
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		begin := time.Now()
		if err := file.Sync(); err != nil {
			return 0, err
		}
		ms = append(ms, time.Since(begin).Seconds()*1000)
	}
	return quantile(ms, 0.5), nil
}
