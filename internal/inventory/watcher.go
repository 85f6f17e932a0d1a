package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	// grace is how long the making of an object may go on when its context has ended, and closeTimeout bounds the
	// destruction of all.
	grace        = 2 * time.Second
	closeTimeout = 5 * time.Second

	// defaultObjectUpdates bounds an answer: 500 virtual machines are 4 to 8 MB.
	defaultObjectUpdates = 500
)

// Session is the part of a vSphere session that a watcher needs.
type Session interface {
	// Client makes typed calls.
	Client() *vim25.Client
	// Call makes one raw call and returns the whole answer.
	Call(ctx context.Context, timeout time.Duration, request any) ([]byte, error)
	// Destroy removes an object of ours from vCenter, now or, where that fails, later.
	Destroy(ctx context.Context, object types.ManagedObjectReference) error
	// Now is vCenter's clock.
	Now() time.Time
}

// Settings are how a watcher waits.
type Settings struct {
	Wait             time.Duration // the longest long poll
	APITimeout       time.Duration // of one call; a long poll may last Wait longer
	MaxObjectUpdates int32         // in one answer; 500 where it is zero
}

// ErrBroken is returned by every Next after one that failed.
var ErrBroken = errors.New("the watcher lost its place in an answer that failed before")

// Watcher keeps a cache as vCenter is. Next and Close are for one goroutine at a time.
type Watcher struct {
	session   Session
	cache     *Cache
	settings  Settings
	flattener *flattener

	view, collector types.ManagedObjectReference
	version         string
	begun, broken   bool
	answered        time.Time // the last time, by the process's clock
}

// Watch begins to watch everything that the account may see. The watcher must be closed; it reads nothing before Next.
func Watch(ctx context.Context, s Session, cache *Cache, settings Settings) (*Watcher, error) {
	settings.MaxObjectUpdates = cmp.Or(settings.MaxObjectUpdates, defaultObjectUpdates)
	content := s.Client().ServiceContent
	if content.About.InstanceUuid != cache.InstanceUUID() {
		return nil, fmt.Errorf("watch inventory: %w", ErrAnotherVCenter)
	}
	if content.ViewManager == nil {
		return nil, errors.New("watch inventory: vCenter has no view manager")
	}
	w := &Watcher{session: s, cache: cache, settings: settings, flattener: newFlattener()}
	if err := w.open(ctx, content); err != nil {
		return nil, errors.Join(fmt.Errorf("watch inventory: %w", err), w.Close(ctx))
	}
	return w, nil
}

// open makes the objects in vCenter.
func (w *Watcher) open(ctx context.Context, content types.ServiceContent) error {
	if err := w.create(ctx, content); err != nil {
		return err
	}
	return w.createFilter(ctx, content)
}

// create makes the view and the property collector. A call that is under way does not end with its context: vCenter would
// have made an object that nobody knows the name of.
func (w *Watcher) create(ctx context.Context, content types.ServiceContent) error {
	lingering, cancel := linger(ctx)
	defer cancel()
	view, err := methods.CreateContainerView(lingering, w.session.Client(), &types.CreateContainerView{
		This: *content.ViewManager, Container: content.RootFolder, Recursive: true,
	})
	if err != nil {
		return fmt.Errorf("create view: %w", err)
	}
	w.view = view.Returnval
	if err := ctx.Err(); err != nil {
		return err
	}
	collector, err := methods.CreatePropertyCollector(lingering, w.session.Client(), &types.CreatePropertyCollector{This: content.PropertyCollector})
	if err != nil {
		return fmt.Errorf("create property collector: %w", err)
	}
	w.collector = collector.Returnval
	return nil
}

// linger returns a context that ends some time after another.
func linger(ctx context.Context) (context.Context, context.CancelFunc) {
	lingering, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return lingering, func() {
		stop()
		cancel()
	}
}

// createFilter leaves out the paths that this vCenter does not know, which it names one at a time.
func (w *Watcher) createFilter(ctx context.Context, content types.ServiceContent) error {
	unknown := map[string]bool{}
	for {
		_, err := methods.CreateFilter(ctx, w.session.Client(), &types.CreateFilter{
			This: w.collector, Spec: filterSpec(content, w.view, unknown),
		})
		var invalid *types.InvalidProperty
		if _, found := fault.As(err, &invalid); found && invalid.Name != "" && !unknown[invalid.Name] {
			unknown[invalid.Name] = true
			continue
		}
		if err != nil {
			return fmt.Errorf("create filter: %w", err)
		}
		return nil
	}
}

// Next waits for the next update set, however long there is none, and applies it to the cache. The first holds everything.
// Where it fails, the cache is as it was, and the watcher is broken.
func (w *Watcher) Next(ctx context.Context) (Applied, error) {
	if w.broken {
		return Applied{}, ErrBroken
	}
	w.broken = true
	set, err := w.read(ctx)
	if err != nil {
		return Applied{}, fmt.Errorf("read inventory: %w", err)
	}
	applied, err := w.cache.apply(set.parts, w.session.Now(), placesOf(w.session.Client().ServiceContent), !w.begun)
	if err != nil {
		return Applied{}, err
	}
	applied.Answers, applied.Bytes = len(set.parts), set.bytes
	w.version, w.begun, w.broken = set.version, true, false
	return applied, nil
}

// Answered is when vCenter has answered last, be it that there is nothing new: until then the cache is as vCenter was. Like Next, it is
// for one goroutine at a time.
func (w *Watcher) Answered() time.Time { return w.answered }

// reading is an update set in all of its parts.
type reading struct {
	parts   []updateSet
	version string
	bytes   int
}

// read collects the parts of an update set. What is equal in them shares memory; the next set begins anew, for there the
// texts of this one are hardly seen again.
func (w *Watcher) read(ctx context.Context) (reading, error) {
	defer func() { w.flattener.values = newInterner(maxValues) }()
	r := reading{version: w.version}
	for {
		body, err := w.session.Call(ctx, w.settings.Wait+w.settings.APITimeout, w.wait(r.version))
		if err != nil {
			return r, err
		}
		part, err := decode(body, w.flattener)
		if err != nil {
			return r, err
		}
		w.answered = time.Now()
		if part.version == "" {
			continue // nothing new in all that time
		}
		r.parts, r.version, r.bytes = append(r.parts, part), part.version, r.bytes+len(body)
		if !part.truncated {
			return r, nil
		}
	}
}

func (w *Watcher) wait(version string) any {
	seconds := int32(w.settings.Wait / time.Second)
	return &methods.WaitForUpdatesExBody{Req: &types.WaitForUpdatesEx{
		This: w.collector, Version: version,
		Options: &types.WaitOptions{MaxWaitSeconds: &seconds, MaxObjectUpdates: w.settings.MaxObjectUpdates},
	}}
}

// Close removes the watcher's objects from vCenter: the property collector, with its filter, and the view. It works on a
// fresh context: the one that ended may be why the watcher is closed.
func (w *Watcher) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	w.broken = true
	var failed error
	for _, object := range []types.ManagedObjectReference{w.collector, w.view} {
		if object.Value == "" {
			continue
		}
		if err := w.session.Destroy(ctx, object); err != nil {
			failed = errors.Join(failed, fmt.Errorf("destroy %s: %w", object.Type, err))
		}
	}
	return failed
}
