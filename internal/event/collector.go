package event

import (
	"context"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// CreateCollector makes an EventHistoryCollector over everything created at or after begin; a zero begin is
// the history's beginning.
func CreateCollector(ctx context.Context, c *vim25.Client, begin time.Time) (types.ManagedObjectReference, error) {
	return createCollector(ctx, c, types.EventFilterSpec{}, begin)
}

// CreateCollector makes an EventHistoryCollector as the function of that name does, but over events that the filter
// may want: what it returns must still be held against Match.
func (f *Filter) CreateCollector(ctx context.Context, c *vim25.Client, begin time.Time) (types.ManagedObjectReference, error) {
	spec, err := f.spec(ctx, c)
	if err != nil {
		return types.ManagedObjectReference{}, err
	}
	return createCollector(ctx, c, spec, begin)
}

// ReadByKey is the request that reads the events that the filter may want with keys next to one on a side of it, at most
// count. It takes no collector, and a vCenter of API 9.0 or later
// (https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/latest/data-structures/EventManagerViewByStartId).
func (f *Filter) ReadByKey(ctx context.Context, c *vim25.Client, key int32, greater bool, count int32) (any, error) {
	spec, err := f.spec(ctx, c)
	if err != nil {
		return nil, err
	}
	spec.MaxCount = count
	return &methods.QueryEventsBody{Req: &types.QueryEvents{
		This: *c.ServiceContent.EventManager, Filter: spec,
		EventViewSpec: &types.EventManagerViewByStartId{StartEventId: key, IsForward: greater},
	}}, nil
}

// spec is what vCenter leaves out for us.
func (f *Filter) spec(ctx context.Context, c *vim25.Client) (types.EventFilterSpec, error) {
	spec := f.Narrow()
	if f == nil || f.entity.isZero() {
		return spec, nil
	}
	ref, err := f.entity.resolve(ctx, c)
	if err != nil {
		return spec, fmt.Errorf("find entity %s: %w", f.entity, err)
	}
	spec.Entity = &types.EventFilterSpecByEntity{Entity: ref, Recursion: types.EventFilterSpecRecursionOptionAll}
	return spec, nil
}

// createCollector sets no maxCount (it may bound more than latestPage) and no end time, and leaves delayedInit unset:
// with any of them, latestPage is no doorbell.
func createCollector(ctx context.Context, c *vim25.Client, spec types.EventFilterSpec, begin time.Time) (types.ManagedObjectReference, error) {
	if !begin.IsZero() {
		// The begin is inclusive. It is floored to what a vCenter stores at least: milliseconds.
		floored := begin.UTC().Truncate(time.Millisecond)
		spec.Time = &types.EventFilterSpecByTime{BeginTime: &floored}
	}
	res, err := methods.CreateCollectorForEvents(ctx, c, &types.CreateCollectorForEvents{
		This: *c.ServiceContent.EventManager, Filter: spec,
	})
	if err != nil {
		return types.ManagedObjectReference{}, err
	}
	return res.Returnval, nil
}

// ReadNext is the request that reads the next events of a collector, at most count.
func ReadNext(collector types.ManagedObjectReference, count int32) any {
	return &methods.ReadNextEventsBody{Req: &types.ReadNextEvents{This: collector, MaxCount: count}}
}
