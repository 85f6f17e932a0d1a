package e2e

import (
	"errors"
	"fmt"
	"slices"
)

// The promises, each a function over a recorded run that says how it was broken.
var (
	errUnreliable = errors.New("events are missing")
	errInvented   = errors.New("records are of no event")
	errRepeated   = errors.New("records were repeated")
	errBytes      = errors.New("a repeated record is not the same record")
	errOrder      = errors.New("records are out of order")
	errTooLarge   = errors.New("a request is too large")
)

// reliable: every wanted record was accepted.
func reliable(r run, want []string) error {
	missing := map[string]bool{}
	for _, uid := range want {
		missing[uid] = true
	}
	for _, rec := range r.accepted() {
		delete(missing, rec.uid)
	}
	return tell(errUnreliable, missing)
}

// genuine: nothing but records of known events was sent.
func genuine(r run, known []string) error {
	invented := map[string]bool{}
	for _, d := range r {
		for _, rec := range d.records {
			invented[rec.uid] = true
		}
	}
	for _, uid := range known {
		delete(invented, uid)
	}
	return tell(errInvented, invented)
}

// tell names a few of the records that break a promise.
func tell(promise error, uids map[string]bool) error {
	if len(uids) == 0 {
		return nil
	}
	var some []string
	for uid := range uids {
		if some = append(some, uid); len(some) == 5 {
			break
		}
	}
	slices.Sort(some)
	return fmt.Errorf("%w: %d, such as %q", promise, len(uids), some)
}

// unique: nothing was accepted twice.
func unique(r run) error {
	for life, n := range r.repeats() {
		return fmt.Errorf("%w: %d in life %d", errRepeated, n, life)
	}
	return nil
}

// boundedRepeats: after a kill at most one batch is repeated, and without one nothing is.
func boundedRepeats(r run) error {
	if err := uniqueInEachLife(r); err != nil {
		return err
	}
	for life, n := range r.repeats() {
		if n > r.largest() {
			return fmt.Errorf("%w: %d in life %d, while the largest request had %d", errRepeated, n, life, r.largest())
		}
	}
	return nil
}

func uniqueInEachLife(r run) error {
	type once struct {
		life int
		uid  string
	}
	seen := map[once]bool{}
	for life, rec := range r.accepted() {
		if seen[once{life, rec.uid}] {
			return fmt.Errorf("%w: %s twice in life %d", errRepeated, rec.uid, life)
		}
		seen[once{life, rec.uid}] = true
	}
	return nil
}

// sameBytes: a record is the same every time it is sent, be it refused, repeated or sent by another process.
func sameBytes(r run) error {
	first := map[string]string{}
	for _, d := range r {
		for _, rec := range d.records {
			if before, ok := first[rec.uid]; ok && before != rec.bytes {
				return fmt.Errorf("%w: %s:\n%q\n%q", errBytes, rec.uid, before, rec.bytes)
			}
			first[rec.uid] = rec.bytes
		}
	}
	return nil
}

// ordered: apart from repeats, records were accepted in the order of the cursor.
func ordered(r run, compare func(a, b record) int) error {
	seen := map[string]bool{}
	var last *record
	for life, rec := range r.accepted() {
		if seen[rec.uid] {
			continue
		}
		seen[rec.uid] = true
		if last != nil && compare(*last, rec) > 0 {
			return fmt.Errorf("%w: %s after %s in life %d", errOrder, rec.uid, last.uid, life)
		}
		last = &rec
	}
	return nil
}

// small: no request is larger than limit, unless a single record is.
func small(r run, limit int) error {
	for _, d := range r {
		if d.size > limit && len(d.records) > 1 {
			return fmt.Errorf("%w: %d records in %d bytes", errTooLarge, len(d.records), d.size)
		}
	}
	return nil
}
