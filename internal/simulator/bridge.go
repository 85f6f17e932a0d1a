package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// bridge copies vcsim's own events (logins, power operations, whatever its inventory does) into the journal. vcsim posts
// them inside of the process, where nothing can be put before it; but it pushes each to its own collectors. This is one of
// page size 1, so that each push holds the one new event. What happened before, while the inventory was made, stays out.
type bridge struct {
	collector types.ManagedObjectReference
	journal   *journal.Journal
}

func (s *Simulator) bridge() error {
	r := s.registry()
	ctx := &simulator.Context{
		Context: context.Background(), Map: r,
		Session: &simulator.Session{Registry: simulator.NewRegistry(), Map: r},
	}
	var made *methods.CreateCollectorForEventsBody
	r.WithLock(ctx, r.EventManager(), func() {
		made = r.EventManager().CreateCollectorForEvents(ctx, &types.CreateCollectorForEvents{
			Filter: types.EventFilterSpec{MaxCount: 1},
		}).(*methods.CreateCollectorForEventsBody)
	})
	if made.Res == nil {
		return errors.New("vcsim makes no event collector")
	}
	r.AddHandler(&bridge{collector: made.Res.Returnval, journal: s.journal})
	return nil
}

// Reference names the handler in vcsim's registry.
func (b *bridge) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "Bridge", Value: "bridge"}
}

// UpdateObject is called with each change of any object.
func (b *bridge) UpdateObject(_ *simulator.Context, o mo.Reference, changes []types.PropertyChange) {
	if o.Reference() != b.collector {
		return
	}
	for _, change := range changes {
		page, ok := change.Val.(*types.ArrayOfEvent)
		if !ok || change.Name != "latestPage" {
			continue
		}
		for _, event := range page.Event {
			b.journal.Append(imported(event))
		}
	}
}

// PutObject is part of the handler that vcsim wants.
func (b *bridge) PutObject(*simulator.Context, mo.Reference) {}

// RemoveObject is part of the handler that vcsim wants.
func (b *bridge) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}

// imported is a copy with key and time to be given by the journal: vcsim has a count, and a clock, of its own.
func imported(event types.BaseEvent) types.BaseEvent {
	own := journal.Clone(event)
	e := own.GetEvent()
	e.Key, e.ChainId = 0, 0
	e.CreatedTime = time.Time{}
	return own
}
