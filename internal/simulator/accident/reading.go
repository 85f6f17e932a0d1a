package accident

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// ofReading are the accidents of cursors and of the doorbell.
var ofReading = []Kind{
	{Name: "stuck", Weight: 2, About: "n hidden events; a cursor that meets a page of them is stuck, for so long", draw: stuckAt, play: stuck},
	{Name: "stall", Weight: 3, About: "cursors that there are find nothing any more, for ever", draw: moment, play: stall},
	{Name: "stall-all", Weight: 2, About: "every cursor finds nothing, for so long", draw: lasting, play: stallAll},
	{Name: "silent-doorbell", Weight: 4, About: "nothing is pushed, for so long", draw: lasting, play: silence},
	{Name: "slow-doorbell", Weight: 2, About: "changes gather by so long before they are pushed, for so long", draw: slow, play: slowDoorbell},
	{Name: "collectors", Weight: 2, About: "sessions are lost, and no new event collector is to be had, for so long", draw: lasting, play: collectors},
}

func stuckAt(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.N = between(r, 1000, 2500)
}

func slow(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.By = spell(r, 100*time.Millisecond, o.Longest)
}

func stuck(ctx context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.Journal().SetHiding(journal.Sticks)
	_, err := hidden(ctx, s, a)
	return then(func() { s.sim.Journal().SetHiding(journal.Passes) }), err
}

func stall(_ context.Context, s *Stage, _ Accident) (mend, error) {
	s.sim.Journal().StallCursors()
	return nil, nil
}

func stallAll(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.Journal().SetStalled(true)
	return then(func() { s.sim.Journal().SetStalled(false) }), nil
}

func silence(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.SetDoorbell(false)
	return then(func() { s.sim.SetDoorbell(true) }), nil
}

func slowDoorbell(_ context.Context, s *Stage, a Accident) (mend, error) {
	before := s.sim.Coalesce()
	s.sim.SetCoalesce(time.Duration(a.By))
	return then(func() { s.sim.SetCoalesce(before) }), nil
}

func collectors(_ context.Context, s *Stage, a Accident) (mend, error) {
	before := s.sim.MaxCollectors()
	s.sim.SetMaxCollectors(0)
	s.sim.KillSessions()
	return then(func() { s.sim.SetMaxCollectors(before) }), nil
}
