package robustness

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// ErrOrder says that what came later in vCenter was delivered earlier.
var ErrOrder = errors.New("records are out of order")

// place is where an event stands in the order of the cursor.
type place struct {
	Event
	inserted int
	enclosed bool // between two pages that are hidden as a whole
}

func (o Order) compare(a, b place) int {
	if o == Creation {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Key, b.Key), cmp.Compare(a.inserted, b.inserted))
	}
	return cmp.Compare(a.inserted, b.inserted)
}

// Ordered: apart from repeats, the records of a vCenter are accepted in the order of the cursor. Only these are not asked:
//   - Events that were inserted late, or are dated ahead, and, in order of creation, those that were stamped earlier than one before
//     them, because the clock was set back: a cursor may have passed their place before they came, and another one finds them.
//   - Records of a batch that was refused and taken apart: those that are not to blame do not wait for the others.
//   - Events between two pages that are hidden as a whole, if cursors were stuck before such pages until it was delivered. Who goes
//     on behind the first tries some begins, and not every millisecond: the event can lie between two, the second page silences all
//     that is tried after it, and the event comes as soon as cursors get past the first.
//   - Events that were waiting when a read was executed twice. One of the two pages was thrown away by whoever asked twice, and that
//     looks like a hole in the keys, of which vCenter has many; the next pass brings it.
func Ordered(r Run) error {
	places, refused := r.places(), map[string]int{} // refused: by uid, the size of the largest such request
	last := map[string]place{}                      // by vCenter
	for _, a := range r.Attempts {
		for _, record := range a.Records {
			if !a.Accepted() {
				refused[record.UID] = max(refused[record.UID], len(a.Records))
				continue
			}
			at, asked := places[record.UID]
			delete(places, record.UID) // what comes again is a repeat
			if !asked || refused[record.UID] > len(a.Records) || r.excused(at, a.At) {
				continue
			}
			if before, any := last[at.Instance]; any && r.Settings.Order.compare(before, at) > 0 {
				return fmt.Errorf("%w: %s after %s in life %d", ErrOrder, at.UID, before.UID, a.Life)
			}
			last[at.Instance] = at
		}
	}
	return nil
}

// places are those of all events that must come in order, but for excuses.
func (r Run) places() map[string]place {
	lines, newest := map[string][]place{}, map[string]time.Time{} // by vCenter
	for i, e := range r.Events {
		if !e.Punctual() || r.Settings.Order == Creation && e.Created.Before(newest[e.Instance]) {
			continue
		}
		newest[e.Instance] = e.Created
		lines[e.Instance] = append(lines[e.Instance], place{Event: e, inserted: i})
	}
	places := map[string]place{}
	for _, line := range lines {
		enclose(line)
		for _, p := range line {
			places[p.UID] = p
		}
	}
	return places
}

// page is how many events are a page.
const page = 1000

// enclose notes which events have a page of hidden ones before them, and another one behind them.
func enclose(line []place) {
	before := walled(slices.All(line))
	behind := walled(slices.Backward(line))
	for i := range line {
		line[i].enclosed = before[i] && behind[i]
	}
}

// walled are those that come after a page of hidden events.
func walled(line iter.Seq2[int, place]) map[int]bool {
	row, reached, walled := 0, false, map[int]bool{}
	for i, p := range line {
		if row++; !p.Hidden {
			row = 0
		}
		reached = reached || row >= page
		walled[i] = reached
	}
	return walled
}

// excused says why an event that is accepted at a time need not come in order: something kept it from cursors while it waited.
func (r Run) excused(p place, at time.Time) bool {
	return slices.ContainsFunc(r.Accidents, func(a Accident) bool {
		return (a.Twice || a.Stuck && p.enclosed) && a.during(p.Inserted, at, 0)
	})
}
