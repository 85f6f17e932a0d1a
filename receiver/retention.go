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
	// awayFor is how far the position must be behind before vCenter may have deleted what follows it: it keeps events for a day
	// at least (the option event.maxAge counts days).
	awayFor = 24 * time.Hour

	// silentFor is the longest silence of a vCenter that is not taken for a gap.
	silentFor = time.Hour
)

// heedRetention finds out whether vCenter has deleted events that were not read. That is told as one gap: up to the oldest
// event that there still is. Where there was nothing to be seen for longer, the position is old, and nothing was deleted.
func (s *eventStream) heedRetention(ctx context.Context, session *vsphere.Session, clock time.Time) error {
	from := s.position.ReadTo
	if s.gap != nil || from.IsZero() || clock.Sub(later(from, s.looked)) <= awayFor {
		return nil
	}
	oldest, found, err := s.oldest(ctx, session, from)
	if err != nil {
		return fmt.Errorf("look for the oldest event that vCenter still has: %w", err)
	}
	if !found || oldest.Created.Sub(from) <= silentFor || s.follows(oldest) {
		return nil
	}
	s.gap = &translate.Gap{From: from, To: oldest.Created, Reason: s.whyGone(ctx, session, from, clock)}
	s.logger.Warn("vCenter has no event between the position and a later time, and may have deleted what was not read yet: a record tells of the gap",
		zap.String("from", describeTime(from)), zap.String("to", describeTime(s.gap.To)), zap.String("reason", s.gap.Reason))
	return nil
}

// follows reports whether an event is the next one after one that was read: vCenter gives out one key after the other.
func (s *eventStream) follows(e event.Event) bool {
	if !e.Keyed {
		return false
	}
	before := e.Key - 1
	return s.position.Delivered.Used(int64(before)) || s.position.Sweep.Known() && before >= s.position.Sweep.To() && s.position.Sweep.Has(before)
}

// oldest is the first event at or after a time, whether it is wanted or not.
func (s *eventStream) oldest(ctx context.Context, session *vsphere.Session, from time.Time) (first event.Event, found bool, err error) {
	one := s.reading()
	one.PageSize = 1
	raw, err := history.Oldest(ctx, session, everything, from, one)
	if err != nil {
		return first, false, err
	}
	events, err := event.Decode(raw.Body)
	if err == nil && len(events) == 0 { // it may be hidden
		if raw, err = history.Oldest(ctx, session, everything, from, s.reading()); err != nil {
			return first, false, err
		}
		events, err = event.Decode(raw.Body)
	}
	if soapxml.IsSyntax(err) {
		e, _ := event.Salvage(raw.Body, err)
		return e, e.Timed, nil
	}
	if err != nil || len(events) == 0 {
		return first, false, err
	}
	return events[0], events[0].Timed, nil
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
