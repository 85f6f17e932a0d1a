package robustness

import (
	"errors"
	"fmt"
)

// ErrRepeated says that a record was accepted again, though it need not have been sent again.
var ErrRepeated = errors.New("records were repeated")

// witnesses is how many records may follow a batch into it, so that it can be told whether one of its own is to blame for a
// refusal.
const witnesses = 3

// Unique: a record is accepted once. It may come again only if what was known of its acceptance is gone: the answer was lost,
// the life that heard it was killed, or it ended while a part of the batch was still refused, and gave the batch back.
func Unique(r Run) error {
	repeated := set{}
	forgets := r.forgetful()
	heard := map[string]int{} // by uid: the life that has heard of its acceptance last
	for a, record := range r.accepted() {
		if life, known := heard[record.UID]; known && (life == a.Life || !forgets[life]) {
			repeated.add(record.UID)
		}
		if !a.Unheard {
			heard[record.UID] = a.Life
		}
	}
	return repeated.broken(ErrRepeated)
}

// forgetful are the lives that were killed, or ended with records that they had sent and of which they did not know that
// they were accepted.
func (r Run) forgetful() map[int]bool {
	open := map[int]set{}
	for _, a := range r.Attempts {
		if open[a.Life] == nil {
			open[a.Life] = set{}
		}
		for _, record := range a.Records {
			open[a.Life].add(record.UID)
			if a.Accepted() && !a.Unheard {
				delete(open[a.Life], record.UID)
				delete(open[a.Life], record.Refused)
			}
		}
	}
	forgets := map[int]bool{}
	for _, l := range r.Lives {
		forgets[l.Life] = l.Killed || len(open[l.Life]) > 0
	}
	return forgets
}

// BoundedRepeats: a life repeats at most one batch of the life before it, which was sent as a whole when it was sent first.
func BoundedRepeats(r Run) error {
	batch := map[int]int{}
	for _, a := range r.Attempts {
		batch[a.Life] = max(batch[a.Life], len(a.Records))
	}
	heard, repeats := map[string]int{}, map[int]set{} // by the life that had heard of the acceptance
	for a, record := range r.accepted() {
		if life, known := heard[record.UID]; known {
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
