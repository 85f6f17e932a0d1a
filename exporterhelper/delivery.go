package exporterhelper

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// delivery is one batch on its way: what of it is open still, and what became of the rest. What was accepted once is never
// sent again.
type delivery struct {
	set     Settings
	request link
	follow  func(context.Context) (Build, error) // Request.Follow
	spare   bool                                 // Request.Spare

	all       []*record // in their order
	open      []*record // of them
	letters   []Letter
	accepted  int // records
	taken     int // requests that were accepted in full or in part: the clock by which suspicion is dated
	witnesses int
	samples   int // records that ended a probe

	begun   time.Time // the first try, of a batch that was given back as well
	tries   int
	began   int       // taken, at the beginning of the present try
	refused int       // requests, since one was accepted in the present try
	row     []*record // refused alone in them
	known   []string  // names of the records, where there are doubts
	fickle  time.Time // when a record was accepted that had been refused alone; zero: none was
	unheard bool      // a record was given up that was alone, and nothing was accepted since
}

// offer is once, and once more after a moment where that was refused for now: a back end that takes few requests in a row would otherwise
// end each try at the same place.
func (d *delivery) offer(ctx context.Context, records []*record) error {
	refusal := d.once(ctx, records)
	if refusal == nil || permanent(refusal) || ctx.Err() != nil {
		return refusal
	}
	delay := max(d.set.BackOff.InitialInterval, min(asked(refusal), maxAsked), minWait)
	if d.expires(delay) {
		return refusal
	}
	d.set.refused(refusal, delay)
	sleep(ctx, delay)
	if records = still(records); len(records) == 0 {
		return nil
	}
	d.begin() // what was accepted before the trouble says nothing of what is refused after it
	return d.once(ctx, records)
}

// once sends some of the open records as one request, and closes those that were accepted.
func (d *delivery) once(ctx context.Context, records []*record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	refusal := d.request(ctx, assemble(records))
	if refusal == nil {
		d.accept(records)
		return nil
	}
	if left, ok := partial(refusal); ok {
		d.accept(without(records, left.Data(), d.set.identify))
	}
	d.refuse(records, refusal)
	return refusal
}

// add takes more records into the batch.
func (d *delivery) add(records []*record) {
	d.all, d.open = append(d.all, records...), append(d.open, records...)
}

// accept closes records that the consumer has taken.
func (d *delivery) accept(records []*record) {
	if len(records) == 0 {
		return
	}
	d.accepted += len(records)
	d.unheard = false
	for _, r := range records {
		r.accepted = true
	}
	d.heed(records)
	d.close(records)
	d.vouch()
	d.taken++
}

func (d *delivery) close(records []*record) {
	for _, r := range records {
		r.settled = true
	}
	d.open = still(d.open)
}

// still returns those of some records that are open.
func still(records []*record) []*record {
	return slices.DeleteFunc(slices.Clone(records), func(r *record) bool { return r.settled })
}

// without returns the records that are not among those left over. Where those cannot be told apart, nothing is known.
func without(records []*record, left plog.Logs, identify func(plog.LogRecord) string) []*record {
	open := map[string]bool{}
	for log := range each(left) {
		open[identify(log)] = true
	}
	var taken []*record
	for i, uid := range uids(records, identify) {
		if i < len(records) && !open[uid] {
			taken = append(taken, records[i])
		}
	}
	if known := len(records) - len(taken); known == 0 || known != left.LogRecordCount() {
		return nil
	}
	return taken
}

// bury gives records up: each is in a dead letter from now on.
func (d *delivery) bury(records []*record, refusal error) {
	if len(records) == 0 {
		return
	}
	d.close(records)
	if d.spare {
		d.set.spared(refusal)
		return
	}
	written := letters(assemble(records), d.set.identify, refusal.Error())
	d.letters = append(d.letters, written...)
	for _, letter := range written {
		d.set.dead(letter)
	}
}
