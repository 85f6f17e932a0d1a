package accident

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// ofEvents are the accidents of events and of their times. They are over at once, and stay in the history.
var ofEvents = []Kind{
	{Name: "burst", Weight: 4, About: "n events at once", draw: number(100, 3000), play: burst},
	{Name: "late", Weight: 5, About: "n events that were created by so much earlier", draw: late, play: dated(-1)},
	{Name: "future", Weight: 2, About: "n events that are dated by so much ahead", draw: future, play: dated(+1)},
	{Name: "equal", Weight: 3, About: "n events of the same millisecond", draw: number(2, 50), play: dated(0)},
	{Name: "hidden", Weight: 3, About: "n events that the account may not see", draw: number(1, 1500), play: hidden},
	{Name: "compressed", Weight: 2, About: "a burst of n events of which 30 are stored: a hole in the keys", draw: number(31, 300), play: compressed},
	{Name: "unknown", Weight: 2, About: "n events of a class of the future", draw: number(1, 10), play: unknown},
	{Name: "keyless", Weight: 2, About: "n events without key and time", draw: number(1, 3), play: keyless},
	{Name: "malformed", Weight: 1, About: "an event whose XML is not well-formed", draw: moment, play: malformed},
	{Name: "pruned", Weight: 1, About: "events that are older than by vanish", draw: pruned, play: prune},
}

func number(low, high int) func(*rand.Rand, Options, *Accident) {
	return func(r *rand.Rand, _ Options, a *Accident) { a.N = between(r, low, high) }
}

func late(r *rand.Rand, o Options, a *Accident) {
	a.N, a.By = between(r, 1, 20), spell(r, 0, o.Late)
}

// tolerated is how far ahead a back end such as Loki takes a record.
const tolerated = 10 * time.Minute

// future draws times that a back end takes, and as many that it refuses.
func future(r *rand.Rand, _ Options, a *Accident) {
	a.N, a.By = between(r, 1, 5), spell(r, time.Second, tolerated)
	if r.IntN(2) == 0 {
		a.By = spell(r, tolerated, time.Hour)
	}
}

// pruned leaves a reader the time to have read what vanishes.
func pruned(r *rand.Rand, o Options, a *Accident) {
	a.By = spell(r, o.Late+time.Minute, 2*o.Late+time.Minute)
}

func burst(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.traffic.Burst(a.N)
	return nil, nil
}

// dated are events away from now, in a direction.
func dated(direction time.Duration) func(context.Context, *Stage, Accident) (mend, error) {
	return func(_ context.Context, s *Stage, a Accident) (mend, error) {
		at := s.sim.Now().Add(s.bounded(direction * time.Duration(a.By)))
		s.traffic.History(a.N, at, at)
		return nil, nil
	}
}

func hidden(_ context.Context, s *Stage, a Accident) (mend, error) {
	chains := s.traffic.Chains(a.N)
	for _, chain := range chains {
		for i, e := range chain {
			chain[i] = journal.Hidden{BaseEvent: e}
		}
	}
	s.sim.Journal().AppendChains(chains...)
	return nil, nil
}

func compressed(_ context.Context, s *Stage, a Accident) (mend, error) {
	first, told := s.traffic.Compressed(a.N)
	s.sim.Append(first...)
	s.sim.Journal().SkipKeys(max(0, a.N-traffic.Stored))
	s.sim.Append(told...)
	return nil, nil
}

// unknown events have keys and times as all others, in XML of a class that nobody knows.
func unknown(_ context.Context, s *Stage, a Accident) (mend, error) {
	for range a.N {
		s.sim.Append(journal.NewFuture("WarpDriveEngagedEvent", types.Event{UserName: "nobody"}, "<warp><factor>9</factor></warp>"))
	}
	return nil, nil
}

func keyless(_ context.Context, s *Stage, a Accident) (mend, error) {
	for range a.N {
		// Its bytes are its identity.
		text := "<userName>nobody</userName><message>" + uuid.NewString() + "</message>"
		if err := s.sim.AppendRaw("GeneralEvent", text); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func malformed(_ context.Context, s *Stage, _ Accident) (mend, error) {
	s.sim.Append(journal.NewMalformed("GeneralEvent", types.Event{UserName: "nobody", FullFormattedMessage: "malformed"}))
	return nil, nil
}

func prune(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.Journal().PruneCreatedBefore(s.sim.Now().Add(-time.Duration(a.By)))
	return nil, nil
}
