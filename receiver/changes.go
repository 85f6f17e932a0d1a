package receiver

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// changesAtOnce is the most changes that are looked at for one batch: more of them never fit.
const changesAtOnce = 4096

// tagsAgain is how often it is looked whether the tags were read that somebody waits for.
const tagsAgain = 250 * time.Millisecond

// changeStream is the changes of one vCenter's inventory in the loop: how the inventory that is watched differs from what was
// delivered of it. So a change that nobody could be told of yet is not queued. What a batch has, and the rest of its set, is told
// as it was compared; what has changed since is found by the next comparison, as one step from what was told to what is. A
// property that went from A to B and back while nobody could be told of B was never told to be B: then there is no news.
type changeStream struct {
	trusted[change]
	settings  Settings
	storage   *checkpoint.Storage
	telemetry *streamTelemetry
	logger    *zap.Logger
	watch     *inventoryWatch
	tags      *tagReading
	operators *operators.Chain // of the user; nil: none

	serial   uint64 // of the session; 0: none yet
	source   translate.Source
	cache    *inventory.Cache
	position *ledger
	unstored bool // what the ledger begins with
	letters[*ledger]

	compared *inventory.Snapshot // with the ledger; nil: none of this cache yet
	anew     bool                // it is to be compared again: something was settled after that, or given back
	set      translate.ChangeSet // of that comparison
	sets     int                 // so far
	awaits   bool                // something was left out of it until its tags are read

	last      time.Time // of the batch that was settled last: when it was read
	newest    time.Time // when the last change was read that was accepted
	delivered int
	refused   int

	hearing sync.Mutex // guards the field below
	lagOf   string     // the vCenter of which the lag is: what another one has by its clock is none
}

// change is how an object differs from what was delivered of it.
type change struct {
	inventory.Delta
	set translate.ChangeSet
}

// ledger is what was delivered of the inventory. As with the window of an event.Position, what is delivered is marked in place,
// and the proof of its batch stores it.
type ledger struct{ state *inventory.State }

func newChangeStream(settings Settings, storage *checkpoint.Storage, watch *inventoryWatch, telemetry *streamTelemetry, logger *zap.Logger) *changeStream {
	s := &changeStream{settings: settings, storage: storage, watch: watch, telemetry: telemetry, logger: logger}
	watch.heard = s.heard
	return s
}

// heard notes what is to be compared. It is called by the goroutine that watches, which may be with another vCenter by then.
func (s *changeStream) heard(cache *inventory.Cache) {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	if s.lagOf == cache.InstanceUUID() {
		s.telemetry.lag.know(cache.Snapshot().At())
	}
}

// listen begins with the lag of a vCenter.
func (s *changeStream) listen(instanceUUID string) {
	s.hearing.Lock()
	defer s.hearing.Unlock()
	s.lagOf = instanceUUID
	s.telemetry.lag.reset(time.Time{})
}

// prepare meets the vCenter of a session, and waits for its inventory.
func (s *changeStream) prepare(ctx context.Context, session *vsphere.Session) error {
	if s.serial == session.Serial() {
		return nil
	}
	if err := s.openStore(ctx, s.settings.source(session.About()).Inventory()); err != nil {
		return err
	}
	if err := s.meet(ctx, session.Serial()); err != nil {
		return err
	}
	s.serial = session.Serial()
	return nil
}

// openStore reads what was delivered of a vCenter. What this process knows of the same vCenter is ahead of that, and stays.
func (s *changeStream) openStore(ctx context.Context, of translate.Source) error {
	if s.store == nil || s.source.InstanceUUID != of.InstanceUUID {
		tracking := s.settings.Inventory.Tracking
		cold := func() *ledger { return &ledger{inventory.NewState(tracking)} }
		store, opened, err := checkpoint.Open(ctx, s.storage, "v1/changes/"+of.InstanceUUID, ledgerCodec(tracking), cold)
		if err != nil {
			return fmt.Errorf("open the state of the inventory of vCenter %s: %w", of.InstanceUUID, err)
		}
		s.letters, s.position = lettersIn(store), opened.Position
		s.set, s.cache, s.compared = translate.ChangeSet{}, nil, nil // what of it was compared is compared anew, as a set with a name
		s.listen(of.InstanceUUID)
		s.tellOrigin(opened)
	}
	s.source = of
	return nil
}

// meet waits until the inventory was read.
func (s *changeStream) meet(ctx context.Context, serial uint64) error {
	cache, err := s.watch.cacheIn(ctx, serial)
	if err != nil {
		return err
	}
	if cache != s.cache {
		cache.Recall(s.position.state)
		s.cache, s.compared = cache, nil
	}
	snapshot, err := s.watch.synced(ctx, cache, serial)
	if err != nil {
		return err
	}
	s.heard(cache) // it was read before anybody listened
	s.begin(snapshot)
	return nil
}

// begin makes the ledger ready to be compared. The first time of all, what there is now is the baseline: it is known without a word but one,
// and all that changes from then on is told. So is what changes from then on of properties that are tracked for the first time.
func (s *changeStream) begin(now *inventory.Snapshot) {
	state := s.position.state.Retracked(now)
	if state.Len() == 0 { // an inventory has at least its root
		state, s.compared = state.Baseline(now), now
	}
	if state != s.position.state {
		s.position, s.unstored = &ledger{state}, true
	}
}

// corrected and stale say that what the ledger begins with is to be stored, which does not wait for anything to be accepted. What else it
// learns without a batch it learns again after a restart.
func (s *changeStream) corrected() bool { return s.unstored }
func (s *changeStream) stale() bool     { return s.unstored }

// tellOrigin says where the stream begins.
func (s *changeStream) tellOrigin(opened checkpoint.Opened[*ledger]) {
	objects := zap.Int("objects", opened.Position.state.Len())
	switch opened.Origin {
	case checkpoint.Resumed:
		s.logger.Info("resuming the stream of changes: what is not as it was delivered has changed meanwhile", objects)
	case checkpoint.Damaged:
		s.telemetry.damagedCheckpoint()
		s.logger.Error("the stored state of the inventory is damaged: it is kept aside, and changes since then are not told", zap.Error(opened.Err))
	default:
		s.logger.Info("no stored state of the inventory: the stream of changes starts anew")
	}
}

// ledgerCodec stores ledgers.
func ledgerCodec(tracking *inventory.Tracking) checkpoint.Codec[*ledger] {
	codec := tracking.Codec()
	return checkpoint.Codec[*ledger]{
		Encode: func(l *ledger) (checkpoint.Record, error) { return codec.Encode(l.state) },
		Decode: func(r checkpoint.Record) (*ledger, error) {
			state, err := codec.Decode(r)
			return &ledger{state}, err
		},
	}
}

// open waits for the tags where they decide of whom is told. What changes meanwhile is told once they are known.
func (s *changeStream) open(ctx context.Context, _ *vsphere.Session) (source, error) {
	if err := s.knowTags(ctx); err != nil {
		return nil, err
	}
	return changeSource{s}, nil
}

// knowTags waits for the tags where they decide of whom is told.
func (s *changeStream) knowTags(ctx context.Context) error {
	again := time.NewTicker(tagsAgain)
	defer again.Stop()
	for {
		if _, known, err := s.tags.judged(s.source.InstanceUUID, s.settings.Inventory.Selection); known || err != nil {
			return err
		}
		if s.due() {
			return errPassOver
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changeSource is read by comparison, and waits for something to compare. It outlives the session, in which the inventory is
// watched and not read.
type changeSource struct{ stream *changeStream }

func (s changeSource) Read(context.Context) (history.Page, error) { return history.Page{}, nil }

func (s changeSource) Wait(ctx context.Context) error {
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if s.stream.awaits {
		waiting, cancel = context.WithTimeout(ctx, tagsAgain)
	}
	defer cancel()
	over, err := s.stream.watch.changed(waiting, s.stream.compared, s.stream.serial)
	switch {
	case over:
		return errPassOver // or who waits for a witness would ask again and again
	case err != nil && ctx.Err() == nil:
		s.stream.anew = true // the tags may have been read
		return nil
	}
	return err
}

func (s changeSource) Close(context.Context) error { return nil }

// due ends a pass when there is another session, which may be with another vCenter.
func (s *changeStream) due() bool {
	later, _ := s.watch.beyond(s.serial)
	return later
}

// cut has what was compared, and may not have been delivered, compared again.
func (s *changeStream) cut() { s.anew = true }

// decode compares. What was compared already has nothing new, unless something of it was delivered since, or given back.
func (s *changeStream) decode(history.Page) (page[change], error) {
	snapshot := s.cache.Snapshot()
	p := page[change]{asked: snapshot.At(), short: true}
	if snapshot == s.compared && !s.anew {
		return p, nil
	}
	s.mark(snapshot)
	deltas, state := s.position.state.Compare(s.source.InstanceUUID, snapshot)
	s.position.state = state
	for _, d := range s.selected(deltas) {
		p.items = append(p.items, change{d, s.set})
	}
	if len(p.items) == 0 && !s.awaits {
		s.telemetry.lag.settle(p.asked)
	}
	p.fresh = p.items
	return p, nil
}

// selected leaves out objects of which nobody is to be told. What has changed of them is entered as if it had been.
func (s *changeStream) selected(deltas []inventory.Delta) []inventory.Delta {
	selection := s.settings.Inventory.Selection
	tags, known, _ := s.tags.judged(s.source.InstanceUUID, selection)
	s.awaits = !known // another vCenter has the address by now: it is compared again
	switch {
	case s.awaits:
		return nil
	case selection == nil:
		return deltas
	}
	words, lacking := tags.Words(), s.tags.lacking(s.source.InstanceUUID, tags)
	var others []inventory.Delta
	deltas = slices.DeleteFunc(deltas, func(d inventory.Delta) bool {
		e := &d.Changes[0].Entity
		switch {
		case selection.Tagged() && !e.Removed && lacking(e.Type, e.Moref):
			s.awaits = true // it is compared again
			return true
		case selection.Has(e, words.Of):
			return false
		}
		others = append(others, d)
		return true
	})
	if len(deltas) > 0 || s.awaits { // what is told of may have been in what is gone
		others = slices.DeleteFunc(others, inventory.Delta.Last)
	}
	if len(others) > 0 {
		s.position.state = s.position.state.With(others...)
	}
	return deltas
}

// mark notes that a snapshot is compared. Its differences are one set. Where vCenter's clock was set back, the time of the sets stands
// still: a back end may refuse what is far behind the newest that it has.
func (s *changeStream) mark(snapshot *inventory.Snapshot) {
	if snapshot != s.compared {
		origin := translate.OriginLive
		if s.compared == nil || s.compared.Reads() != snapshot.Reads() || s.awaits && s.set.Origin == translate.OriginResume {
			origin = translate.OriginResume
		}
		s.sets++
		s.set = translate.ChangeSet{ID: fmt.Sprintf("%d-%d", snapshot.At().UnixMilli(), s.sets), Origin: origin, Read: later(s.set.Read, snapshot.At())}
	}
	s.compared, s.anew = snapshot, false
}

// without returns the changes that still begin where the ledger is, but for those of the objects of some others. What is left out is
// compared again.
func (s *changeStream) without(items, others []change) []change {
	taken := make(map[string]bool, len(others))
	for i := range others {
		taken[others[i].Moref()] = true
	}
	return slices.DeleteFunc(slices.Clone(items), func(c change) bool {
		return taken[c.Moref()] || !s.position.state.Precedes(c.Delta)
	})
}

// join keeps the later of two pages in which nothing is new: no position moves over a page.
func (s *changeStream) join(_, second page[change]) page[change] { return second }

// batch takes changes of one set, and all of those of an object.
func (s *changeStream) batch(fresh []change) batch[change] {
	if len(fresh) == 0 {
		return batch[change]{}
	}
	var changes []inventory.Change
	ends := []int{0} // of the objects, among them
	for _, c := range fresh {
		if c.set != fresh[0].set || len(changes) > changesAtOnce {
			break
		}
		changes = append(changes, c.Changes...)
		ends = append(ends, len(changes))
	}
	logs, n := translate.ChangePayload(s.source, fresh[0].set, changes, batchLimit)
	objects, whole := slices.BinarySearch(ends, n)
	if !whole { // it ends within an object
		objects = max(objects-1, 1)
		logs, n = translate.ChangePayload(s.source, fresh[0].set, changes[:ends[objects]], math.MaxInt)
	}
	return batch[change]{items: fresh[:objects], records: n, logs: s.operators.After(logs)}
}

// after is the ledger: what a batch delivers is entered once it is settled.
func (s *changeStream) after(page[change], bool) *ledger { return s.position }

func (s *changeStream) settled(p page[change], b batch[change], whole bool, position *ledger) {
	s.position = position
	s.enter(b.items)
	s.delivered += b.records
	if n := len(b.items); n > 0 {
		s.last = b.items[n-1].set.Read
	}
	if whole {
		s.telemetry.lag.settle(p.asked)
	}
}

// enter notes in the ledger that changes were delivered.
func (s *changeStream) enter(items []change) {
	if len(items) == 0 {
		return
	}
	deltas := make([]inventory.Delta, len(items))
	for i, c := range items {
		deltas[i] = c.Delta
	}
	s.position.state = s.position.state.With(deltas...)
	s.anew = true
}

// taken enters what was taken of a batch that is given back, of an object maybe in part. So may be the one record of a baseline.
func (s *changeStream) taken(items []change, uids []string) {
	done := make(map[string]bool, len(uids))
	for _, uid := range uids {
		done[uid] = true
	}
	var parts []change
	for _, c := range items {
		if c.Delta = c.Part(func(told *inventory.Change) bool { return done[told.UID] }); len(c.Changes) > 0 {
			parts = append(parts, c)
			s.delivered += len(c.Changes)
		}
	}
	s.enter(parts)
	if summary := s.position.state.Untold(); summary != nil && done[s.syncedUID(summary)] {
		s.told()
	}
}

func (s *changeStream) commit(ctx context.Context, proof sender.Settled[*ledger]) error {
	s.newest = later(s.newest, s.last)
	s.store.Date(s.newest)
	if err := s.store.Commit(ctx, proof); err != nil {
		return err
	}
	s.unstored = false
	letters := proof.Letters()
	s.refused += len(letters)
	s.delivered -= len(slices.DeleteFunc(letters, func(l sender.Letter) bool { return isSynced(l.UID) })) // which is no change
	s.heed(s.telemetry, s.logger)
	return nil
}

// refusals are dead letters that no record has told of yet.
func (s *changeStream) refusals(ctx context.Context) (notice[*ledger], bool) {
	list := s.untold(ctx, s.logger)
	if len(list) == 0 {
		return notice[*ledger]{}, false
	}
	return notice[*ledger]{position: s.position, logs: s.operators.After(translate.RefusedPayload(s.source, list, s.store.Dated()))}, true
}

func (s *changeStream) reported(position *ledger) {
	s.position = position
	s.tell()
}

// notice is the one record of a baseline.
func (s *changeStream) notice() (notice[*ledger], bool) {
	summary := s.position.state.Untold()
	if summary == nil {
		return notice[*ledger]{}, false
	}
	uid := s.syncedUID(summary)
	logs := translate.SyncedPayload(s.source, summary.Counts, uid, summary.Read)
	return notice[*ledger]{uid: uid, position: s.position, logs: s.operators.After(logs)}, true
}

func (s *changeStream) told() {
	s.last = s.position.state.Untold().Read
	s.position.state = s.position.state.Told()
}

// syncedUID is the same when a process that was killed before it has stored that a baseline was told tells it again.
func (s *changeStream) syncedUID(told *inventory.Summary) string {
	h := fnv.New64a()
	for _, class := range slices.Sorted(maps.Keys(told.Counts)) {
		fmt.Fprintf(h, "%s %d\n", class, told.Counts[class])
	}
	return fmt.Sprintf("%s%s%x", s.source.InstanceUUID, syncedMark, h.Sum64())
}

// syncedMark is in the uid of a baseline's record, and in that of no change.
const syncedMark = ":inventory:"

func isSynced(uid string) bool { return strings.Contains(uid, syncedMark) }

// summary is the last word on the stream; none on a nil one.
func (s *changeStream) summary() []zap.Field {
	if s == nil {
		return nil
	}
	return []zap.Field{zap.Int("changes_delivered", s.delivered), zap.Int("changes_refused", s.refused)}
}

var _ stream[change, *ledger] = (*changeStream)(nil)
