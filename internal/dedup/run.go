package dedup

import "math"

// run is IDs without a hole, and the range of time in which they were created. It has 16 bytes: a million sparse keys are 16 MB.
type run struct {
	first  int64
	count  uint32
	oldest uint16 // milliseconds into the chunk's minute
	newest uint16
}

func (r run) last() int64 { return r.first + int64(r.count) - 1 }

// near reports whether a time is within the run's range or at most the tolerance outside. The offset may lie outside the minute.
func (r run) near(offset int32) bool {
	return offset >= int32(r.oldest)-tolerance && offset <= int32(r.newest)+tolerance
}

// mostSpan is the longest range of time of one run, in milliseconds. A run claims each of its IDs for all of its range: a
// database that is restored in the middle of a busy minute would otherwise use them again within it.
const mostSpan = 2_000

// joins reports whether next goes on where r ends, in IDs and in time. Runs apart in time stay two: as one they would
// claim their IDs for all the time between, in which a restored database may use them again.
func (r run) joins(next run) bool {
	joined := r.joined(next)
	return r.last()+1 == next.first && // which cannot overflow: next is behind r
		int32(next.oldest)-int32(r.newest) <= tolerance && int32(r.oldest)-int32(next.newest) <= tolerance &&
		joined.newest-joined.oldest <= mostSpan &&
		uint64(r.count)+uint64(next.count) <= math.MaxUint32
}

// joined is r followed by next.
func (r run) joined(next run) run {
	return run{
		first:  r.first,
		count:  r.count + next.count,
		oldest: min(r.oldest, next.oldest),
		newest: max(r.newest, next.newest),
	}
}
