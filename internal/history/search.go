package history

import (
	"context"
	"time"
)

// Search is where to look for items that no collector has returned.
type Search struct {
	After time.Time     // a collector that begins here returns nothing new
	To    time.Time     // creation time of an item that is known to be visible
	Step  time.Duration // how far apart two begins may be without anything visible between them that neither shows
}

// Earliest looks for the earliest begin at which a collector has something new to return, and returns false where not even one
// that begins at To has. A page full of items that are hidden from the account is empty, and a cursor may stay there for
// ever (https://github.com/vmware/govmomi/issues/3450): behind it are others.
//
// It goes from After towards To in steps, and closes in to a millisecond on the first begin that answers. All its
// collectors are gone afterwards.
func Earliest(ctx context.Context, s Session, kind Kind, where Search, settings Settings, answers func(body []byte) (bool, error)) (begin time.Time, found bool, err error) {
	try := func(begin time.Time) (bool, error) {
		page, err := Oldest(ctx, s, kind, begin, settings)
		if err != nil {
			return false, err
		}
		return answers(page.Body)
	}
	if found, err = try(where.To); err != nil || !found {
		return where.To, false, err
	}
	silent, answering, err := where.stride(try)
	for err == nil && answering.Sub(silent) > time.Millisecond {
		middle := silent.Add(answering.Sub(silent) / 2)
		var ok bool
		if ok, err = try(middle); ok {
			answering = middle
		} else {
			silent = middle
		}
	}
	return answering, true, err
}

// stride tries one begin after the other: the last that is silent, and the first that answers, as To does.
func (w Search) stride(try func(time.Time) (bool, error)) (silent, answering time.Time, err error) {
	silent = w.After
	for next := silent.Add(w.Step); next.Before(w.To); next = silent.Add(w.Step) {
		if found, err := try(next); err != nil || found {
			return silent, next, err
		}
		silent = next
	}
	return silent, w.To, nil
}
