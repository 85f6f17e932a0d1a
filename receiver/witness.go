package receiver

import (
	"context"
	"slices"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

// witness takes the item that follows a batch into it: the first of the rest of its page, or the first new one of the pages
// after it. It waits for one until ctx ends; the error is that the source is lost, or that the next pass is due: what that one
// finds before the batch, or instead of it, is a witness as well, and nothing may ever come after events that are dated ahead. It is
// not due before all is read that follows: the next pass might come no further than this one. The position does not move over such an
// item's page: what is delivered with the batch is dropped when its turn comes.
func (l *loop[E, P]) witness(ctx context.Context, b *batch[E], rest []E) (sender.Build, error) {
	for {
		if next := l.following(b.items, rest); len(next) > 0 {
			w := l.some(next)
			b.items, l.witnessed = slices.Concat(b.items, w.items), true
			b.records, b.bare = b.records+w.records, b.bare+w.bare
			return w.logs, nil
		}
		switch more, err := l.ahead.more(ctx); {
		case more:
		case err == nil && l.ahead.short && l.stream.due():
			return nil, errPassOver
		default:
			return nil, err
		}
	}
}

// mostTogether is how many items are looked at together, where those before them were dropped as their records were built.
const mostTogether = 1000

// some is the first of what follows; or the first few, where none of them makes a record: an operator may drop all but one in thousands.
func (l *loop[E, P]) some(next []E) batch[E] {
	n := min(max(l.dropped, 1), len(next))
	b := l.stream.batch(next[:n])
	if b.logs().LogRecordCount() == 0 {
		l.dropped = min(2*n, mostTogether)
		return b
	}
	if l.dropped = 1; n > 1 {
		return l.stream.batch(next[:1])
	}
	return b
}

// following is what is new after a batch on its page, or else on the first of the pages after it that has anything.
func (l *loop[E, P]) following(batch, rest []E) []E {
	if next := l.stream.without(rest, batch); len(next) > 0 {
		return next
	}
	for i := range l.ahead.peeked {
		p := &l.ahead.peeked[i]
		if p.fresh = l.stream.without(p.fresh, batch); len(p.fresh) > 0 {
			return p.fresh
		}
	}
	return nil
}
