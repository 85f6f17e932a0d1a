package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// lab is where programs are measured.
type lab struct {
	bin  string // the folder of the built programs
	work string // a folder of our own, beside them: a temporary one may be in memory, where an fsync costs nothing
	runs int    // of a collector so far: each has a storage of its own
}

func newLab(dir string) (*lab, error) {
	bin, err := filepath.Abs(filepath.Join(dir, "bin"))
	if err != nil {
		return nil, err
	}
	l := &lab{bin: bin}
	for _, name := range []string{collectorProgram, vcenterProgram} {
		if _, err := os.Stat(l.program(name)); err != nil {
			return nil, fmt.Errorf("%s is missing: run make build: %w", name, err)
		}
	}
	l.work, err = os.MkdirTemp(bin, "bench-")
	return l, err
}

func (l *lab) program(name string) string { return filepath.Join(l.bin, name) }

func (l *lab) close() error { return os.RemoveAll(l.work) }

// setup is a collector between a simulated vCenter and a back end.
type setup struct {
	vcenter   *vcenter
	collector *program
	backend   *backend
}

// follow starts a collector that reads a vCenter.
func (l *lab) follow(ctx context.Context, v *vcenter, c configuration) (_ *setup, err error) {
	s := &setup{vcenter: v}
	if s.backend, err = listen(); err != nil {
		return nil, err
	}
	l.runs++
	c.Endpoint, c.Backend, c.Storage = v.endpoint, s.backend.url, filepath.Join(l.work, fmt.Sprintf("storage-%d", l.runs))
	if s.collector, err = collect(ctx, l.program(collectorProgram), c); err != nil {
		s.backend.close()
		return nil, err
	}
	return s, nil
}

// close stops the collector, which logs out of its vCenter.
func (s *setup) close() error {
	err := s.collector.stop()
	s.backend.close()
	return err
}

// arrived waits until so many records have arrived.
func (s *setup) arrived(ctx context.Context, n int) error {
	return s.collector.until(ctx, fmt.Sprintf("%d records have arrived", n), func() bool { return s.backend.count() >= n })
}

// tailing waits until an event that happens now arrives: everything before is over.
func (s *setup) tailing(ctx context.Context) error {
	if err := s.collector.until(ctx, "vCenter is read", func() bool { return s.vcenter.watched(ctx) }); err != nil {
		return err
	}
	before := s.backend.count()
	if err := s.vcenter.post(ctx, "/burst?n=1"); err != nil {
		return err
	}
	return s.arrived(ctx, before+1)
}
