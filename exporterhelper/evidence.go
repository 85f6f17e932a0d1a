package exporterhelper

import (
	"slices"
	"time"
)

// evidence is what speaks against one record.
//
// A back end may begin to refuse everything at any time, in the middle of a try too, and may take everything again soon after;
// what it says meanwhile often cannot be told from what it says of a bad record. So a record is to blame only if
//   - it was refused alone, something was accepted, and it was refused alone again, the latter two in one try; and in a try it was
//     between two requests that were accepted, with no more than mostInARow requests refused between them; or
//   - in two tries it was among the first few that were refused alone after something was accepted, while everything else that was
//     open was under suspicion; and no record that had been refused alone was accepted meanwhile, nor in the minute before.
//
// The first needs a witness before and one after, within moments: a time in which everything is refused does not have them. The
// second is for the end of a stream, where one witness comes at a time; it outlives a batch that is given back.
type evidence struct {
	suspect bool      // it was refused alone,
	since   time.Time // at first then
	taken   int       // and when so many requests had been accepted
	refusal error     // the last of it alone
	again   bool      // it was refused alone once more, after something had been accepted
	between bool      // two requests that were accepted
	tries   int       // in which it was refused alone soon after something was accepted
	last    int       // of them
}

const (
	// mostInARow is how many requests are believed to be refused one after the other for bad records: one with all its witnesses,
	// and one more. A longer row is a back end that refused everything for a while.
	mostInARow = 32

	// few is how many of a row are refused soon after something was accepted.
	few = 3
)

// blamed says that the evidence is sufficient.
func (e *evidence) blamed() bool { return e.again && e.between || e.tries > 1 }

// doubt dates the suspicion by the number of requests that had been accepted; the first date counts.
func (e *evidence) doubt(taken int) {
	if !e.suspect {
		e.suspect, e.since, e.taken = true, time.Now(), taken
	}
}

// begin begins a try. What was accepted before it says nothing of the present.
func (d *delivery) begin() {
	d.tries++
	d.began, d.refused, d.row = d.taken, 0, nil
	for _, r := range d.open {
		if r.suspect {
			r.taken = d.taken
		}
	}
}

// refuse notes that a request was refused.
func (d *delivery) refuse(records []*record, refusal error) {
	d.refused++
	if len(records) > 1 || !permanent(refusal) {
		return
	}
	r := records[0]
	r.refusal = refusal
	if d.taken == d.began {
		return
	}
	d.row = append(d.row, r)
	others := func(other *record) bool { return other != r && !other.suspect }
	if d.refused <= few && r.last != d.tries && time.Since(d.fickle) > patience && !slices.ContainsFunc(d.open, others) {
		r.tries, r.last = r.tries+1, d.tries
	}
}

// heed notes that one of some records that were accepted had been refused alone before: then it may be so with others.
func (d *delivery) heed(accepted []*record) {
	if !slices.ContainsFunc(accepted, func(r *record) bool { return r.suspect }) {
		return
	}
	d.fickle = time.Now()
	for _, r := range d.open {
		r.tries = 0
	}
}

// suspect notes that a record was refused alone, when the search has come down to that one.
func (d *delivery) suspect(r *record) {
	r.again = r.again || r.suspect && d.taken > r.taken
	r.doubt(d.taken)
	d.sentence(r)
}

// vouch notes that a request was accepted, and with it what was refused alone between it and the one before.
func (d *delivery) vouch() {
	row, refused := d.row, d.refused
	d.row, d.refused = nil, 0
	if refused > mostInARow {
		return
	}
	for _, r := range row {
		r.between = true
		d.sentence(r)
	}
}

// sentence gives a record up that is to blame.
func (d *delivery) sentence(r *record) {
	if r.blamed() && !r.settled {
		d.bury([]*record{r}, r.refusal)
	}
}

// doubt is what is known of a record that was in a batch that was given back.
type doubt struct {
	since time.Time // it was refused alone at first then
	tries int
	begun time.Time // the first try of its batch
}

// doubts are by the names of the records.
type doubts map[string]doubt

// doubts are of the records that are open. One without a name is another one each time.
func (d *delivery) doubts() doubts {
	_, suspects := apart(d.open)
	known := make(doubts, len(suspects))
	for i, uid := range uids(suspects, d.set.identify) {
		if uid != "" {
			known[uid] = doubt{since: suspects[i].since, tries: suspects[i].tries, begun: d.begun}
		}
	}
	return known
}

// recall takes up what is known of records that were in a batch that was given back.
func (d *delivery) recall(known doubts) {
	if len(known) == 0 {
		return
	}
	d.known = uids(d.all, d.set.identify)
	for i, uid := range d.known {
		if before, ok := known[uid]; ok {
			d.all[i].suspect, d.all[i].since, d.all[i].tries = true, before.since, before.tries
			if before.begun.Before(d.begun) {
				d.begun = before.begun
			}
		}
	}
}

// fickle forgets the tries: what they showed is in doubt itself.
func (known doubts) fickle() {
	for uid, d := range known {
		d.tries = 0
		known[uid] = d
	}
}

// without forgets records that are settled.
func (known doubts) without(settled []string) {
	for _, uid := range settled {
		delete(known, uid)
	}
}
