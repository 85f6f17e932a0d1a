package robustness

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrOrder says that what came later in vCenter was delivered earlier.
var ErrOrder = errors.New("records are out of order")

// place is where an event stands in the order of the cursor.
type place struct {
	Event
	inserted int
}

func (o Order) compare(a, b place) int {
	if o == Creation {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Key, b.Key), cmp.Compare(a.inserted, b.inserted))
	}
	return cmp.Compare(a.inserted, b.inserted)
}

// Ordered: apart from repeats, records are accepted in the order of the cursor. Not asked are events that were inserted late,
// or are dated ahead: a cursor may have passed their place before they came, and another one finds them. Nor are records of
// a batch that was refused and taken apart: those that are not to blame do not wait for the others; nor events that came while
// cursors were stuck.
func Ordered(r Run) error {
	places, refused := r.places(), map[string]int{} // refused: by uid, the size of the largest such request
	var last *place
	for _, a := range r.Attempts {
		for _, record := range a.Records {
			if !a.Accepted() {
				refused[record.UID] = max(refused[record.UID], len(a.Records))
				continue
			}
			at, asked := places[record.UID]
			delete(places, record.UID) // what comes again is a repeat
			if !asked || refused[record.UID] > len(a.Records) {
				continue
			}
			if last != nil && r.Settings.Order.compare(*last, at) > 0 {
				return fmt.Errorf("%w: %s after %s in life %d", ErrOrder, at.UID, last.UID, a.Life)
			}
			last = &at
		}
	}
	return nil
}

func (r Run) places() map[string]place {
	places := map[string]place{}
	for i, e := range r.Events {
		if e.Punctual() && !r.stuck(e) {
			places[e.UID] = place{e, i}
		}
	}
	return places
}

func (r Run) stuck(e Event) bool {
	return slices.ContainsFunc(r.Accidents, func(a Accident) bool { return a.Stuck && a.during(e.Inserted, e.Inserted, 0) })
}
