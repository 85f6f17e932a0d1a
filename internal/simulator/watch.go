package simulator

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// watch is the part of a property collector that watches objects of ours: what WaitForUpdatesEx answers, by the book.
//
// Each answer has a version. The client asks with the version that it has; asking again with the one before, because the
// answer was lost, brings the same answer again; any other is InvalidCollectorVersion. A wait ends with the client's
// connection and with the session. Changes gather for a while (Settings.Coalesce), and only the last state is told.
type watch struct {
	simulator *Simulator
	session   *session
	turn      chan struct{} // holds one token: one WaitForUpdatesEx at a time; it guards what follows

	version int
	asked   string           // the version that the last answer was for
	last    *types.UpdateSet // the last answer
	seen    uint64           // how many events had been appended when it was looked at the last time

	mu      sync.Mutex // guards the fields below
	filters []*filter
	woken   chan struct{} // closed and made anew when the filters change
}

func newWatch(sim *Simulator, s *session) *watch {
	return &watch{simulator: sim, session: s, turn: make(chan struct{}, 1), woken: make(chan struct{})}
}

func (w *watch) add(f *filter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.filters = append(w.filters, f)
	w.wake()
}

func (w *watch) drop(f *filter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.filters = slices.DeleteFunc(slices.Clone(w.filters), func(other *filter) bool { return other == f })
}

// wake has mu.
func (w *watch) wake() {
	close(w.woken)
	w.woken = make(chan struct{})
}

func (w *watch) state() ([]*filter, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.filters, w.woken
}

func (w *watch) waitForUpdatesEx(c *call) (response, error) {
	req := c.method.Body.(*types.WaitForUpdatesEx)
	ctx, done := w.session.waiting(c)
	defer done()
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if again, err := w.resume(req.Version); again != nil || err != nil {
		return &types.WaitForUpdatesExResponse{Returnval: again}, err
	}
	set, err := w.wait(ctx, deadline(req.Options))
	if err != nil || set == nil {
		return &types.WaitForUpdatesExResponse{}, err
	}
	w.version++
	set.Version = strconv.Itoa(w.version)
	w.asked, w.last = req.Version, set
	return &types.WaitForUpdatesExResponse{Returnval: set}, nil
}

// resume finds where a version stands: the answer to repeat, or nil to look for changes.
func (w *watch) resume(version string) (*types.UpdateSet, error) {
	switch {
	case version == "":
		filters, _ := w.state()
		for _, f := range filters {
			clear(f.told)
		}
		w.seen, w.last = 0, nil
		return nil, nil
	case w.last != nil && version == w.last.Version:
		return nil, nil
	case w.last != nil && version == w.asked:
		return w.last, nil
	default:
		return nil, fault{&types.InvalidCollectorVersion{}, "The version '" + version + "' is not valid."}
	}
}

// deadline is when a wait ends without an answer; nil for never.
func deadline(o *types.WaitOptions) <-chan time.Time {
	if o == nil || o.MaxWaitSeconds == nil {
		return nil
	}
	return time.After(time.Duration(*o.MaxWaitSeconds) * time.Second)
}

// wait returns the next changes, nil when there were none in time.
func (w *watch) wait(ctx context.Context, deadline <-chan time.Time) (*types.UpdateSet, error) {
	for {
		filters, woken := w.state()
		if err := w.gather(ctx, filters); err != nil {
			return nil, err
		}
		appended, next := w.simulator.journal.Changed()
		if set := w.changes(filters, appended); set != nil {
			return set, nil
		}
		select {
		case <-woken:
		case <-next:
		case <-deadline:
			return nil, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// gather lets changes come together, unless there is nothing new, or a filter that was told nothing yet.
func (w *watch) gather(ctx context.Context, filters []*filter) error {
	appended, _ := w.simulator.journal.Changed()
	fresh := slices.ContainsFunc(filters, func(f *filter) bool { return len(f.told) == 0 })
	if fresh || appended == w.seen {
		return nil
	}
	return pause(ctx, w.simulator.Coalesce())
}

// changes are those of all filters since the last look. What happens while the doorbell is off is seen, but not told.
func (w *watch) changes(filters []*filter, appended uint64) *types.UpdateSet {
	set := &types.UpdateSet{}
	silent := w.simulator.doorbell.silent(appended)
	w.seen = appended
	for _, f := range filters {
		entered := len(f.told) == 0
		updates := f.changes(w.simulator, w.session)
		if len(updates) > 0 && (entered || !silent) {
			set.FilterSet = append(set.FilterSet, types.PropertyFilterUpdate{Filter: f.ref, ObjectSet: updates})
		}
	}
	if len(set.FilterSet) == 0 {
		return nil
	}
	return set
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
