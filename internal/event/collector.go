package event

import (
	"context"
	"time"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// CreateCollector makes an EventHistoryCollector over everything created at or after begin; a zero begin is
// the history's beginning.
//
// The filter has no maxCount (it may bound more than latestPage), no end time, and delayedInit stays unset:
// with any of them, latestPage is no doorbell.
func CreateCollector(ctx context.Context, c *vim25.Client, begin time.Time) (types.ManagedObjectReference, error) {
	var filter types.EventFilterSpec
	if !begin.IsZero() {
		// The begin is inclusive. It is floored to what a vCenter stores at least: milliseconds.
		floored := begin.UTC().Truncate(time.Millisecond)
		filter.Time = &types.EventFilterSpecByTime{BeginTime: &floored}
	}
	res, err := methods.CreateCollectorForEvents(ctx, c, &types.CreateCollectorForEvents{
		This: *c.ServiceContent.EventManager, Filter: filter,
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
