package receiver

import (
	"context"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// source is where a loop reads pages: a cursor in vCenter that is lost with the first read that fails.
type source interface {
	// Read returns the next page; an empty one at the tail.
	Read(ctx context.Context) (history.Page, error)
	// Wait returns when there may be more to read.
	Wait(ctx context.Context) error
	// Close gives the source back to vCenter.
	Close(ctx context.Context) error
}

// page is what one read brought.
type page[E any] struct {
	items []E // all of them
	fresh []E // those that were not delivered yet
	asked time.Time
	short bool // it may be the last: it is empty, or not full and young
	part  bool // fewer were asked for than make a page

	beside bool // it was read beside the pass, which does not move over it
}

// reading is a read that runs beside the delivery of the page before.
type reading struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the fields below are set
	raw    history.Page
	err    error
}

// read starts to read. One of page and abandon must be called, before the source is closed.
func read(ctx context.Context, src source) *reading {
	ctx, cancel := context.WithCancel(ctx)
	r := &reading{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.raw, r.err = src.Read(ctx)
	}()
	return r
}

// page waits for the answer.
func (r *reading) page() (history.Page, error) {
	<-r.done
	r.cancel()
	return r.raw, r.err
}

// abandon ends the read and waits for its end.
func (r *reading) abandon() {
	r.cancel()
	<-r.done
}
