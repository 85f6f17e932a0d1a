package receiver

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// readsByKey is the version of the API from which on history can be read by key, without a collector.
	readsByKey = "9.0.0.0"

	// maxKey is the highest key of an event (vCenter's option config.vpxd.event.maxEventId).
	maxKey = 2_147_480_000

	// mostEmpty is how many empty answers in a row a sweep takes from vCenter in one pass. There is no end to them where events that are
	// hidden from the account stand before a huge hole in the keys and after it: from each key between, vCenter shows nothing.
	mostEmpty = 100
)

// sweeping is the reading of the history by key: the second opinion on what collectors return. It finds events that were
// inserted later than the overlap, and those that a stalled collector leaves out.
type sweeping struct {
	offered bool      // by this vCenter
	refused uint64    // the session in which vCenter has refused one, and that was told
	pass    time.Time // start of the pass that was swept last
	running bool
	at, to  int32     // the key up to which it has come, and the one that it goes to
	seen    time.Time // when vCenter showed the latter as its newest
	empty   int       // answers in a row

	// found are the events that were delivered beside the pass since its collector was made. In order of insertion that returns them
	// as well, where it began before their time; and their keys may be forgotten by then, for no other collector does. Nil: none.
	found *dedup.Window
}

// note remembers what was found.
func (w *sweeping) note(events []event.Event) {
	if w.found == nil {
		w.found = dedup.NewWindow(event.WindowLimit)
	}
	for i := range events {
		w.found.Mark(events[i].Identity())
	}
}

// fresh are the events that were not delivered yet.
func (s *eventStream) fresh(events []event.Event) []event.Event {
	fresh := s.position.Fresh(events)
	if s.sweep.found == nil {
		return fresh
	}
	return slices.DeleteFunc(fresh, func(e event.Event) bool { return s.sweep.found.Has(e.Identity()) })
}

// returned notes what was settled, for the sweeps to come. A vCenter that does not read by key may learn it with an upgrade: until then
// it is enough to know how far the keys went, once they began anew.
func (s *eventStream) returned(events []event.Event) {
	if s.sweep.offered {
		s.position.Sweep.Mark(events, s.now())
		return
	}
	if highest, known := s.keys.Highest(); known && s.position.Sweep.Known() {
		s.position.Sweep.Reach(highest, s.now())
	}
}

// sweeps reports whether it is time to read by key. Where nothing is left, the first event that comes is for the pass.
func (s *eventStream) sweeps() bool {
	if !s.sweep.offered || s.emptied == isEmpty && s.stall.times == 0 {
		return false
	}
	return s.sweep.running || s.stall.times > 0 || !s.sweep.pass.Equal(s.pass.Started())
}

// overlooked returns events that no collector has returned; none once the sweep is at its end.
func (s *eventStream) overlooked(ctx context.Context) (page[event.Event], error) {
	p, err := s.sweepOn(ctx)
	if vsphere.IsNotVCenter(err) || vsphere.IsFault(err) && !vsphere.IsNotAuthenticated(err) {
		if s.sweep.refused != s.serial {
			s.logger.Info("this vCenter does not read its history by key: events that are inserted later than the overlap can be missed", zap.Error(err))
		}
		s.sweep = sweeping{offered: true, refused: s.serial, pass: s.pass.Started(), found: s.sweep.found} // the next pass tries again
		return page[event.Event]{}, nil
	}
	return p, err
}

func (s *eventStream) sweepOn(ctx context.Context) (p page[event.Event], err error) {
	if !s.sweep.running {
		if err := s.startSweep(ctx); err != nil {
			return p, err
		}
	}
	for s.toSweep() && s.sweep.empty < mostEmpty {
		events, asked, err := s.byKey(ctx, s.sweep.at, true)
		if err != nil {
			return p, err
		}
		if len(events) == 0 {
			s.passHidden(asked)
			continue
		}
		last := events[len(events)-1]
		if s.sweep.at, s.sweep.empty = last.Key, s.sweep.empty+1; last.Keyed {
			s.sweep.empty = 0 // what only stands for a key may have many more behind it
		}
		if missed := s.withAside(s.missed(events)); len(missed) > 0 {
			return page[event.Event]{items: missed, fresh: missed, beside: true}, nil
		}
	}
	if len(s.aside) > 0 {
		return s.waiting(), nil // what is set aside may be known by its key alone: it is not swept
	}
	s.endSweep()
	return p, nil
}

// toSweep goes on to the next keys that were not read, and reports whether there are any.
func (s *eventStream) toSweep() bool {
	if !s.sweep.running {
		return false
	}
	s.sweep.at = s.position.Sweep.Past(s.sweep.at)
	return s.sweep.at < s.sweep.to
}

// startSweep finds out how far the keys go. Where nothing was swept before, the collectors are believed up to the highest key that
// they returned: what is newer may not be read yet.
//
// So it is where vCenter counts anew, once nothing is left of the old count. Until then the keys up to its end are not read, but for
// those that neither a sweep nor a collector has read: those of the new count are among them, and nobody could tell what is left of
// the old one from what was inserted late, so that all of it would be delivered again. Where the counter has overflowed, that end lies
// beyond what can be asked for: what is left ends here.
func (s *eventStream) startSweep(ctx context.Context) error {
	newest, _, err := s.byKey(ctx, maxKey, false)
	if err != nil {
		return err
	}
	s.sweep.pass = s.pass.Started()
	if len(newest) == 0 {
		return nil
	}
	to, seen := newest[len(newest)-1].Key, later(s.now(), newestOf(newest, s.now().Add(soon)))
	switch swept := s.position.Sweep; {
	case swept.To() >= maxKey:
		s.position.Sweep = event.NewSweep(to, seen)
	case !swept.Known(), swept.To() > to && s.countsAnew(newest):
		s.position.Sweep = s.anew(to, seen)
	}
	s.sweep.running, s.sweep.at, s.sweep.to, s.sweep.seen, s.sweep.empty = true, max(0, s.position.Sweep.To()), to, seen, 0
	return nil
}

// countsAnew reports whether the newest events, whose keys are lower than what was swept, are of a new count. Those that were read may be
// all that is to be seen, too: where a filter leaves out the rest now, or a permission was taken from the account. They are older than
// the sweep; and of a new count one at least came after it, though the last may be inserted late.
func (s *eventStream) countsAnew(newest []event.Event) bool {
	ahead := s.now().Add(soon)
	return slices.ContainsFunc(newest, func(e event.Event) bool { return s.position.Sweep.Predates(&e) && e.Created.Before(ahead) })
}

// anew is a sweep up to the key up to which the collectors are believed to have returned everything. Where none has ever returned
// anything, and one has stalled, that is none at all: a history can begin with pages that are hidden. What the position has moved over is
// not looked for then: it was told as a gap, or left out by another filter.
func (s *eventStream) anew(to int32, seen time.Time) *event.Sweep {
	highest, known := s.keys.Highest()
	switch {
	case known:
		return event.NewSweep(min(to, highest), seen)
	case s.stall.times > 0 && s.position.Untouched():
		return event.NewSweep(min(to, 0), seen).After(s.position.ReadTo)
	}
	return event.NewSweep(to, seen)
}

// passHidden goes on behind an empty answer: the next events, as many as make a page, are hidden. They have as many keys at least; and
// how many more nobody tells, so that a longer step could leave out one that is not hidden.
func (s *eventStream) passHidden(asked int) {
	s.sweep.at += min(s.sweep.to-s.sweep.at, int32(asked))
	s.sweep.empty++
}

// endSweep ends a sweep that is through, or breaks it off, and keeps how far it has come: the next pass goes on there, or the next stall.
func (s *eventStream) endSweep() {
	switch {
	case !s.sweep.running:
	case s.toSweep():
		s.position.Sweep.Reach(s.sweep.at, s.sweep.seen)
	default:
		s.position.Sweep.End(s.sweep.to, s.sweep.seen)
	}
	s.sweep.running = false
}

// byKey reads the events next to a key, on one side of it, by their keys. Where one of them is not well-formed, it reads fewer,
// and in the end that one alone.
func (s *eventStream) byKey(ctx context.Context, key int32, greater bool) ([]event.Event, int, error) {
	for count, failed := s.settings.Events.PageSize, 0; ; {
		body, err := s.callByKey(ctx, key, greater, count)
		if err != nil {
			return nil, count, fmt.Errorf("read history by key: %w", err)
		}
		events, err := event.Decode(body)
		switch {
		case err == nil:
			events = slices.DeleteFunc(events, func(e event.Event) bool { return !e.Keyed })
			slices.SortStableFunc(events, func(a, b event.Event) int { return cmp.Compare(a.Key, b.Key) })
			return events, count, nil
		case !soapxml.IsSyntax(err):
			return nil, count, fmt.Errorf("read history by key: %w", err)
		case count > 1:
			count /= 2
		case failed+1 < condemnedAfter:
			failed++
		default:
			return s.aloneByKey(body, err, key, greater), count, nil
		}
	}
}

func (s *eventStream) callByKey(ctx context.Context, key int32, greater bool, count int) ([]byte, error) {
	request, err := s.settings.Events.Filter.ReadByKey(ctx, s.session.Client(), key, greater, int32(count))
	if err != nil {
		return nil, err
	}
	return s.session.Call(ctx, s.settings.APITimeout, request)
}

// aloneByKey takes in an event that is not well-formed. Where not even its key can be told, it is left to the collectors, and
// stands for the place next to the key.
func (s *eventStream) aloneByKey(body []byte, reason error, key int32, greater bool) []event.Event {
	e, _ := event.Salvage(body, reason)
	switch {
	case e.Keyed:
		return []event.Event{s.salvaged(e)}
	case greater:
		return []event.Event{{Key: key + 1}}
	}
	return nil
}

// missed are the events that are wanted and were not read. One beyond the sweep came since, and is for the next one; or, with a key
// higher than maxKey, it is left of an old count.
func (s *eventStream) missed(events []event.Event) []event.Event {
	oldest := later(s.position.Since, s.position.Sweep.From())
	if age := s.settings.Events.MaxAge; age > 0 {
		oldest = later(oldest, s.now().Add(-age))
	}
	unread := slices.DeleteFunc(events, func(e event.Event) bool {
		return !e.Keyed || e.Key > s.sweep.to || e.Created.Before(oldest) || s.position.Sweep.Has(e.Key) || s.leftOut.Has(e.Identity())
	})
	return s.position.Fresh(s.matching(unread))
}
