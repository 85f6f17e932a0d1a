package vsphere

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	// maxLeftovers bounds what is remembered. A receiver has a handful of objects, and loses some of them with each
	// connection that breaks; so many mean that vCenter refuses, and will clean up when the session ends.
	maxLeftovers = 256

	// maxRefusals is how often vCenter may answer that it does not destroy an object. Each costs a call.
	maxRefusals = 3

	// maxLosses is how many objects that nobody knows a session may have. To end it costs a login, which trouble of the line should not.
	maxLosses = 32

	// destroyTimeout bounds one attempt, for a caller that has its answer already waits for it.
	destroyTimeout = 5 * time.Second
)

// leftover is an object that should be gone from vCenter and may not be.
type leftover struct {
	object   types.ManagedObjectReference
	refusals int
}

type leftovers struct {
	mu   sync.Mutex // guards what follows
	list []leftover
}

// add remembers more; past the limit, the oldest are left to the end of the session.
func (l *leftovers) add(more ...leftover) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, more...)
	l.list = l.list[max(len(l.list)-maxLeftovers, 0):]
}

// take empties the list, so that of many good calls one cleans up.
func (l *leftovers) take() []leftover {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// miss counts creations whose answer did not come: vCenter may have made the object, and nobody knows its name. It has no limit for
// these, as it has for history collectors, and watches an inventory for each of them as long as the session lives.
func (s *Session) miss(method string, err error) {
	made := method == "CreateContainerView" || method == "CreatePropertyCollector"
	if made && IsTransport(err) && HTTPStatus(err) == 0 && s.losses.Add(1) >= maxLosses {
		s.crowded.Store(true)
	}
}

// Destroy removes an object that was made in this session: a history collector, a property collector or filter, a
// view. Where that fails, the object is remembered and tried again after the next good call, and before the logout;
// the error is only to be told. An object that is gone, or whose session is, needs no more.
func (s *Session) Destroy(ctx context.Context, object types.ManagedObjectReference) error {
	return s.destroy(ctx, leftover{object: object})
}

func (s *Session) destroy(ctx context.Context, l leftover) error {
	req, res, err := destruction(l.object)
	if err != nil || s.over.Load() {
		return err
	}
	err = s.typed(ctx, min(destroyTimeout, s.settings.APITimeout), req, res)
	switch {
	case err == nil, IsGone(err), IsNotAuthenticated(err):
		return nil
	case IsFault(err):
		l.refusals++
	}
	if l.refusals < maxRefusals {
		s.leftovers.add(l)
	}
	return err
}

// sweep tries the leftovers again, each once. After the first that fails on its way, the others would too.
func (s *Session) sweep(ctx context.Context) {
	list := s.leftovers.take()
	for i, l := range list {
		if err := s.destroy(ctx, l); err != nil && !IsFault(err) {
			s.leftovers.add(list[i+1:]...)
			return
		}
	}
}

// destruction is the call that removes an object of this type.
func destruction(object types.ManagedObjectReference) (req, res soap.HasFault, err error) {
	switch object.Type {
	case "EventHistoryCollector", "TaskHistoryCollector":
		return &methods.DestroyCollectorBody{Req: &types.DestroyCollector{This: object}}, &methods.DestroyCollectorBody{}, nil
	case "PropertyCollector":
		return &methods.DestroyPropertyCollectorBody{Req: &types.DestroyPropertyCollector{This: object}}, &methods.DestroyPropertyCollectorBody{}, nil
	case "PropertyFilter":
		return &methods.DestroyPropertyFilterBody{Req: &types.DestroyPropertyFilter{This: object}}, &methods.DestroyPropertyFilterBody{}, nil
	case "ContainerView", "ListView", "InventoryView", "ManagedObjectView", "View":
		return &methods.DestroyViewBody{Req: &types.DestroyView{This: object}}, &methods.DestroyViewBody{}, nil
	}
	return nil, nil, fmt.Errorf("destroy %s: not an object of a session", object)
}
