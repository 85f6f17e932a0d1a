package receiver

import (
	"context"
	"slices"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
)

// witness takes the item that follows a batch into it: the first of the rest of its page, or the first new one of the pages
// after it. It waits for one until ctx ends. The position does not move over such an item's page: what is delivered with the
// batch is dropped when its turn comes.
func (l *loop[E, P]) witness(ctx context.Context, b *batch[E], rest []E) (sender.Build, bool) {
	for {
		for _, fresh := range append([][]E{rest}, l.peeked()...) {
			if next := l.stream.without(fresh, b.items); len(next) > 0 {
				w := l.stream.batch(next[:1])
				b.items, l.witnessed = slices.Concat(b.items, w.items), true
				return w.logs, true
			}
		}
		if l.ahead == nil || !l.ahead.more(ctx) {
			return nil, false
		}
	}
}

// peeked is what is new in the pages that were read ahead.
func (l *loop[E, P]) peeked() (fresh [][]E) {
	if l.ahead == nil {
		return nil
	}
	for _, p := range l.ahead.peeked {
		fresh = append(fresh, p.fresh)
	}
	return fresh
}
