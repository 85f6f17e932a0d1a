package receiver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// overheard reports whether the doorbell has shown an event that was not read.
func (s *eventStream) overheard() bool {
	shown := s.rung.Load()
	return shown != nil && slices.ContainsFunc(*shown, func(e event.Event) bool { return e.Timed && !s.read(&e) })
}

// confirm asks for the newest events that are visible and that vCenter did not leave out for us.
func (s *eventStream) confirm(ctx context.Context) (verdict, error) {
	s.rung.Store(nil)
	lately := time.Since(s.asked) < idleCommit
	if err := s.dispel(ctx); err != nil {
		return unknown, err
	}
	newest, err := s.latest(ctx)
	if err != nil {
		return unknown, err
	}
	s.asked = time.Now()
	told := false
	for i := range newest {
		e := &newest[i]
		if !e.Timed {
			continue // it has no identity that is the same in every answer
		}
		told = true
		if !s.read(e) {
			s.asked = time.Time{}
			s.stall.missing = *e
			return behind, nil
		}
	}
	if len(newest) > 0 || !s.remains(s.now()) {
		s.looked = s.now()
	}
	switch {
	case told:
		s.stall.times = 0 // what was missing may not be wanted
		return atTail, nil
	case len(newest) == 0 && s.settings.Events.Filter.Narrows() && !lately:
		return unseen, nil
	}
	return unknown, nil
}

// latest is vCenter's newest event; where that is hidden from the account, those of a page that are not, the oldest first.
func (s *eventStream) latest(ctx context.Context) ([]event.Event, error) {
	newest, err := newestEvents(s.cursor.Latest(ctx))
	if err != nil || len(newest) > 0 {
		return newest, err
	}
	return newestEvents(s.cursor.LatestOf(ctx, int32(s.settings.Events.PageSize)))
}

// look decides where there is no newest event. Nothing is known then, for all may be hidden from the account; but where vCenter
// leaves out events for us, and shows another as its newest, that one is not wanted: with a filter that matches nothing for
// weeks, the position would otherwise stay behind what vCenter still has. It must be a full page of others: in one that is not,
// some may be hidden, and so may all that match be, before what does and is still to be read.
//
// It takes a collector of its own, without the filter, and so cannot be done beside the one that is read.
func (s *eventStream) look(ctx context.Context) (verdict, error) {
	newest, err := newestEvents(history.Newest(ctx, s.session, everything, s.pass.Reopen(), s.reading()))
	if err != nil || len(newest) < s.settings.Events.PageSize {
		return unknown, err
	}
	return atTail, nil
}

func (s *eventStream) again() { s.pass = s.pass.Again() }

// newestEvents reads a latestPage, whose order is any, to events by their creation. One that is not well-formed tells nothing: its
// event is still to be read.
func newestEvents(body []byte, err error) ([]event.Event, error) {
	if err != nil {
		return nil, err
	}
	newest, err := event.DecodeLatestPage(body)
	switch {
	case soapxml.IsSyntax(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("decode the latest page of events: %w", err)
	}
	slices.SortStableFunc(newest, func(a, b event.Event) int { return a.Created.Compare(b.Created) })
	return newest, nil
}
