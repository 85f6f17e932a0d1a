package receiver

import (
	"context"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// awayFor is how far the position must be behind before a long silence may be a gap: vCenter keeps events for a day at least (its
	// option event.maxAge counts days).
	awayFor = 24 * time.Hour

	// silentFor is the longest silence of a vCenter that is not taken for a gap.
	silentFor = time.Hour

	// soon is how far ahead of vCenter's clock an event may be dated that the history begins with.
	soon = 5 * time.Second
)

// heedRetention finds out whether vCenter has deleted events that were not read. That is told as one gap: up to the oldest
// event that there still is. Where there was nothing to be seen for longer, the position is old, and nothing was deleted.
func (s *eventStream) heedRetention(ctx context.Context, session *vsphere.Session, clock time.Time) error {
	from := s.position.ReadTo
	away := clock.Sub(later(from, s.looked))
	if s.gap != nil || away <= s.settings.Events.Overlap {
		return nil
	}
	first, gone, err := s.cutShort(ctx, session, clock)
	if err == nil && !gone && away > awayFor && !from.IsZero() {
		first, gone, err = s.silentBefore(ctx, session)
	}
	if err != nil {
		return fmt.Errorf("look for the oldest event that vCenter still has: %w", err)
	}
	if !gone || s.follows(first) {
		return nil
	}
	if from.IsZero() {
		from = s.position.Newest // there was no page behind the first
	}
	s.gap = &translate.Gap{From: from, To: first.Created, Reason: s.whyGone(ctx, session, later(from, s.position.Newest), clock)}
	s.logger.Warn("vCenter has no event between the position and a later time, and may have deleted what was not read yet: a record tells of the gap",
		zap.String("from", describeTime(from)), zap.String("to", describeTime(s.gap.To)), zap.String("reason", s.gap.Reason))
	return nil
}

// cutShort reports whether the newest event that was settled is gone, with everything that is as old, and which one is the oldest
// instead. A collector that begins no later returns that event for as long as vCenter has it, however long ago that was.
func (s *eventStream) cutShort(ctx context.Context, session *vsphere.Session, clock time.Time) (first event.Event, gone bool, err error) {
	if !s.remains(clock) {
		return first, false, nil
	}
	events, err := s.firstOf(ctx, session, s.position.Begin(s.settings.Events.Overlap))
	if err != nil {
		return first, false, err
	}
	s.looksEmpty(len(events) == 0)
	first, found := oldest(events, session.Now())
	return first, found && first.Created.After(later(s.position.ReadTo, s.position.Newest)), nil
}

// remains reports whether vCenter should still have the newest event that was settled, and return it: it is no older than a day, for on
// a quiet vCenter retention may have deleted it, and nothing that was not read; and it was not read under another filter.
func (s *eventStream) remains(clock time.Time) bool {
	newest := s.position.Newest
	return !newest.IsZero() && !newest.Before(s.position.Begin(s.settings.Events.Overlap)) && clock.Sub(newest) <= awayFor
}

// silentBefore reports whether there is nothing for long behind the position, and which event ends that.
func (s *eventStream) silentBefore(ctx context.Context, session *vsphere.Session) (first event.Event, long bool, err error) {
	events, err := s.firstOf(ctx, session, s.position.ReadTo)
	first, found := oldest(events, session.Now())
	return first, found && first.Created.Sub(s.position.ReadTo) > silentFor, err
}

// follows reports whether an event is the next one after one that was read: vCenter gives out one key after the other.
func (s *eventStream) follows(e event.Event) bool {
	if !e.Keyed {
		return false
	}
	before := e.Key - 1
	return s.position.Delivered.Used(int64(before)) || s.position.Sweep.Known() && before >= s.position.Sweep.To() && s.position.Sweep.Has(before)
}

// oldest is the first of a page by creation, whether it is wanted or not. In order of insertion there may be one before it that is dated
// ahead.
func oldest(events []event.Event, present time.Time) (first event.Event, found bool) {
	for _, e := range events {
		if e.Timed && e.Created.Before(present.Add(soon)) && (!found || e.Created.Before(first.Created)) {
			first, found = e, true
		}
	}
	return first, found
}

// firstOf is the first page of what was created at or after a time, or as much of its beginning as has nothing in it that is not
// well-formed. It is a page, because the first events of all may be hidden.
func (s *eventStream) firstOf(ctx context.Context, session *vsphere.Session, from time.Time) ([]event.Event, error) {
	for part := s.reading(); ; part.PageSize /= 2 {
		raw, err := history.Oldest(ctx, session, everything, from, part)
		if err != nil {
			return nil, err
		}
		events, err := event.Decode(raw.Body)
		switch {
		case !soapxml.IsSyntax(err):
			return events, err
		case part.PageSize == 1:
			e, _ := event.Salvage(raw.Body, err)
			return []event.Event{e}, nil
		}
	}
}

// whyGone asks for how long vCenter keeps its events. An account that may not read the option leaves the reason open.
func (s *eventStream) whyGone(ctx context.Context, session *vsphere.Session, from, clock time.Time) string {
	enabled, _ := option[bool](ctx, session, "event.maxAgeEnabled")
	days, known := option[int32](ctx, session, "event.maxAge")
	if enabled && known && clock.Sub(from) > time.Duration(days)*24*time.Hour {
		return translate.GapRetention
	}
	return translate.GapPossible
}

// option reads one of vCenter's advanced settings.
func option[T any](ctx context.Context, session *vsphere.Session, name string) (value T, known bool) {
	manager := session.ServiceContent().Setting
	if manager == nil {
		return value, false
	}
	answer, err := methods.QueryOptions(ctx, session.Client(), &types.QueryOptions{This: *manager, Name: name})
	if err != nil || len(answer.Returnval) == 0 {
		return value, false
	}
	value, known = answer.Returnval[0].GetOptionValue().Value.(T)
	return value, known
}
