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
	oldest, gone, err := s.cutShort(ctx, session)
	if err == nil && !gone && away > awayFor && !from.IsZero() {
		oldest, gone, err = s.silentBefore(ctx, session)
	}
	if err != nil {
		return fmt.Errorf("look for the oldest event that vCenter still has: %w", err)
	}
	if !gone || s.follows(oldest) {
		return nil
	}
	s.gap = &translate.Gap{From: from, To: oldest.Created, Reason: s.whyGone(ctx, session, later(from, s.position.Newest), clock)}
	s.logger.Warn("vCenter has no event between the position and a later time, and may have deleted what was not read yet: a record tells of the gap",
		zap.String("from", describeTime(from)), zap.String("to", describeTime(s.gap.To)), zap.String("reason", s.gap.Reason))
	return nil
}

// cutShort reports whether the newest event that was settled is gone, with everything that is as old, and which one is the oldest
// instead. A collector that begins no later returns that event for as long as vCenter has it, however long ago that was.
func (s *eventStream) cutShort(ctx context.Context, session *vsphere.Session) (oldest event.Event, gone bool, err error) {
	begin, newest := s.position.Begin(s.settings.Events.Overlap), s.position.Newest
	if newest.IsZero() || newest.Before(begin) {
		return oldest, false, nil // there was none, or it was read under another filter
	}
	oldest, found, err := s.oldest(ctx, session, begin)
	return oldest, found && oldest.Created.After(later(s.position.ReadTo, newest)), err
}

// silentBefore reports whether there is nothing for long behind the position, and which event ends that.
func (s *eventStream) silentBefore(ctx context.Context, session *vsphere.Session) (oldest event.Event, long bool, err error) {
	oldest, found, err := s.oldest(ctx, session, s.position.ReadTo)
	return oldest, found && oldest.Created.Sub(s.position.ReadTo) > silentFor, err
}

// follows reports whether an event is the next one after one that was read: vCenter gives out one key after the other.
func (s *eventStream) follows(e event.Event) bool {
	if !e.Keyed {
		return false
	}
	before := e.Key - 1
	return s.position.Delivered.Used(int64(before)) || s.position.Sweep.Known() && before >= s.position.Sweep.To() && s.position.Sweep.Has(before)
}

// oldest is the first event at or after a time, whether it is wanted or not. It is looked for on a whole page: in order of insertion
// there may be one before it that is dated ahead, in any order some that are hidden.
func (s *eventStream) oldest(ctx context.Context, session *vsphere.Session, from time.Time) (first event.Event, found bool, err error) {
	raw, err := history.Oldest(ctx, session, everything, from, s.reading())
	if err != nil {
		return first, false, err
	}
	events, err := event.Decode(raw.Body)
	if soapxml.IsSyntax(err) {
		events, err = s.oldestAlone(ctx, session, from)
	}
	present := session.Now().Add(soon)
	for _, e := range events {
		if e.Timed && e.Created.Before(present) && (!found || e.Created.Before(first.Created)) {
			first, found = e, true
		}
	}
	return first, found, err
}

// oldestAlone is what vCenter returns first, where something that is not well-formed is behind it, or is that itself.
func (s *eventStream) oldestAlone(ctx context.Context, session *vsphere.Session, from time.Time) ([]event.Event, error) {
	one := s.reading()
	one.PageSize = 1
	raw, err := history.Oldest(ctx, session, everything, from, one)
	if err != nil {
		return nil, err
	}
	events, err := event.Decode(raw.Body)
	if soapxml.IsSyntax(err) {
		e, _ := event.Salvage(raw.Body, err)
		return []event.Event{e}, nil
	}
	return events, err
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
