package history

import (
	"context"
	"time"
)

// Search looks for items that no collector has returned. It closes in while it is under way, and goes on where it was after a
// failure.
type Search struct {
	After time.Time     // a collector that begins here returns nothing new
	To    time.Time     // creation time of an item that is known to be visible; in the end, the begin that was looked for
	Step  time.Duration // how far apart two begins may be without anything visible between them that neither shows

	answers bool // a collector that begins at To has something new to return
}

// tries is how often a begin is tried over a line that breaks.
const tries = 3

// Earliest looks for the earliest begin at which a collector has something new to return, and returns false where not even one
// that begins at To has. A page full of items that are hidden from the account is empty, and a cursor may stay there for
// ever (https://github.com/vmware/govmomi/issues/3450): behind it are others.
//
// It goes from After towards To in steps, and closes in to a millisecond on the first begin that answers. All its
// collectors are gone afterwards.
func (w *Search) Earliest(ctx context.Context, s Session, kind Kind, settings Settings, answers func(body []byte) (bool, error)) (begin time.Time, found bool, err error) {
	try := func(begin time.Time) (bool, error) {
		page, err := Oldest(ctx, s, kind, begin, settings)
		for again := 1; err != nil && ctx.Err() == nil && again < tries; again++ {
			page, err = Oldest(ctx, s, kind, begin, settings)
		}
		if err != nil {
			return false, err
		}
		return answers(page.Body)
	}
	if !w.answers {
		if w.answers, err = try(w.To); err != nil || !w.answers {
			return w.To, false, err
		}
	}
	for w.To.Sub(w.After) > time.Millisecond {
		next := w.After.Add(min(w.Step, w.To.Sub(w.After)/2))
		switch found, err := try(next); {
		case err != nil:
			return w.To, false, err
		case found:
			w.To = next
		default:
			w.After = next
		}
	}
	return w.To, true, nil
}
