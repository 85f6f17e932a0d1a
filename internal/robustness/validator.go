package robustness

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Validator says how a run broke a promise; nil: it did not.
type Validator func(Run) error

// Validators are all promises.
var Validators = []Validator{
	Genuine, Reliable, Just, GapTold, Unique, BoundedRepeats, SameBytes, Ordered, Resumable, Small, SessionsBounded, Prudent,
}

// Judge asks validators, all of them where none is named, and joins what they say.
func Judge(run Run, validators ...Validator) error {
	if len(validators) == 0 {
		validators = Validators
	}
	var verdicts []error
	for _, validate := range validators {
		verdicts = append(verdicts, validate(run))
	}
	return errors.Join(verdicts...)
}

// set is one of uids.
type set map[string]bool

func (s set) add(uid string) { s[uid] = true }

// broken names a few of the uids that break a promise; nil where there are none.
func (s set) broken(promise error) error {
	if len(s) == 0 {
		return nil
	}
	all := slices.Sorted(maps.Keys(s))
	return fmt.Errorf("%w: %d, such as %q", promise, len(all), all[:min(5, len(all))])
}
