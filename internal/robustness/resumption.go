package robustness

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// What can be wrong with how a life goes on where the one before it was.
var (
	ErrSkipped = errors.New("a start begins behind events that were not delivered")
	ErrReread  = errors.New("a start reads again what lies further back than one overlap")
)

// pages is how many events the stored position may lag behind the newest that was delivered: it is a page behind, and the
// page that is on its way is another.
const pages = 2 * page

// Resumable: each start goes on where the life before it was. Its first collector is not asked for less than what is missing,
// for nobody would ask for that again; nor for more than one overlap before what was delivered without a hole. The latter is not
// asked after a life of less than two passes, nor where a line was bad in the last two: one may have to go around what it cannot
// read, and then the position waits for another.
func Resumable(r Run) error {
	for i, l := range r.Lives {
		if opening, opened := r.first(i); opened {
			if err := r.resumed(l, opening); err != nil {
				return err
			}
		}
	}
	return nil
}

// first is the collector that a life opens first.
func (r Run) first(life int) (Opening, bool) {
	begin, end := r.Lives[life].Begin, time.Time{}
	if life+1 < len(r.Lives) {
		end = r.Lives[life+1].Begin
	}
	i := slices.IndexFunc(r.Openings, func(o Opening) bool {
		return !o.At.Before(begin) && (end.IsZero() || o.At.Before(end))
	})
	if i < 0 {
		return Opening{}, false
	}
	return r.Openings[i], true
}

func (r Run) resumed(l Life, opening Opening) error {
	had := r.before(opening.At)
	var settled []time.Time // creation times of what was delivered, up to the first that was not
	whole := true
	for _, e := range r.Events {
		if !r.asked(e, opening.At) || e.Instance != opening.Instance {
			continue
		}
		if !had[e.UID] && e.Created.Before(opening.Begin) {
			return fmt.Errorf("%w: %s, before %s in life %d", ErrSkipped, e.UID, opening.Begin, l.Life)
		}
		whole = whole && had[e.UID]
		if whole && e.Punctual() && !r.ahead(e, opening.At) {
			settled = append(settled, e.Created)
		}
	}
	if len(settled) <= pages || r.Settings.Overlap == 0 || !r.lasted(l.Life-1) {
		return nil
	}
	if oldest := settled[len(settled)-1-pages].Add(-r.reach()); opening.Begin.Before(oldest) {
		return fmt.Errorf("%w: from %s instead of %s in life %d", ErrReread, opening.Begin, oldest, l.Life)
	}
	return nil
}

// lasted says that a life was long enough for two passes, of half an overlap each, and that no call was lost in the last two.
func (r Run) lasted(life int) bool {
	return slices.ContainsFunc(r.Lives, func(l Life) bool {
		return l.Life == life && l.End.Sub(l.Begin) > r.Settings.Overlap && r.cuts(l.End.Add(-r.reach()), l.End, 0) == 0
	})
}

// ahead says that an event was stamped by a clock that was set back since, to before that: the position was, too.
func (r Run) ahead(e Event, at time.Time) bool {
	return slices.ContainsFunc(r.Accidents, func(a Accident) bool {
		return !a.Back.IsZero() && a.end().After(e.Inserted) && a.end().Before(at) && a.Back.Before(e.Created)
	})
}

// reach is how far back a start may read: an overlap before the position, which while a pass lasts goes no further than half
// of one beyond the pass's start.
func (r Run) reach() time.Duration { return r.Settings.Overlap + r.Settings.Overlap/2 }

// asked says that an event was there at a time, and is to be delivered.
func (r Run) asked(e Event, at time.Time) bool {
	return r.Settings.wants(e) && !e.Pruned && e.Inserted.Before(at)
}

// before are the records that were accepted before a time, or given up.
func (r Run) before(at time.Time) set {
	had := set{}
	for a, record := range r.accepted() {
		if a.At.Before(at) {
			had.add(record.UID)
		}
	}
	for _, uid := range r.convicted() {
		had.add(uid)
	}
	return had
}
