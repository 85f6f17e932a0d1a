package receiver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// heedAge is where a pass begins. What is too old by then is not delivered; where that is something that was not read
// before, it is told as a gap.
func (s *eventStream) heedAge(ctx context.Context, session *vsphere.Session, clock time.Time) (time.Time, error) {
	begin := s.position.Begin(s.settings.Events.Overlap)
	if s.settings.Events.MaxAge == 0 {
		return begin, nil
	}
	oldest := clock.Add(-s.settings.Events.MaxAge).Truncate(time.Millisecond)
	if !begin.Before(oldest) {
		return begin, nil
	}
	if s.position.ReadTo.Before(oldest) {
		if err := s.findGap(ctx, session, oldest); err != nil {
			return begin, err
		}
	}
	return oldest, nil
}

// findGap looks whether there is a wanted event between the position and a time. On a silent vCenter the position is
// old, and nothing is left out.
func (s *eventStream) findGap(ctx context.Context, session *vsphere.Session, to time.Time) error {
	missed, err := s.leavesOut(ctx, session, to)
	if err != nil {
		return fmt.Errorf("look for events that are too old: %w", err)
	}
	if !missed {
		return nil
	}
	s.gap = &translate.Gap{From: s.position.ReadTo, To: to, Reason: translate.GapMaxAge}
	s.logger.Warn("events older than max_age are not delivered: a record tells of the gap",
		zap.String("from", describeTime(s.gap.From)), zap.String("to", describeTime(to)))
	return nil
}

// leavesOut reads from the position on, until it finds such an event. What was delivered already can fill whole pages. Where the line
// breaks in the middle of them there may be one: from the beginning again, a bad line might never let it through.
func (s *eventStream) leavesOut(ctx context.Context, session *vsphere.Session, to time.Time) (missed bool, err error) {
	whole := 0
	err = history.Browse(ctx, session, s.wanted(), s.position.ReadTo, s.reading(), func(p history.Page) (enough bool, err error) {
		if missed, enough, err = s.missedOn(p, to); err == nil {
			whole++
		}
		return enough, err
	})
	if err != nil && whole > 0 && ctx.Err() == nil {
		return true, nil
	}
	return missed, err
}

// missedOn reports whether a page has such an event, and whether there is no need of the page after it.
func (s *eventStream) missedOn(p history.Page, to time.Time) (missed, enough bool, err error) {
	events, err := event.Decode(p.Body)
	switch {
	case soapxml.IsSyntax(err):
		return true, true, nil // one that is not well-formed is an event, too
	case err != nil:
		return false, false, err
	}
	newer := func(e event.Event) bool { return !e.Created.Before(to) }
	last := len(events) == 0 || slices.ContainsFunc(events, newer)
	missed = len(slices.DeleteFunc(s.settledOf(s.position.Fresh(s.matching(events))), newer)) > 0
	return missed, missed || last, nil
}

// notice is a gap that was not told yet. What was created before its end is settled with it.
func (s *eventStream) notice() (notice[event.Position], bool) {
	if s.gap == nil {
		return notice[event.Position]{}, false
	}
	next := s.save().Advance(s.gap.To)
	return notice[event.Position]{uid: s.gap.UID(s.source.InstanceUUID), position: next, logs: s.operators.After(translate.GapPayload(s.source, *s.gap))}, true
}

func (s *eventStream) told() {
	s.telemetry.gap(s.gap.Reason)
	s.gap = nil
}
