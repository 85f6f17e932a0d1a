package robustness

import (
	"hash/fnv"
	"net/http"
	"time"
)

// Run is what was recorded. Each list is in the order in which things happened; times are those of one clock, the
// machine's, unless they are said to be vCenter's.
type Run struct {
	Settings   Settings
	Events     []Event     // what vCenter had, by insertion
	Attempts   []Attempt   // what the back end got
	Lives      []Life      // of the collector
	Censuses   []Census    // what lived in vCenter; each holds until the next
	Openings   []Opening   // of event collectors
	Makings    []Making    // what vCenter was asked to make
	Rejections []Rejection // of logins
	Accidents  []Accident  // what was done to them all
}

// Settings are what the validators must know of how it was run.
type Settings struct {
	Test    string        `json:"test,omitempty"`
	Seed    uint64        `json:"seed,omitempty"` // of the schedule of accidents
	Order   Order         `json:"order,omitempty"`
	Until   time.Time     `json:"until,omitzero"`    // what was inserted later may be absent
	Since   time.Time     `json:"since,omitzero"`    // by vCenter's clock: what was created before may be absent
	Overlap time.Duration `json:"overlap,omitempty"` // events::overlap
	Limit   int           `json:"limit,omitempty"`   // the most bytes of a request; 0: any
	Idle    time.Duration `json:"idle,omitempty"`    // after which vCenter ends a session that nobody uses; 0: never
	MaxAge  time.Duration `json:"maxAge,omitempty"`  // events::max_age; 0: none
	Timeout time.Duration `json:"timeout,omitempty"` // api_timeout, after which a call is given up; 0: never
}

// Order is the one in which vCenter's collectors return events.
type Order string

// The orders. Where events are inserted as they are created, they are the same.
const (
	Insertion Order = "insertion"
	Creation  Order = "creation"
)

// Event is one event that vCenter had. Where several vCenters have been at the address, each has its own of all that it showed.
type Event struct {
	UID      string        `json:"uid"`                // of its record
	Instance string        `json:"instance,omitempty"` // the vCenter; empty: there was but one
	Passing  bool          `json:"passing,omitempty"`  // that vCenter has not stayed: what it had cannot be asked for any more
	Key      int32         `json:"key"`
	Type     string        `json:"type,omitempty"`
	Created  time.Time     `json:"created"` // by vCenter's clock
	Inserted time.Time     `json:"inserted,omitzero"`
	Late     time.Duration `json:"late,omitempty"`   // from creation to insertion, by vCenter's clock; negative: dated ahead
	Hidden   bool          `json:"hidden,omitempty"` // from the account that reads
	Pruned   bool          `json:"pruned,omitempty"` // dropped by vCenter before the end
}

// Punctual says that the event was inserted when it was created.
func (e Event) Punctual() bool { return -punctuality < e.Late && e.Late < punctuality }

// punctuality is less than any accident plays. An event for which a busy machine has taken longer is only not asked.
const punctuality = time.Millisecond

// Attempt is one request to the back end.
type Attempt struct {
	At      time.Time `json:"at"`
	Life    int       `json:"life"`              // of the collector that made it
	Status  int       `json:"status"`            // what it was answered, as HTTP has it
	Unheard bool      `json:"unheard,omitempty"` // the answer was lost on the way
	Bytes   int       `json:"bytes,omitempty"`
	Records []Record  `json:"records"`
}

// Accepted says that the back end has taken the records.
func (a Attempt) Accepted() bool { return a.Status == http.StatusOK }

// Record is one log record as it arrived.
type Record struct {
	UID     string `json:"uid"`
	Hash    uint64 `json:"hash"`              // of its bytes, with those of its resource
	Gap     *Gap   `json:"gap,omitempty"`     // which it tells of
	Refused string `json:"refused,omitempty"` // uid of the record that it says was refused for good
	Blamed  bool   `json:"blamed,omitempty"`  // the back end has something against this very record
}

// Own says that the record is of the receiver itself, and not of an event.
func (r Record) Own() bool { return r.Gap != nil || r.Refused != "" }

// Hash is that of a record's bytes.
func Hash(bytes []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(bytes)
	return h.Sum64()
}

// Gap is a part of the history that the receiver says was not delivered, by vCenter's clock.
type Gap struct {
	From   time.Time `json:"from,omitzero"` // zero: the history's beginning
	To     time.Time `json:"to"`
	Reason string    `json:"reason,omitempty"`
}

// Covers says that an event is of the gap. Its ends are told in milliseconds.
func (g Gap) Covers(e Event) bool {
	created := e.Created.Truncate(time.Millisecond)
	return !created.Before(g.From.Truncate(time.Millisecond)) && !created.After(g.To)
}

// Life is that of one process of the collector, from its start to its end.
type Life struct {
	Life   int       `json:"life"` // from 1
	Begin  time.Time `json:"begin"`
	Asked  time.Time `json:"asked,omitzero"` // when it was asked to end, or killed
	End    time.Time `json:"end,omitzero"`   // zero: it lived when the record ended
	Killed bool      `json:"killed,omitempty"`
}

// Kills counts the lives that were killed, and those of them that had something to lose: they had made an event collector, or
// delivered something.
func (r Run) Kills() (all, struck int) {
	delivered := map[int]bool{}
	for _, a := range r.Attempts {
		delivered[a.Life] = delivered[a.Life] || a.Accepted()
	}
	for i, l := range r.Lives {
		if !l.Killed {
			continue
		}
		all++
		if _, opened := r.first(i); opened || delivered[l.Life] {
			struck++
		}
	}
	return all, struck
}

// Census is what lived in vCenter from a time on. It was true at some time from the question to the answer.
type Census struct {
	Asked    time.Time `json:"asked,omitzero"` // zero: when it was answered
	At       time.Time `json:"at"`             // when it was answered
	Sessions []Session `json:"sessions"`
}

// Session is one login, and what was made in it.
type Session struct {
	Key        string    `json:"key"`
	Since      time.Time `json:"since"`
	Collectors int       `json:"collectors,omitempty"` // of events
	Others     int       `json:"others,omitempty"`     // property collectors, filters and views
}

// Opening is the creation of an event collector.
type Opening struct {
	At       time.Time `json:"at"`
	Begin    time.Time `json:"begin,omitzero"` // by vCenter's clock: what it is asked for; zero: everything
	Instance string    `json:"instance,omitempty"`
}

// Making is a call that was to make something in vCenter: a login, an event collector, a filter.
type Making struct {
	Method string    `json:"method"`
	At     time.Time `json:"at"`               // when the client can have begun to wait for the answer
	Until  time.Time `json:"until"`            // when it was answered, or nobody could be any more
	Times  int       `json:"times"`            // how often it was executed
	Passed bool      `json:"passed,omitempty"` // its answer went out as a whole, to somebody who was still there
}

// Rejection is a login that vCenter has refused, because of its name or its password.
type Rejection struct {
	At time.Time `json:"at"`
}

// Accident is something that was done to the run.
type Accident struct {
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"` // zero: it was over at once
	What  string    `json:"what"`
	Cut   bool      `json:"cut,omitempty"`   // calls to vCenter, or their answers, were lost
	Reset bool      `json:"reset,omitempty"` // connections to vCenter were reset, when it began or when it was over
	Stuck bool      `json:"stuck,omitempty"` // cursors did not get past pages that are hidden as a whole
	Twice bool      `json:"twice,omitempty"` // reads were executed twice, and answered once
	Back  time.Time `json:"back,omitzero"`   // in the end vCenter's clock was set back to this
}

// String says when and what.
func (a Accident) String() string { return a.At.Format("15:04:05.000") + " " + a.What }

// end is when it was over.
func (a Accident) end() time.Time {
	if a.Until.IsZero() {
		return a.At
	}
	return a.Until
}

// during says that the accident, with what it takes to recover from it, was under way at some time from one to another.
func (a Accident) during(from, to time.Time, recovery time.Duration) bool {
	return !a.At.After(to) && !a.end().Add(recovery).Before(from)
}
