package dedup

import "time"

// Key is the identity of a delivered event.
type Key struct {
	ID      int64     // an event's key, or a hash beyond int32 for an event without one
	Created time.Time // counted in whole milliseconds
}

const (
	minuteMillis = 60_000 // of a chunk; an offset within it fits 16 bits
	tolerance    = 1_000  // how far, in milliseconds, a creation time may be told differently the next time
)

// split gives the minute that a key belongs to and the milliseconds into it. It rounds down before 1970, too.
func (k Key) split() (minute int64, offset int32) {
	millis := k.Created.UnixMilli()
	minute, rest := millis/minuteMillis, millis%minuteMillis
	if rest < 0 {
		minute, rest = minute-1, rest+minuteMillis
	}
	return minute, int32(rest)
}
