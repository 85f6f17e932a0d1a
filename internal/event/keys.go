package event

import (
	"math"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
)

// Keys follows the keys of new events in the order of their delivery, to notice when vCenter counts anew: its database was
// restored, or the counter, an int32, has overflowed.
type Keys struct {
	known   bool
	highest int32
	created time.Time // of the highest
}

// Highest is the highest key since vCenter began to count as it does; false where there was no event yet.
func (k *Keys) Highest() (key int32, known bool) { return k.highest, k.known }

// Anew takes the next new event, before it is marked in the window of what was delivered. It reports whether its key shows
// that vCenter counts anew, and the highest key before.
//
// That a key is lower than one before proves nothing: an event that was inserted late stands, in order of creation, among
// events of lower keys. But a key that was used already, by another event, or that is lower than any that the window knows,
// though its event was created later, has been given out for the second time.
func (k *Keys) Anew(e *Event, delivered *dedup.Window) (before int32, anew bool) {
	if !e.identified() {
		return 0, false
	}
	if before = k.highest; !k.known {
		before = highestOf(delivered)
	}
	switch {
	case k.known && e.Key > k.highest:
	case k.known && e.Created.Before(k.created):
		return 0, false
	default:
		lowest, any := delivered.Lowest()
		any = any && lowest <= math.MaxInt32 // what is higher stands for an event without a key
		anew = any && (int64(e.Key) < lowest || delivered.Used(int64(e.Key)))
		if k.known && !anew {
			return 0, false
		}
	}
	k.known, k.highest, k.created = true, e.Key, e.Created
	return before, anew
}

// highestOf is the highest key that a window remembers; the least there is where it has none.
func highestOf(delivered *dedup.Window) int32 {
	highest := delivered.Highest(math.MaxInt32)
	return int32(max(highest, math.MinInt32))
}
