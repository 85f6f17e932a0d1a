package simulator

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// KillSessions terminates all sessions, as an administrator can, and returns their number. What they had is gone, calls in
// them that wait return NotAuthenticated, and so does every later one.
func (s *Simulator) KillSessions() int {
	s.endTagging()
	n := 0
	for _, one := range s.sessions.all() {
		if s.kill(one, errTerminated) {
			n++
		}
	}
	return n
}

// endTagging ends the sessions of the tagging API, which are others.
func (s *Simulator) endTagging() {
	if s.large != nil {
		s.large.tagging.EndSessions()
	}
}

// kill terminates a session and tells of it, and reports whether it lived.
func (s *Simulator) kill(one *session, cause error) bool {
	if !s.terminate(one.key, cause) {
		return false
	}
	s.journal.Append(terminated(one))
	return true
}

// endIdle ends the sessions that were not used for too long. Nobody can tell such an end from one that comes when
// somebody looks, so it is done at each look.
func (s *Simulator) endIdle() {
	timeout := s.IdleTimeout()
	if timeout <= 0 {
		return
	}
	for _, one := range s.sessions.all() {
		if one.idle() > timeout {
			s.kill(one, errIdle)
		}
	}
}

func terminated(one *session) types.BaseEvent {
	e := &types.SessionTerminatedEvent{SessionId: one.key, TerminatedUsername: one.user}
	e.FullFormattedMessage = "A session for user '" + one.user + "' has stopped"
	return e
}

// terminate ends a session in both halves, and reports whether it lived.
func (s *Simulator) terminate(key string, cause error) bool {
	one := s.sessions.take(key)
	if one == nil {
		return false
	}
	s.record.ended(key, cause)
	one.finish(cause)
	one.forget(s.registry())
	// vcsim only wants to know that the session does not terminate itself.
	nobody := &simulator.Session{}
	s.registry().SessionManager().TerminateSession(
		&simulator.Context{Context: context.Background(), Map: s.registry(), Session: nobody},
		&types.TerminateSession{SessionId: []string{key}})
	return true
}

// Restart plays a restart of vCenter: connections are cut, sessions die without a trace, and it comes back at the same
// address with its history.
func (s *Simulator) Restart() error {
	if err := s.Suspend(); err != nil {
		return err
	}
	return s.Resume()
}

// Suspend is the first half of a restart: nobody listens until Resume.
func (s *Simulator) Suspend() error {
	err := s.listener.stop() // first, or a login might slip in behind the others
	s.endTagging()
	for _, one := range s.sessions.all() {
		s.terminate(one.key, errRestarted)
	}
	return err
}

// Resume is the second half of a restart.
func (s *Simulator) Resume() error {
	if err := s.listener.start(); err != nil {
		return err
	}
	e := &types.ServerStartedSessionEvent{}
	e.FullFormattedMessage = "vCenter started"
	s.journal.Append(e)
	return nil
}

func sortedBySince(byKey map[string]*session) []*session {
	return slices.SortedFunc(maps.Values(byKey), func(a, b *session) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.key, b.key))
	})
}
