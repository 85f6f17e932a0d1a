package receiver

import (
	"context"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// ahead reads one page ahead of the one that is being delivered, and further only to look for a witness.
type ahead[E any] struct {
	src    source
	start  func() *reading
	decode func(history.Page) (page[E], error)
	join   func(first, second page[E]) page[E] // of two pages in which nothing is new

	reading *reading  // nil: none is under way
	peeked  []page[E] // were read already, and are next: at most two
	short   bool      // the last that was read may be the last that there is
	err     error     // the source is lost
}

// read starts to read the next page, unless that is under way.
func (a *ahead[E]) read() {
	if a.reading == nil && a.err == nil && len(a.peeked) == 0 {
		a.reading = a.start()
	}
}

// next waits for the next page. Of one that was looked into already, fresh must be looked at again.
func (a *ahead[E]) next() (p page[E], peeked bool, err error) {
	if len(a.peeked) > 0 {
		p, a.peeked = a.peeked[0], a.peeked[1:]
		return p, true, nil
	}
	p, err = a.finish()
	return p, false, err
}

// finish waits for the page that is being read.
func (a *ahead[E]) finish() (p page[E], err error) {
	if a.err != nil {
		return p, a.err
	}
	raw, err := a.reading.page()
	a.reading = nil
	if err == nil {
		p, err = a.decode(raw)
	}
	a.short, a.err = p.short, err
	return p, err
}

// more waits for one more page with something in it, until ctx ends, and keeps it. The error is that the source is lost.
//
// Nothing new is left in the pages that are kept already. They become one, for with a filter there may be any number of them
// before there is a witness.
func (a *ahead[E]) more(ctx context.Context) (bool, error) {
	if len(a.peeked) == 2 {
		a.peeked = []page[E]{a.join(a.peeked[0], a.peeked[1])}
	}
	for a.err == nil {
		if a.reading == nil {
			a.reading = a.start()
		}
		select {
		case <-a.reading.done:
		case <-ctx.Done():
			return false, nil
		}
		switch p, err := a.finish(); {
		case err != nil:
		case len(p.items) > 0:
			a.peeked = append(a.peeked, p)
			return true, nil
		default:
			a.wait(ctx)
		}
	}
	return false, a.err
}

// wait waits until there may be more to read. That it ends with ctx says nothing of the source.
func (a *ahead[E]) wait(ctx context.Context) {
	if err := a.src.Wait(ctx); err != nil && ctx.Err() == nil {
		a.err = err
	}
}

// close ends a read that is under way.
func (a *ahead[E]) close() {
	if a.reading != nil {
		a.reading.abandon()
	}
}
