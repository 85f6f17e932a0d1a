package accident

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// ofSessions are the accidents of sessions, and of the vCenter as a whole.
var ofSessions = []Kind{
	{Name: "killed", Weight: 4, About: "sessions are terminated", draw: moment, play: killed},
	{Name: "killed-during", Weight: 4, About: "the session is terminated in the middle of the next call of the method", draw: during, play: killedDuring},
	{Name: "idle", Weight: 1, About: "a session ends that is idle by so long, for so long", draw: idleFor, play: idle},
	{Name: "restart", Weight: 3, About: "the vCenter restarts: nobody listens for so long, sessions and collectors are gone", draw: lasting, play: restart},
	{Name: "instance", Weight: 1, About: "another instanceUuid at the same address for so long; sessions are lost before and after", draw: lasting, play: instance},
	{Name: "password", Weight: 0, About: "the password is another one for so long; sessions are lost before", draw: lasting, play: password},
	{Name: "clock", Weight: 3, About: "the vCenter's clock is ahead, or behind, by so much for so long", draw: clockBy, play: clock},
}

func during(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.Method = anyOf(r, "ReadNextEvents", "ReadNextEvents", "WaitForUpdatesEx", "CreateCollectorForEvents", "CreateFilter", "DestroyCollector")
}

func idleFor(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.By = spell(r, 10*time.Millisecond, time.Second)
}

func clockBy(r *rand.Rand, o Options, a *Accident) {
	lasting(r, o, a)
	a.By = spell(r, -o.Late, o.Late)
}

func killed(_ context.Context, s *Stage, _ Accident) (mend, error) {
	s.sim.KillSessions()
	return nil, nil
}

// killedDuring gives up after a while: the call may never come.
func killedDuring(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.KillSessionDuring(a.Method)
	return then(func() { s.sim.KillSessionDuring("") }), nil
}

func idle(_ context.Context, s *Stage, a Accident) (mend, error) {
	before := s.sim.IdleTimeout()
	s.sim.SetIdleTimeout(time.Duration(a.By))
	return then(func() { s.sim.SetIdleTimeout(before) }), nil
}

func restart(_ context.Context, s *Stage, a Accident) (mend, error) {
	if err := s.sim.Suspend(); err != nil {
		return nil, err
	}
	return s.sim.Resume, nil
}

func instance(_ context.Context, s *Stage, a Accident) (mend, error) {
	before := s.sim.InstanceUUID()
	s.become(uuid.NewString())
	return then(func() { s.become(before) }), nil
}

// become makes the vCenter another one: nobody is logged in there.
func (s *Stage) become(id string) {
	s.sim.SetInstanceUUID(id)
	s.sim.KillSessions()
}

func password(_ context.Context, s *Stage, a Accident) (mend, error) {
	s.sim.SetPassword(uuid.NewString())
	s.sim.KillSessions()
	return then(func() { s.sim.SetPassword("") }), nil
}

func clock(_ context.Context, s *Stage, a Accident) (mend, error) {
	before := s.sim.ClockOffset()
	s.sim.SetClockOffset(before + s.bounded(time.Duration(a.By)))
	return then(func() { s.sim.SetClockOffset(before) }), nil
}
