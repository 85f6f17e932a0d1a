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

	// moment is how long a second witness is waited for beside the first: events that come one by one are read one by one.
	moment = time.Second

	// mostDropped is how many records that an operator drops are looked at for one of them.
	mostDropped = 100
)

// wait passes the time until the next try. Where a suspect has nothing beside it that could be accepted, the records that follow
// the batch are its witnesses: with the first few, the next try is within a moment. The error is that none can come.
func (d *delivery) wait(ctx context.Context, delay time.Duration) error {
	if !d.wantsWitness() {
		sleep(ctx, delay)
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, delay)
	defer cancel()
	came, err := d.take(waiting)
	switch {
	case err != nil:
		return d.giveBack(err)
	case came:
		d.takeAnother(ctx)
	}
	if !came || d.witnesses > hasty {
		<-waiting.Done()
	}
	return nil
}

// take takes a witness in, and waits for one until ctx ends. Many in a row that are dropped as they are built are as good as none.
func (d *delivery) take(ctx context.Context) (bool, error) {
	for range mostDropped {
		build, err := d.follow(ctx)
		if err != nil || build == nil {
			return false, err
		}
		if witness := newPart(build); len(witness) > 0 { // it may be dropped as it is built
			for _, r := range witness {
				r.witness = true
			}
			d.witnesses += len(witness)
			d.add(witness)
			return true, nil
		}
		if ctx.Err() != nil {
			return false, nil
		}
	}
	<-ctx.Done()
	return false, nil
}

// takeAnother takes a second witness in, if it comes soon: what is accepted before the suspects and after them says more than the
// one alone.
func (d *delivery) takeAnother(ctx context.Context) {
	soon, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	_, _ = d.take(soon) // that none can come is found out with the next one that is needed
}

func (d *delivery) giveBack(err error) error {
	taken := slices.DeleteFunc(slices.Clone(d.all), func(r *record) bool { return !r.accepted })
	return &Returned{Err: err, Taken: uids(taken, d.set.identify), Letters: d.letters}
}

// wantsWitness says that every record that is open was refused alone, not too many witnesses among them.
func (d *delivery) wantsWitness() bool {
	others, suspects := apart(d.open)
	suspects = slices.DeleteFunc(suspects, func(r *record) bool { return !r.witness })
	return d.follow != nil && len(suspects) < maxWitnesses && len(others) == 0
}

// waits says that only time is wanting: a record that is the last one open, and refused alone; or one that would be to blame if
// something was accepted after it.
func (d *delivery) waits(r *record) bool {
	return r.suspect && (len(d.open) == 1 || r.again)
}

// convict gives up what no witness came for in time, if it is refused as invalid. Everything else that can be said of a record can
// as well be said of the pipeline; and so can that, of one that is alone, where the last that was given up so was not followed by
// anything that was accepted.
func (d *delivery) convict() {
	for _, r := range slices.Clone(d.open) {
		if !d.waits(r) || time.Since(r.since) < patience || r.refusal == nil || !invalid(r.refusal) || d.unheard && !r.again {
			continue
		}
		d.unheard = d.unheard || !r.again
		d.bury([]*record{r}, r.refusal)
	}
}

// until shortens a wait to the end of the patience.
func (d *delivery) until(delay time.Duration) time.Duration {
	for _, r := range d.open {
		if left := patience - time.Since(r.since); d.waits(r) && left > 0 {
			delay = min(delay, left)
		}
	}
	return delay
}
