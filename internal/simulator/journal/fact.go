package journal

import (
	"slices"
	"time"
)

// Fact is what a judge has to know of an event that was inserted: what its identity is made of, and whether, and how
// long, it could be read.
type Fact struct {
	Seq       uint64    `json:"seq"` // of insertion, from 1
	Key       int32     `json:"key"`
	Created   time.Time `json:"created"`
	CreatedMS int64     `json:"createdMs"` // Created in unix ms
	Class     string    `json:"class"`
	TypeID    string    `json:"typeId"`
	Inserted  time.Time `json:"inserted"`            // by our clock
	Clock     time.Time `json:"clock"`               // the vCenter's at that moment
	Hidden    bool      `json:"hidden,omitempty"`    // the account may not see it; by what is hidden now, or was when it was pruned
	Keyless   bool      `json:"keyless,omitempty"`   // its XML says no key
	Untimed   bool      `json:"untimed,omitempty"`   // its XML says no createdTime
	Malformed bool      `json:"malformed,omitempty"` // its XML is not well-formed
	XML       string    `json:"xml,omitempty"`       // the inside of its element, where that is the only identity it has
	Pruned    time.Time `json:"pruned,omitzero"`     // by our clock; zero: it is still there
}

// keptFacts are the facts of pruned events that a journal remembers: 100 MB.
const keptFacts = 500_000

// Facts are those of every event that was ever inserted, by insertion, but for so many as were forgotten.
func (j *Journal) Facts() (facts []Fact, forgotten int) {
	j.expire()
	j.mu.RLock()
	defer j.mu.RUnlock()
	facts = slices.Clone(j.pruned)
	for _, e := range j.inserted {
		facts = append(facts, j.fact(e))
	}
	slices.SortFunc(facts, func(a, b Fact) int { return int(a.Seq) - int(b.Seq) })
	return facts, j.forgotten
}

// fact has mu.
func (j *Journal) fact(e *Entry) Fact {
	f := Fact{
		Seq: e.seq, Key: e.key, Created: e.created.UTC(), CreatedMS: e.created.UnixMilli(), Class: e.Class(), TypeID: e.TypeID(),
		Inserted: e.inserted, Clock: e.clock, Hidden: view{hide: j.hide}.hides(e),
	}
	if raw, ok := e.Event.(*Raw); ok {
		f.Keyless, f.Untimed, f.Malformed = raw.keyless, raw.untimed, raw.Malformed
	}
	if f.Keyless || f.Malformed {
		f.XML = string(e.XML())
	}
	return f
}

// remember keeps the facts of what is about to be dropped. It has mu.
func (j *Journal) remember(entries []*Entry, drop func(*Entry) bool) {
	now := time.Now()
	for _, e := range entries {
		if drop(e) {
			f := j.fact(e)
			f.Pruned = now
			j.pruned = append(j.pruned, f)
		}
	}
	if over := len(j.pruned) - keptFacts; over > 0 {
		j.pruned, j.forgotten = slices.Clone(j.pruned[over:]), j.forgotten+over
	}
}
