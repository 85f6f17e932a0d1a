package event

import (
	"errors"
	"slices"
	"time"
)

// mostSpans bounds a Sweep, which is stored with every batch: keys with holes between them, as an account has them that may
// not see everything.
const mostSpans = 2_000

// Sweep is how far the history was read in the order of keys, in which an event stands where it was inserted, however late that
// was. It also knows which events beyond were returned by a collector, so that none is delivered a second time.
type Sweep struct {
	to    int32
	at    time.Time // when it had come there, by vCenter's clock
	from  time.Time // what was created before it is not looked for; mostly zero
	read  []keys    // beyond to, ascending, with holes between them
	blank bool      // nothing is known yet
}

// keys are some that follow each other, with the last one.
type keys struct{ first, last int32 }

// NewSweep is one over everything up to a key, at a time by vCenter's clock.
func NewSweep(to int32, at time.Time) *Sweep { return &Sweep{to: to, at: at} }

// After leaves out what was created before a time: it is settled.
func (s *Sweep) After(from time.Time) *Sweep {
	s.refilter(from)
	return s
}

// Known reports whether anything is known of what was read.
func (s *Sweep) Known() bool { return !s.blank }

// To is the key up to which everything was read.
func (s *Sweep) To() int32 { return s.to }

// Predates reports whether an event came after the sweep had got as far as it has: one with a lower key is of another count of keys then.
func (s *Sweep) Predates(e *Event) bool { return e.Timed && e.Created.After(s.at) }

// From is the time from which on events are looked for. Zero: all of them are.
func (s *Sweep) From() time.Time { return s.from }

// refilter has what was created before a time left out of the next sweep: under another filter, nobody has read it.
func (s *Sweep) refilter(from time.Time) { s.from = latest(s.from, from) }

// setBack is for a clock that was set back: stamps from a time on may be of after the present.
func (s *Sweep) setBack(begin time.Time) {
	s.at, s.from = earliest(s.at, begin), earliest(s.from, begin)
}

// Has reports whether an event was read.
func (s *Sweep) Has(key int32) bool {
	if key <= s.to {
		return true
	}
	at, exact := s.find(key)
	return exact || at > 0 && s.read[at-1].last >= key
}

// Past is the last key before a hole, from a key on: all between them were read.
func (s *Sweep) Past(key int32) int32 {
	key = max(key, s.to)
	at, exact := s.find(key)
	switch {
	case !exact && at > 0 && s.read[at-1].last >= key:
		return s.read[at-1].last
	case at < len(s.read) && (exact || s.read[at].first-1 == key):
		return s.read[at].last
	}
	return key
}

// Mark notes events that were read and settled by a time, where anything is known.
func (s *Sweep) Mark(events []Event, at time.Time) {
	if !s.Known() {
		return
	}
	for i := range events {
		if e := &events[i]; e.Keyed && !s.Has(e.Key) {
			s.insert(e.Key)
		}
	}
	if n := len(s.read); n > mostSpans {
		s.Reach(s.read[n-mostSpans/2-1].last, at) // what was inserted late before it is given up
	}
}

// Reach notes that everything up to a key was read and settled by a time, in every copy of the position, also in one that is about to be
// stored.
func (s *Sweep) Reach(to int32, at time.Time) {
	if s.blank {
		*s = Sweep{to: to, at: at}
	}
	if to > s.to {
		s.to, s.at = to, at
	}
	s.read = slices.DeleteFunc(s.read, func(k keys) bool { return k.last <= s.to })
	if len(s.read) > 0 {
		s.read[0].first = max(s.read[0].first, s.to+1) // which cannot overflow: a last is behind it
	}
}

// End is Reach at the end of a sweep: the next one looks for everything again.
func (s *Sweep) End(to int32, at time.Time) {
	s.Reach(to, at)
	s.from = time.Time{}
}

func (s *Sweep) find(key int32) (int, bool) {
	return slices.BinarySearchFunc(s.read, key, func(k keys, key int32) int {
		switch {
		case k.first < key:
			return -1
		case k.first > key:
			return 1
		}
		return 0
	})
}

// insert adds a key that is not there.
func (s *Sweep) insert(key int32) {
	at, _ := s.find(key)
	follows := at > 0 && s.read[at-1].last+1 == key
	leads := at < len(s.read) && key+1 == s.read[at].first
	switch {
	case follows && leads:
		s.read[at-1].last = s.read[at].last
		s.read = slices.Delete(s.read, at, at+1)
	case follows:
		s.read[at-1].last = key
	case leads:
		s.read[at].first = key
	default:
		s.read = slices.Insert(s.read, at, keys{key, key})
	}
}

// swept is the encoding of a Sweep: its key, and the firsts and lasts of what was read beyond, in turns.
type swept struct {
	To   int32     `json:"to"`
	At   time.Time `json:"at,omitzero"`
	From time.Time `json:"from,omitzero"`
	Read []int32   `json:"read,omitempty"`
}

func (s *Sweep) encode() *swept {
	if !s.Known() {
		return nil
	}
	e := &swept{To: s.to, At: s.at, From: s.from}
	for _, k := range s.read {
		e.Read = append(e.Read, k.first, k.last)
	}
	return e
}

var errSwept = errors.New("keys that are not in order")

// decode reads a Sweep that was stored at a time. An older version has stored none of its own.
func (e *swept) decode(saved time.Time) (*Sweep, error) {
	if e == nil {
		return &Sweep{blank: true}, nil
	}
	s := &Sweep{to: e.To, at: e.At, from: e.From}
	if s.at.IsZero() {
		s.at = saved
	}
	if len(e.Read)%2 != 0 || !slices.IsSorted(e.Read) || len(e.Read) > 0 && e.Read[0] <= e.To {
		return nil, errSwept
	}
	for pair := range slices.Chunk(e.Read, 2) {
		s.read = append(s.read, keys{pair[0], pair[1]})
	}
	return s, nil
}
