package exporterhelper

import (
	"context"
	"slices"
	"time"
)

const (
	// patience is how long a record that is alone waits for a witness.
	patience = time.Minute

	// maxWitnesses is how many records may be taken in besides: bad ones often come in a row, as those of an alarm that flaps
	// at night. If all of them are refused too, it is the pipeline that refuses.
	maxWitnesses = 30

	// hasty is how many of them are tried as soon as they are there, and not with the next try.
	hasty = 3
)

// wait passes the time until the next try. Where a suspect has nothing beside it that could be accepted, the record that
// follows the batch is its witness: with the first few, the next try is at once. The error is that none can come.
func (d *delivery) wait(ctx context.Context, delay time.Duration) error {
	if !d.wantsWitness() {
		sleep(ctx, delay)
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, delay)
	defer cancel()
	for {
		build, err := d.follow(waiting)
		switch {
		case err != nil:
			return d.giveBack(err)
		case build == nil:
			<-waiting.Done()
			return nil
		}
		if witness := newPart(build); len(witness) > 0 { // it may be dropped as it is built
			d.witnesses += len(witness)
			d.add(witness)
			if d.witnesses > hasty {
				<-waiting.Done()
			}
			return nil
		}
	}
}

func (d *delivery) giveBack(err error) error {
	taken := slices.DeleteFunc(slices.Clone(d.all), func(r *record) bool { return !r.accepted })
	return &Returned{Err: err, Taken: uids(taken, d.set.identify)}
}

// wantsWitness says that every record that is open was refused alone.
func (d *delivery) wantsWitness() bool {
	others, _ := apart(d.open)
	return d.follow != nil && d.witnesses < maxWitnesses && len(others) == 0
}

// lonely returns the one record that is open, if it is a suspect.
func (d *delivery) lonely() (*record, bool) {
	if len(d.open) != 1 || !d.open[0].suspect {
		return nil, false
	}
	return d.open[0], true
}

// convict gives up a record for which no witness came in time, if it is refused as invalid. Everything else that can be said
// of one record can as well be said of the pipeline.
func (d *delivery) convict(refusal error) {
	if r, ok := d.lonely(); ok && time.Since(r.since) >= patience && invalid(refusal) {
		d.bury(d.open, refusal)
	}
}

// until shortens a wait to the end of the patience.
func (d *delivery) until(delay time.Duration) time.Duration {
	if r, ok := d.lonely(); ok {
		if left := patience - time.Since(r.since); left > 0 {
			return min(delay, left)
		}
	}
	return delay
}
