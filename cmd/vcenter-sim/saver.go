package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/state"
)

// saver keeps the journal within bounds and, where there is a state file, on disk.
type saver struct {
	journal *journal.Journal
	keep    int
	file    *state.File // nil without -state
}

const saveInterval = time.Second

func newSaver(o options, sim *simulator.Simulator) (saver, error) {
	s := saver{journal: sim.Journal(), keep: o.keep}
	if o.state == "" {
		return s, nil
	}
	var err error
	s.file, err = state.Create(o.state, sim.InstanceUUID, sim.Journal())
	return s, err
}

// run saves every second until the context is done. What it can not save now, it tries again.
func (s saver) run(ctx context.Context) {
	clock := time.NewTicker(saveInterval)
	defer clock.Stop()
	complaints := log.New(os.Stderr, "vcenter-sim: ", 0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.C:
			s.journal.PruneOldest(s.journal.Len() - s.keep)
			if s.file == nil {
				continue
			}
			if err := s.file.Save(); err != nil {
				complaints.Print(err)
			}
		}
	}
}

// last saves for the last time.
func (s saver) last() error {
	if s.file == nil {
		return nil
	}
	return s.file.Rewrite()
}
