package dedup

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"
)

// Window is the keys that were delivered, as far back as anything may be read again.
type Window struct {
	limit   int64
	keys    int64
	dropped int64
	from    time.Time // see CompleteFrom
	chunks  []*chunk  // ascending by minute, none empty
}

// NewWindow makes an empty window of at most limit keys. Beyond it the oldest chunks are given up whole, and counted. The newest
// is no exception: a minute of more keys than the limit is forgotten, too, or memory would not be bounded.
func NewWindow(limit int) *Window { return &Window{limit: int64(max(limit, 0))} }

// Has reports whether a key was marked: a run holds its ID, and its creation time lies in the run's range ± 1 s. The second
// may reach into the minute before or after.
func (w *Window) Has(k Key) bool {
	minute, offset := k.split()
	return w.hasIn(minute, k.ID, offset) ||
		offset <= tolerance && w.hasIn(minute-1, k.ID, offset+minuteMillis) ||
		offset >= minuteMillis-tolerance && w.hasIn(minute+1, k.ID, offset-minuteMillis)
}

func (w *Window) hasIn(minute, id int64, offset int32) bool {
	at, found := w.find(minute)
	return found && w.chunks[at].has(id, offset)
}

// Mark adds keys, in any order. A key that its own minute holds already is not added again.
func (w *Window) Mark(keys ...Key) {
	for _, k := range keys {
		minute, offset := k.split()
		if w.chunk(minute).mark(k.ID, offset) {
			w.keys++
		}
	}
	w.giveUp()
}

// Prune forgets the chunks that end before a time; nothing created then or later is forgotten, nor the second before it,
// because Has would find its keys for that time, too.
func (w *Window) Prune(before time.Time) {
	minute, _ := Key{Created: before.Add(-tolerance * time.Millisecond)}.split()
	n, _ := w.find(minute)
	w.forget(n)
	w.raise(before)
}

// CompleteFrom is the time from which the window holds every key that was marked: what was created before it may have been
// forgotten, and would be delivered again if it were read again. Zero: nothing was forgotten. It only goes up by itself.
func (w *Window) CompleteFrom() time.Time { return w.from }

// SetCompleteFrom is for a window that comes out of storage, and for a clock that was set back: there it accepts repeats.
func (w *Window) SetCompleteFrom(t time.Time) { w.from = t }

func (w *Window) raise(from time.Time) {
	if from.After(w.from) {
		w.from = from
	}
}

// Len is the number of keys held.
func (w *Window) Len() int { return int(w.keys) }

// Dropped is the number of keys that were given up over the limit so far.
func (w *Window) Dropped() int { return int(w.dropped) }

// Used reports whether an ID was marked at any time that the window remembers.
func (w *Window) Used(id int64) bool {
	return slices.ContainsFunc(w.chunks, func(c *chunk) bool {
		return slices.ContainsFunc(c.layers, func(l layer) bool { _, held := l.find(id); return held })
	})
}

// Lowest is the lowest ID that the window remembers; false where it is empty.
func (w *Window) Lowest() (lowest int64, ok bool) {
	for _, c := range w.chunks {
		for _, l := range c.layers {
			if first := l[0].first; !ok || first < lowest {
				lowest, ok = first, true
			}
		}
	}
	return lowest, ok
}

// Highest is the highest ID up to a limit that the window remembers; math.MinInt64 where there is none.
func (w *Window) Highest(limit int64) int64 {
	highest := int64(math.MinInt64)
	for _, c := range w.chunks {
		for _, l := range c.layers {
			highest = max(highest, l.highest(limit))
		}
	}
	return highest
}

// Chunks gives the encoded runs of each minute, in ascending order. The bytes must not be changed; they are the same ones
// until a key of that minute is marked.
func (w *Window) Chunks() iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		for _, c := range w.chunks {
			if !yield(c.minute, c.bytes()) {
				return
			}
		}
	}
}

// find gives the chunk of a minute, or the place where it belongs.
func (w *Window) find(minute int64) (int, bool) {
	return slices.BinarySearchFunc(w.chunks, minute, func(c *chunk, minute int64) int { return cmp.Compare(c.minute, minute) })
}

// chunk gives the chunk of a minute, a new one if need be.
func (w *Window) chunk(minute int64) *chunk {
	at, found := w.find(minute)
	if !found {
		w.chunks = slices.Insert(w.chunks, at, &chunk{minute: minute})
	}
	return w.chunks[at]
}

// giveUp forgets the oldest chunks until the rest is within the limit.
func (w *Window) giveUp() {
	before, n := w.keys, 0
	for keys := w.keys; keys > w.limit; n++ {
		keys -= w.chunks[n].keys
		w.raise(w.chunks[n].end())
	}
	w.forget(n)
	w.dropped += before - w.keys
}

// forget removes the n oldest chunks.
func (w *Window) forget(n int) {
	for _, c := range w.chunks[:n] {
		w.keys -= c.keys
	}
	w.chunks = slices.Delete(w.chunks, 0, n)
}
