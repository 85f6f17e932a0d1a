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
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// searchAfter is how many stalls in a row it takes until a later begin is looked for: the first may be a collector that
	// has lost its place, which another one mends.
	searchAfter = 2

	// widenAfter is how many it takes until the pass begins anew, with the whole overlap: what is missing may lie before where
	// this one had got to.
	widenAfter = 3
)

// stall is a collector that returns nothing, though vCenter has newer events.
type stall struct {
	times   int             // in a row, with nothing new between
	missing event.Event     // that vCenter shows, and no collector has returned
	search  *history.Search // for it, that was interrupted; mostly nil
	vain    bool            // it was looked for since there was something new

	// silences are what stalls were about, in the order of time: where stretches of the history end that vCenter returns
	// nothing of. A page full of events that are hidden from the account is empty, and a cursor may stay there.
	silences []silence
}

// silence is a stretch of the history that vCenter returns nothing of.
type silence struct {
	end   time.Time
	leapt bool // a pass has gone on behind it
}

// stalled notes a stall.
func (s *eventStream) stalled() {
	if s.stall.times++; s.stall.times == 1 {
		s.stall.vain = false
	}
	if s.stall.times >= widenAfter {
		s.over()
	}
}

// leap goes on behind a silence that is known, once a pass has come to it, and reports whether it does. The first such pass holds
// the position: that its collector is silent as well may be a coincidence, and something late may be where it has not read.
func (s *eventStream) leap() bool {
	for i := range s.stall.silences {
		known := &s.stall.silences[i]
		if !s.pass.Before(known.end) {
			continue
		}
		if !known.leapt {
			s.pass, known.leapt = s.pass.Hold(), true
		}
		s.pass = s.pass.Jump(known.end)
		return true
	}
	return false
}

// unstick is where the next collector begins after stalls: as usual, or behind what vCenter returns nothing of.
func (s *eventStream) unstick(ctx context.Context, session *vsphere.Session, begin time.Time) (time.Time, error) {
	if s.stall.times < searchAfter && (s.stall.times == 0 || len(s.stall.silences) == 0) {
		return begin, nil
	}
	if s.stall.search == nil {
		s.stall.search = s.search()
	}
	to, found, err := s.stall.search.Earliest(ctx, session, s.wanted(), s.reading(), s.answers)
	if err != nil {
		return begin, fmt.Errorf("look for events behind a stall: %w", err)
	}
	s.stall.search = nil
	told := []zap.Field{zap.String("after", describeTime(s.pass.Edge())), zap.String("newer_event", describeTime(s.stall.missing.Created)), zap.Int("stalls", s.stall.times)}
	if !found {
		s.logger.Warn("vCenter returns none of the events that it shows as its newest: they are looked for again and again", told...)
		return begin, nil
	}
	s.logger.Warn("vCenter returns nothing for a while of its history, as it does where everything is hidden from the account: the stream goes on behind it",
		append(told, zap.String("goes_on_at", describeTime(to)))...)
	s.silent(to)
	if s.stall.vain || s.pass.Unread().Before(s.position.ReadTo) {
		s.pass = s.pass.Hold() // it has not read the overlap, where something may be late
	}
	s.pass, s.stall.vain = s.pass.Jump(to), true
	return to, nil
}

// mostBegins is the most begins that are tried for one stall.
const mostBegins = 200

// search is where to look for what is missing: not before the last millisecond that is settled, of which there may be more. How
// far apart the begins may be follows from the keys between, and from the page before the place of the stall, which may be read
// and not settled: half of the time that a page of hidden events takes on average.
//
// Where that has been in vain, it is looked for from the newest event on that was read: what is before it may be found each time,
// and never come, as an event that is not well-formed behind hidden ones, which is read alone.
func (s *eventStream) search() *history.Search {
	missing := s.stall.missing
	settled := later(s.pass.Unread(), s.position.ReadTo)
	if s.stall.vain {
		settled = later(settled, s.pass.Edge())
	}
	where := &history.Search{After: later(settled.Add(-time.Millisecond), time.Unix(0, 0)), To: missing.Created}
	span := where.To.Sub(where.After)
	begins := time.Duration(mostBegins)
	if last, known := s.keys.Highest(); known && missing.Keyed && missing.Key > last {
		begins = min(begins, 2*time.Duration(missing.Key-last)/time.Duration(s.settings.Events.PageSize)+3)
	}
	where.Step = max(span/begins, time.Millisecond)
	return where
}

// silent remembers a silence for as long as a pass can come to it.
func (s *eventStream) silent(end time.Time) {
	s.stall.silences = slices.DeleteFunc(s.stall.silences, func(old silence) bool {
		return old.end.Before(s.position.Delivered.CompleteFrom()) || old.end.Equal(end)
	})
	s.stall.silences = append(s.stall.silences, silence{end: end})
	slices.SortFunc(s.stall.silences, func(a, b silence) int { return a.end.Compare(b.end) })
}

// answers reports whether an answer has an event that was not read yet; or one that is not well-formed, which is read around.
func (s *eventStream) answers(body []byte) (bool, error) {
	events, err := event.Decode(body)
	if soapxml.IsSyntax(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(events, func(e event.Event) bool { return !s.read(&e) }), nil
}

// read reports whether an event was delivered, or left out because it is not wanted, or set aside.
func (s *eventStream) read(e *event.Event) bool {
	return s.position.Has(e) || s.leftOut.Has(e.Identity()) || s.isAside(e)
}
