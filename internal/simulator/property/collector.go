package property

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Collector is a PropertyCollector, of which CreateFilter and WaitForUpdatesEx are played.
type Collector struct {
	inventory *Inventory
	turn      chan struct{} // holds one token: one wait at a time; it guards what follows

	version   int
	asked     string           // the version that the last answer was for
	last      *types.UpdateSet // the last answer
	truncated bool             // it was not all that there was

	mu      sync.Mutex // guards the fields below
	filters []*Filter
	woken   chan struct{}                   // closed and made anew when there is another filter
	cancels map[int]context.CancelCauseFunc // of the waits under way
	waits   int
}

// NewCollector makes a property collector. It must be destroyed.
func (i *Inventory) NewCollector() *Collector {
	return &Collector{
		inventory: i, turn: make(chan struct{}, 1), woken: make(chan struct{}), cancels: map[int]context.CancelCauseFunc{},
	}
}

// CreateFilter adds a filter, under a name that the caller has for it.
func (c *Collector) CreateFilter(ref types.ManagedObjectReference, spec types.PropertyFilterSpec, views Views) (*Filter, error) {
	f, err := newFilter(ref, c, spec, views)
	if err != nil {
		return nil, err
	}
	c.inventory.mu.Lock()
	f.restart()
	c.inventory.filters[f] = struct{}{}
	c.inventory.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filters = append(c.filters, f)
	close(c.woken)
	c.woken = make(chan struct{})
	return f, nil
}

// Destroy removes the filter.
func (f *Filter) Destroy() {
	f.collector.inventory.mu.Lock()
	delete(f.collector.inventory.filters, f)
	f.collector.inventory.mu.Unlock()
	f.collector.mu.Lock()
	defer f.collector.mu.Unlock()
	f.collector.filters = slices.DeleteFunc(slices.Clone(f.collector.filters), func(other *Filter) bool { return other == f })
}

// Ref is the name of the filter.
func (f *Filter) Ref() types.ManagedObjectReference { return f.ref }

// Destroy removes the filters, ends the waits under way, and returns what the filters were called.
func (c *Collector) Destroy() (refs []types.ManagedObjectReference) {
	c.Cancel()
	filters, _ := c.state()
	for _, f := range filters {
		f.Destroy()
		refs = append(refs, f.ref)
	}
	return refs
}

func (c *Collector) state() ([]*Filter, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.filters, c.woken
}

// Cancel ends the waits under way.
func (c *Collector) Cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.cancels {
		cancel(errCanceled)
	}
}

// waiting is a context that Cancel ends too.
func (c *Collector) waiting(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits++
	id := c.waits
	c.cancels[id] = cancel
	return ctx, func() {
		cancel(nil)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.cancels, id)
	}
}

// Wait answers WaitForUpdatesEx: with an update set that must not be changed, or nil when there was no change in time. When
// the context ends, its cause is the error.
func (c *Collector) Wait(ctx context.Context, version string, o *types.WaitOptions) (*types.UpdateSet, error) {
	ctx, done := c.waiting(ctx)
	defer done()
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if again, err := c.resume(version); again != nil || err != nil {
		return again, err
	}
	set, err := c.wait(ctx, version == "", o)
	if set == nil || err != nil {
		return nil, err
	}
	c.version++
	set.Version = strconv.Itoa(c.version)
	c.asked, c.last = version, set
	return set, nil
}

// resume finds where a version stands: the answer to repeat, or nil to look for changes.
func (c *Collector) resume(version string) (*types.UpdateSet, error) {
	switch {
	case version == "":
		filters, _ := c.state()
		c.inventory.mu.Lock()
		defer c.inventory.mu.Unlock()
		for _, f := range filters {
			f.restart()
		}
		c.last, c.truncated = nil, false
		return nil, nil
	case c.last != nil && version == c.last.Version:
		return nil, nil
	case c.last != nil && version == c.asked:
		return c.last, nil
	}
	return nil, errVersion
}

// wait looks for changes until there are some. The first answer, and one that was promised, come even where there is nothing.
func (c *Collector) wait(ctx context.Context, first bool, o *types.WaitOptions) (*types.UpdateSet, error) {
	end, stop := deadline(o)
	defer stop()
	for gathered := first || c.truncated; ; gathered = false {
		filters, woken := c.state()
		pending, changed := c.pending(filters)
		if pending {
			if err := c.gather(ctx, gathered); err != nil {
				return nil, err
			}
		}
		set := c.collect(filters, most(o))
		if len(set.FilterSet) > 0 || gathered && len(filters) > 0 {
			c.truncated = set.Truncated != nil
			return set, nil
		}
		select {
		case <-changed:
		case <-woken:
		case <-end:
			return nil, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// deadline is when a wait ends without an answer; nil for never.
func deadline(o *types.WaitOptions) (<-chan time.Time, func()) {
	if o == nil || o.MaxWaitSeconds == nil {
		return nil, func() {}
	}
	t := time.NewTimer(time.Duration(*o.MaxWaitSeconds) * time.Second)
	return t.C, func() { t.Stop() }
}

func most(o *types.WaitOptions) int {
	if o == nil || o.MaxObjectUpdates <= 0 {
		return MostObjects
	}
	return min(int(o.MaxObjectUpdates), MostObjects)
}

// pending tells whether anything was changed, and how to hear of the next change.
func (c *Collector) pending(filters []*Filter) (bool, <-chan struct{}) {
	c.inventory.mu.Lock()
	defer c.inventory.mu.Unlock()
	return slices.ContainsFunc(filters, func(f *Filter) bool { return len(f.queue) > 0 }), c.inventory.changed
}

// gather lets changes come together.
func (c *Collector) gather(ctx context.Context, enough bool) error {
	d := c.inventory.settings.Coalesce()
	if enough || d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// collect takes changes from the filters.
func (c *Collector) collect(filters []*Filter, limit int) *types.UpdateSet {
	taken := make([][]update, len(filters))
	c.inventory.mu.Lock()
	left := 0
	for at, f := range filters {
		taken[at] = f.take(limit)
		limit -= len(taken[at])
		left += len(f.queue)
	}
	c.inventory.mu.Unlock()

	set := &types.UpdateSet{}
	for at, updates := range taken {
		if len(updates) > 0 {
			set.FilterSet = append(set.FilterSet, filterUpdate(filters[at], updates))
		}
	}
	if left > 0 {
		set.Truncated = types.NewBool(true)
	}
	return set
}

func filterUpdate(f *Filter, updates []update) types.PropertyFilterUpdate {
	told := types.PropertyFilterUpdate{Filter: f.ref, ObjectSet: make([]types.ObjectUpdate, len(updates))}
	for at, u := range updates {
		told.ObjectSet[at] = u.object()
	}
	return told
}
