package simulator

import (
	"context"

	"github.com/vmware/govmomi/vim25/types"
)

// wait is a long poll under way on a property collector.
type wait struct {
	collector types.ManagedObjectReference
	cancel    context.CancelCauseFunc
}

var errCanceled = fault{&types.RequestCanceled{}, "The task was canceled by a user."}

// waiting returns a context that ends with the call, the session, the property collector, or CancelWaitForUpdates. Its cause is the
// fault to answer with.
func (s *session) waiting(c *call) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	w := &wait{c.method.This, cancel}
	s.mu.Lock()
	s.waits[w] = struct{}{}
	s.mu.Unlock()
	stop := context.AfterFunc(s.ctx, func() { cancel(notAuthenticated(c.method.This)) })
	return ctx, func() {
		stop()
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waits, w)
	}
}

// cancelWaits ends the waits under way on a property collector.
func (s *session) cancelWaits(collector types.ManagedObjectReference) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.waits {
		if w.collector == collector {
			w.cancel(errCanceled)
		}
	}
}
