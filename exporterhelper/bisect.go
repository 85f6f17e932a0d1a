package exporterhelper

import (
	"context"
	"slices"
)

const (
	// probe is how many times a refused batch is halved before the pipeline itself is held to refuse, when nothing of it is
	// accepted: seven requests, and one of a single record.
	probe = 2

	// small is the size from which a batch can be probed. A smaller one is taken apart at once.
	small = 4
)

// try sends what is open. When that is refused for good, it finds out what is to blame: a record that is refused alone, while
// others of the batch are accepted. It returns a refusal where something stays open.
func (d *delivery) try(ctx context.Context) error {
	d.begin()
	refusal := d.once(ctx, d.open)
	if refusal == nil || !permanent(refusal) {
		return refusal
	}
	if d.set.Drop || d.spare {
		d.bury(d.open, refusal)
		return nil
	}
	if err := d.examine(ctx, refusal); err != nil {
		return err
	}
	if d.convict(); len(d.open) == 0 {
		return nil
	}
	return refusal
}

// examine takes apart what was refused. Its error is one that ends the try: a refusal that may pass by itself, or ctx's.
func (d *delivery) examine(ctx context.Context, refusal error) error {
	group, suspects := apart(d.open)
	var last []*record // the witness that something is accepted after the suspects, too
	switch {
	case len(group) == 0:
		group = suspects
	case len(suspects) > 0: // in one group with them the others would be refused for them
		group, last = split(group)
		refusal = d.offer(ctx, group)
	}
	if refusal != nil {
		if err := d.bisect(ctx, group, refusal); err != nil {
			return err
		}
	}
	if err := d.confirm(ctx); err != nil || len(last) == 0 {
		return err
	}
	switch refusal := d.offer(ctx, last); {
	case refusal == nil:
		return d.confirm(ctx) // else what was refused before this one would wait for yet another one
	case !permanent(refusal):
		return refusal
	default:
		d.suspect(last[0])
	}
	return nil
}

// split keeps the last of several back.
func split(group []*record) (others, last []*record) {
	if len(group) == 1 {
		return group, nil
	}
	return group[:len(group)-1], group[len(group)-1:]
}

// apart divides records into those that are under suspicion and the others.
func apart(records []*record) (others, suspects []*record) {
	for _, r := range records {
		if r.suspect {
			suspects = append(suspects, r)
		} else {
			others = append(others, r)
		}
	}
	return others, suspects
}

// bisect takes a refused group apart: at first no deeper than the probe; as soon as something is accepted, to the single
// records.
func (d *delivery) bisect(ctx context.Context, group []*record, refusal error) error {
	s := search{delivery: d, began: d.taken, large: len(group) >= small}
	if err := s.refused(ctx, group, refusal, 0); err != nil {
		return err
	}
	if s.probing() {
		if err := s.sample(ctx); err != nil || s.probing() {
			return err
		}
	}
	for _, group := range s.later {
		if len(group) == 1 {
			group[0].doubt(s.began)
			continue
		}
		if group = still(group); len(group) == 0 {
			continue // the sample was accepted, and showed that the other one is to blame
		}
		if len(group) == 1 { // the other one was the sample
			if refusal := s.offer(ctx, group); refusal != nil {
				if err := s.refused(ctx, group, refusal, probe); err != nil {
					return err
				}
			}
			continue
		}
		if err := s.halve(ctx, group, probe); err != nil {
			return err
		}
	}
	return nil
}

// search is one bisection.
type search struct {
	*delivery
	began int         // taken, at its beginning
	later [][]*record // refused groups at the end of the probe
	large bool        // there is a probe
}

// probing says that the pipeline itself may be what refuses.
func (s *search) probing() bool { return s.large && s.taken == s.began }

// sample ends a probe with a record alone: what is refused may be the size of requests, which is mended by smaller ones, or
// there is a bad record in every part. It is another one in each try, for it may be bad itself, but of the last part always the
// first: where all records but the youngest are too old, nothing must be accepted, or all the others would be to blame.
func (s *search) sample(ctx context.Context) error {
	at, i := s.samples%len(s.later), s.samples/len(s.later)
	s.samples++
	if at == len(s.later)-1 {
		i = 0
	}
	group := s.later[at]
	if len(group) == 1 {
		return nil // as part of the probe
	}
	i %= len(group)
	if refusal := s.offer(ctx, group[i:i+1]); refusal != nil && !permanent(refusal) {
		return refusal
	}
	return nil
}

// blame goes on with a refused group, which was halved out of the first one a number of times.
func (s *search) blame(ctx context.Context, group []*record, refusal error, halved int) error {
	group = still(group)
	switch {
	case len(group) == 0:
		return nil
	case halved >= probe && s.probing():
		s.later = append(s.later, group)
		return nil
	case len(group) == 1:
		s.suspect(group[0])
		return nil
	}
	return s.halve(ctx, group, halved+1)
}

// halve offers both halves of a group that was refused.
func (s *search) halve(ctx context.Context, group []*record, halved int) error {
	first, second := group[:len(group)/2], group[len(group)/2:]
	before := s.offer(ctx, first)
	if before != nil {
		if err := s.refused(ctx, first, before, halved); err != nil {
			return err
		}
	}
	refusal := s.offer(ctx, second)
	if refusal == nil {
		return nil
	}
	return s.refused(ctx, second, refusal, halved)
}

// refused goes on with a half that was refused, unless that may pass by itself.
func (s *search) refused(ctx context.Context, half []*record, refusal error, halved int) error {
	if !permanent(refusal) {
		return refusal
	}
	return s.blame(ctx, half, refusal, halved)
}

// confirm sends each suspect once more, if something was accepted since it was refused alone. It ends at a long row: what is left
// has its turn when something is accepted again.
func (d *delivery) confirm(ctx context.Context) error {
	for _, r := range slices.Clone(d.open) {
		switch {
		case !r.suspect || r.taken == d.taken || r.settled:
			continue
		case !r.between && d.refused >= mostInARow:
			continue
		}
		switch refusal := d.offer(ctx, []*record{r}); {
		case refusal == nil:
		case !permanent(refusal):
			return refusal
		default:
			d.suspect(r)
		}
	}
	return nil
}
