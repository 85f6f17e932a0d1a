package robustness

import (
	"errors"
	"iter"
	"strings"
)

// What can be wrong with what was delivered.
var (
	ErrUnreliable = errors.New("events are missing")
	ErrInvented   = errors.New("records are of no event")
	ErrUnjust     = errors.New("records are told to be refused for good, and the back end has nothing against them")
	ErrUntold     = errors.New("events that vCenter has dropped are missing, and no gap tells of them")
	ErrNoGap      = errors.New("a gap was told where nothing is missing")
	ErrBytes      = errors.New("a repeated record is not the same record")
	ErrTooLarge   = errors.New("a request is too large")
)

// accepted yields the records that the back end has taken, with their requests.
func (r Run) accepted() iter.Seq2[Attempt, Record] {
	return func(yield func(Attempt, Record) bool) {
		for _, a := range r.Attempts {
			if !a.Accepted() {
				continue
			}
			for _, record := range a.Records {
				if !yield(a, record) {
					return
				}
			}
		}
	}
}

// Distinct counts the records that were accepted, each once.
func (r Run) Distinct() int { return len(r.delivered()) }

func (r Run) delivered() set {
	all := set{}
	for _, record := range r.accepted() {
		all.add(record.UID)
	}
	return all
}

// missing are the events that must be delivered, and were not. A record may also be absent of which the back end was told that
// it was refused for good, if that is true.
func (r Run) missing() (events []Event) {
	had := r.delivered()
	for _, uid := range r.convicted() {
		had.add(uid)
	}
	for _, e := range r.Events {
		if !had[e.UID] && r.Settings.wants(e) {
			events = append(events, e)
		}
	}
	return events
}

// wants says that an event must be delivered: it can be read, and is neither too old nor too late for the run. That of another
// vCenter, which was at the address for a while, may be: nobody knows how long a while is enough.
func (s Settings) wants(e Event) bool {
	return !e.Hidden && !e.Passing && !e.Created.Before(s.Since) && (s.Until.IsZero() || !e.Inserted.After(s.Until))
}

// gaps are those that were told.
func (r Run) gaps() (gaps []Gap) {
	for _, record := range r.accepted() {
		if record.Gap != nil {
			gaps = append(gaps, *record.Gap)
		}
	}
	return gaps
}

func told(gaps []Gap, e Event) bool {
	for _, g := range gaps {
		if g.Covers(e) {
			return true
		}
	}
	return false
}

// Reliable: every event is delivered. What vCenter has dropped is GapTold's. A gap excuses nothing else but what events::max_age
// leaves out: of what vCenter still has, it would be a loss that is told.
func Reliable(r Run) error {
	missing := set{}
	for _, e := range r.missing() {
		if !e.Pruned && !r.aged(e) {
			missing.add(e.UID)
		}
	}
	return missing.broken(ErrUnreliable)
}

// reasonAge is that of a gap which events::max_age makes.
const reasonAge = "max_age"

// aged says that an event was too old when a gap was told for that reason, which covers it.
func (r Run) aged(e Event) bool {
	if r.Settings.MaxAge == 0 {
		return false
	}
	for a, record := range r.accepted() {
		if g := record.Gap; g != nil && g.Reason == reasonAge && g.Covers(e) && e.Created.Before(a.At.Add(-r.Settings.MaxAge)) {
			return true
		}
	}
	return false
}

// convicted yields the uids that are told to be refused for good, of records against which the back end has had something before,
// with the requests that tell it.
func (r Run) convicted() iter.Seq2[Attempt, string] {
	return r.letters(func(blamed bool) bool { return blamed })
}

// letters yields the uids that are told to be refused for good, by whether the back end has had something against the record.
func (r Run) letters(want func(blamed bool) bool) iter.Seq2[Attempt, string] {
	return func(yield func(Attempt, string) bool) {
		blamed := set{}
		for _, a := range r.Attempts {
			for _, record := range a.Records {
				if record.Blamed {
					blamed.add(record.UID)
				}
				if a.Accepted() && record.Refused != "" && want(blamed[record.Refused]) && !yield(a, record.Refused) {
					return
				}
			}
		}
	}
}

// Just: what is told to be refused for good is a record against which the back end has something, and not one that was with it.
func Just(r Run) error {
	innocent := set{}
	for _, uid := range r.letters(func(blamed bool) bool { return !blamed }) {
		innocent.add(uid)
	}
	return innocent.broken(ErrUnjust)
}

// GapTold: what vCenter has dropped before it was delivered is told as a gap; and where nothing was dropped and everything
// delivered, no gap is told.
//
// What was inserted late may be stamped up to an overlap before the gap, which begins at the position.
func GapTold(r Run) error {
	missing, gaps := r.missing(), r.gaps()
	reaching := make([]Gap, len(gaps))
	for i, g := range gaps {
		reaching[i] = Gap{From: g.From.Add(-r.Settings.Overlap), To: g.To}
	}
	untold := set{}
	for _, e := range missing {
		if e.Pruned && !told(gaps, e) && (e.Punctual() || !told(reaching, e)) {
			untold.add(e.UID)
		}
	}
	return errors.Join(untold.broken(ErrUntold), r.idle(gaps).broken(ErrNoGap))
}

// idle are the gaps in which there is no event that was dropped, or is missing.
func (r Run) idle(gaps []Gap) set {
	gone := r.missing()
	for _, e := range r.Events {
		if e.Pruned {
			gone = append(gone, e)
		}
	}
	idle := set{}
	for _, g := range gaps {
		real := false
		for _, e := range gone {
			real = real || g.Covers(e)
		}
		if !real {
			idle.add(g.From.String() + " to " + g.To.String())
		}
	}
	return idle
}

// Genuine: nothing is sent but records of events that vCenter shows, and the receiver's own.
func Genuine(r Run) error {
	known, invented := set{}, set{}
	for _, e := range r.Events {
		if !e.Hidden {
			known.add(e.UID)
		}
	}
	for _, a := range r.Attempts {
		for _, record := range a.Records {
			if !known[record.UID] && !record.Own() {
				invented.add(record.UID)
			}
		}
	}
	return invented.broken(ErrInvented)
}

// SameBytes: a record is the same every time it is sent, be it refused, repeated, or sent by another process. One that tells of a
// refusal is another where the refused record came again, and was refused again, because vCenter's clock was set back. One without
// a key may have no time of its own: it has that of the event before it, which in another life may be one that was inserted late.
func SameBytes(r Run) error {
	type sent struct {
		uid  string
		life int // of one without a key
	}
	first, changed, undone := map[sent]uint64{}, set{}, r.undone()
	for _, a := range r.Attempts {
		for _, record := range a.Records {
			this := sent{uid: record.UID}
			if keyless(record.UID) {
				this.life = a.Life
			}
			if before, again := first[this]; again && before != record.Hash && (record.Refused == "" || !undone(record, a.At)) {
				changed.add(record.UID)
			}
			first[this] = record.Hash
		}
	}
	return changed.broken(ErrBytes)
}

// keyless says that a uid is of an event without a key.
func keyless(uid string) bool {
	parts := strings.Split(uid, ":")
	return len(parts) == 3 && parts[1] == "0"
}

// Small: no request is larger than the limit, unless a single record is.
func Small(r Run) error {
	large := set{}
	for _, a := range r.Attempts {
		if r.Settings.Limit > 0 && a.Bytes > r.Settings.Limit && len(a.Records) > 1 {
			large.add(a.Records[0].UID)
		}
	}
	return large.broken(ErrTooLarge)
}
