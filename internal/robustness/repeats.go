package robustness

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ErrRepeated says that a record was accepted again, though it need not have been sent again.
var ErrRepeated = errors.New("records were repeated")

// clockSlack is how long after the next pass was due a clock that was set back may be noticed.
const clockSlack = 2 * time.Second

// witnesses is how many records that follow a batch may be accepted with it, so that it can be told whether one of its own is to
// blame for a refusal. Two that are accepted mostly tell; a back end that changes its mind meanwhile takes more.
const witnesses = 30

// Unique: a record is accepted once. It may come again only if what was known of its acceptance is gone: the answer was lost,
// the life that heard it was killed, or it ended while a part of the record's batch was still refused, and gave the batch back; or
// vCenter's clock was set back, to a time at which its key may be forgotten.
func Unique(r Run) error {
	type hearing struct{ life, place int }
	repeated := set{}
	forgets, undone := r.forgetful(), r.undone()
	heard := map[string]hearing{} // by uid: the life that has heard of its acceptance last, and in which request
	for place, a := range r.Attempts {
		if !a.Accepted() {
			continue
		}
		for _, record := range a.Records {
			last, known := heard[record.UID]
			if known && (last.life == a.Life || !forgets(last.life, last.place)) && !undone(record, a.At) {
				repeated.add(record.UID)
			}
			if !a.Unheard {
				heard[record.UID] = hearing{a.Life, place}
			}
		}
	}
	return repeated.broken(ErrRepeated)
}

// undone tells, of a record that is accepted at a time, whether its key may have been forgotten because vCenter's clock was set
// back by then: keys are kept for an overlap before the position, which was ahead of the new time by as much as the clock was. The
// next pass, half an overlap later at most, begins an overlap before the new time, and what was delivered until it noticed is as
// old. So is the record that tells that it was refused.
func (r Run) undone() func(record Record, at time.Time) bool {
	events := map[string]Event{}
	for _, e := range r.Events {
		events[e.UID] = e
	}
	return func(record Record, at time.Time) bool {
		e, known := events[cmp.Or(record.Refused, record.UID)]
		return known && slices.ContainsFunc(r.Accidents, func(a Accident) bool {
			first, last := a.Back.Add(-r.Settings.Overlap), a.Back.Add(r.Settings.Overlap/2+clockSlack)
			return !a.Back.IsZero() && at.After(a.end()) && e.Created.After(first) && e.Created.Before(last)
		})
	}
}

// forgetful tells of a life whether it could forget, by its end, what it had heard of a request: it was killed, or it gave back the
// batch of that request. There is one batch at a time, so that is the one with the record that was sent first of all those of which
// the life did not know in the end that they were accepted, and all that was accepted since then is of it.
func (r Run) forgetful() func(life, place int) bool {
	open := map[int]map[string]int{} // by life, and uid: the request with which it was sent first
	for place, a := range r.Attempts {
		if open[a.Life] == nil {
			open[a.Life] = map[string]int{}
		}
		for _, record := range a.Records {
			if _, sent := open[a.Life][record.UID]; !sent {
				open[a.Life][record.UID] = place
			}
			if a.Accepted() && !a.Unheard {
				delete(open[a.Life], record.UID)
				delete(open[a.Life], record.Refused)
			}
		}
	}
	since := map[int]int{} // by life: the first request of which something can be forgotten
	for _, l := range r.Lives {
		if places := slices.Collect(maps.Values(open[l.Life])); l.Killed {
			since[l.Life] = 0
		} else if len(places) > 0 {
			since[l.Life] = slices.Min(places)
		}
	}
	return func(life, place int) bool {
		first, forgets := since[life]
		return forgets && place >= first
	}
}

// BoundedRepeats: a life repeats at most one batch of the life before it, which was sent as a whole when it was sent first. What
// comes again because vCenter's clock was set back is not counted.
func BoundedRepeats(r Run) error {
	batch := map[int]int{}
	for _, a := range r.Attempts {
		batch[a.Life] = max(batch[a.Life], len(a.Records))
	}
	undone := r.undone()
	heard, repeats := map[string]int{}, map[int]set{} // by the life that had heard of the acceptance
	for a, record := range r.accepted() {
		if life, known := heard[record.UID]; known && !undone(record, a.At) {
			if repeats[life] == nil {
				repeats[life] = set{}
			}
			repeats[life].add(record.UID)
		}
		if !a.Unheard {
			heard[record.UID] = a.Life
		}
	}
	for life, records := range repeats {
		if n := len(records); n > batch[life]+witnesses {
			return fmt.Errorf("%w: %d of life %d, whose largest request had %d", ErrRepeated, n, life, batch[life])
		}
	}
	return nil
}
