package receiver

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// steady is how long a watch must have lasted for the next one to follow soon: each begins with everything.
const steady = 10 * time.Second

// inventoryWatch keeps the inventory of the vCenter in a cache, as context for events and for the stream of changes. It has a
// loop of its own and waits for neither of them: while they are held, the cache stays fresh, also when another vCenter has taken the
// address, and what changes several times in it takes no more room.
type inventoryWatch struct {
	attempts
	settings  Settings
	telemetry *streamTelemetry
	logger    *zap.Logger
	heard     func(*inventory.Cache) // is told of the one that was brought up to date
	tags      *tagReading            // of the vCenter that is watched; nil: nobody needs them
	tried     chan struct{}          // closed when the first attempt has failed, or has read everything
	try       sync.Once              // closes it
	begun     time.Time              // when everything was read in this watch

	mu     sync.Mutex       // guards the fields below
	serial uint64           // of the session
	cache  *inventory.Cache // of its vCenter; nil: none yet
	moved  chan struct{}    // closed when the session is another
	met    *vsphere.Session // the last one; nil: none yet
	live   bool             // everything was read in it, and all that changes is
	lost   time.Time        // until when it was surely so, by the process's clock
}

// sight is what a watch knows.
type sight struct {
	session  *vsphere.Session    // the last one; nil: none yet
	live     bool                // in it the inventory is watched
	lost     time.Time           // until when it surely was; zero: it never was
	snapshot *inventory.Snapshot // of that vCenter; nil: none yet
}

func newInventoryWatch(settings Settings, sessions *vsphere.Supervisor, state *status, telemetry *streamTelemetry, logger *zap.Logger) *inventoryWatch {
	return &inventoryWatch{
		attempts: attempts{sessions: sessions, status: state}, settings: settings, telemetry: telemetry, logger: logger,
		heard: func(*inventory.Cache) {}, moved: make(chan struct{}), tried: make(chan struct{}),
	}
}

// run watches until the context ends.
func (w *inventoryWatch) run(ctx context.Context) { w.each(ctx, w.attempt) }

// attempt watches in one session, until the watch breaks.
func (w *inventoryWatch) attempt(ctx context.Context) error {
	defer w.lose(time.Now()) // where it did not come as far as to be live
	w.attempted = nothing
	w.status.enter(connecting)
	session, err := w.sessions.Acquire(ctx)
	if err != nil {
		return err
	}
	w.session.note(session.Serial())
	cache := w.meet(session)
	w.tags.meet(ctx, session.About().InstanceUuid)
	w.status.enter(resuming)
	began := time.Now()
	err = w.follow(ctx, session, cache)
	if time.Since(began) > steady {
		w.attempted = max(w.attempted, reread)
	}
	w.sessions.Report(session, err)
	return err
}

func (w *inventoryWatch) follow(ctx context.Context, session *vsphere.Session, cache *inventory.Cache) error {
	watcher, err := inventory.Watch(ctx, session, cache, inventory.Settings{Wait: w.settings.Wait, APITimeout: w.settings.APITimeout})
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Close(ctx) }() // the session remembers what could not be destroyed
	w.status.enter(catchingUp)
	for {
		applied, err := watcher.Next(ctx)
		if err != nil {
			w.lose(watcher.Answered()) // at once: a vCenter that hangs takes its time for what is destroyed in it, too
			return err
		}
		w.note(applied)
		w.heard(cache)
	}
}

// note takes in what an update set was. A watch that breaks soon after its beginning, whatever it has brought, is no reason to hurry.
func (w *inventoryWatch) note(applied inventory.Applied) {
	w.find()
	w.telemetry.updated(applied)
	switch {
	case applied.Full:
		w.begun = time.Now()
		w.logger.Info("the inventory was read", zap.Int("objects", applied.Objects), zap.Int("answers", applied.Answers), zap.Int("bytes", applied.Bytes))
	case time.Since(w.begun) > steady:
		w.attempted = news
	}
	if applied.Strange > 0 {
		w.logger.Warn("vCenter told updates of nothing: they are passed over", zap.Int("updates", applied.Strange))
	}
	w.status.enter(tailing)
	w.status.fine()
}

// meet begins with a session, and returns the cache of its vCenter. There is one at a time: that of another vCenter takes its place.
func (w *inventoryWatch) meet(session *vsphere.Session) *inventory.Cache {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.met = session
	if uuid := session.About().InstanceUuid; w.cache == nil || w.cache.InstanceUUID() != uuid {
		w.cache = inventory.NewCache(uuid)
		if w.settings.changed() {
			w.cache.AwaitRecall()
		}
	}
	if w.serial != session.Serial() {
		w.serial = session.Serial()
		close(w.moved)
		w.moved = make(chan struct{})
	}
	return w.cache
}

// find notes that everything was read in the session, and lose that the watch has broken, and when it held last.
func (w *inventoryWatch) find() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live = true
	w.try.Do(func() { close(w.tried) })
}

func (w *inventoryWatch) lose(held time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live {
		w.live, w.lost = false, held
	}
	w.try.Do(func() { close(w.tried) })
}

// sight is what is known now.
func (w *inventoryWatch) sight() sight {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := sight{session: w.met, live: w.live, lost: w.lost}
	if w.cache != nil {
		s.snapshot = w.cache.Snapshot()
	}
	return s
}

// cacheIn waits for the cache that is kept in a session. The error is errPassOver when there is a later session.
func (w *inventoryWatch) cacheIn(ctx context.Context, serial uint64) (*inventory.Cache, error) {
	for {
		w.mu.Lock()
		cache, present, moved := w.cache, w.serial, w.moved
		w.mu.Unlock()
		switch {
		case present == serial:
			return cache, nil
		case present > serial:
			return nil, errPassOver
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// beyond reports whether the inventory is watched in a later session than one, and returns what is closed when that may have changed.
func (w *inventoryWatch) beyond(serial uint64) (bool, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.serial > serial, w.moved
}

// context is what is known of a vCenter's inventory now, which is nothing before it was read. A nil watch knows nothing.
func (w *inventoryWatch) context(instanceUUID string) inventory.Context {
	if w == nil {
		return inventory.Context{}
	}
	if snapshot := w.snapshot(instanceUUID); snapshot != nil {
		return snapshot.Context()
	}
	return inventory.Context{}
}

// snapshot is a vCenter's inventory as it is now; nil: another's is watched, or none yet.
func (w *inventoryWatch) snapshot(instanceUUID string) *inventory.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cache == nil || w.cache.InstanceUUID() != instanceUUID {
		return nil
	}
	return w.cache.Snapshot()
}

// synced waits until everything in a cache was read once, in a session or before it.
func (w *inventoryWatch) synced(ctx context.Context, cache *inventory.Cache, serial uint64) (*inventory.Snapshot, error) {
	for {
		snapshot := cache.Snapshot()
		if snapshot.Synced() {
			return snapshot, nil
		}
		if over, err := w.changed(ctx, snapshot, serial); err != nil || over {
			return nil, errors.Join(err, errPassOver)
		}
	}
}

// changed waits until there is another snapshot, or a later session, and reports whether it is the latter.
func (w *inventoryWatch) changed(ctx context.Context, from *inventory.Snapshot, serial uint64) (bool, error) {
	for {
		over, moved := w.beyond(serial)
		if over {
			return true, nil
		}
		select {
		case <-from.Superseded():
			return false, nil
		case <-moved:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}
