package receiver

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"go.uber.org/zap"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// batchLimit is the most OTLP bytes of one batch: 1,000 typical events are 1.5 MB, while Kafka takes 1 MB
	// and gRPC servers 4 MiB.
	batchLimit = 512 << 10

	// idleCommit is how often a position that moves without events is confirmed and stored.
	idleCommit = time.Minute
)

// eventStream is the event history of one vCenter in the loop.
type eventStream struct {
	settings  Settings
	storage   *checkpoint.Storage
	telemetry *streamTelemetry
	logger    *zap.Logger
	watch     *inventoryWatch // for the context of events; nil: there is none
	tags      *tagReading
	scraping  *scraping // which counts what is delivered; nil: there is no pipeline of metrics

	serial    uint64 // of the session; 0: none yet
	session   *vsphere.Session
	now       func() time.Time // vCenter's clock
	cursor    *history.Cursor
	source    translate.Source
	operators *operators.Chain // of the user; nil: none
	catalog   *event.Catalog
	position  event.Position
	pass      event.Pass
	from      time.Time // ReadTo of the position when the pass began
	saved     time.Time // when the position was last stored, by vCenter's clock
	asked     time.Time // when vCenter was last asked for its newest event, by the process's clock; zero: not in this pass
	looked    time.Time // when vCenter last showed nothing that was not read, by its clock; zero: not in this process

	rung   atomic.Pointer[[]event.Event] // what the last ring of the doorbell showed, until vCenter is asked
	keys   event.Keys
	stall  stall
	damage damage
	clock
	sweep sweeping
	letters[event.Position]

	aside   []event.Event  // of a batch that was given back
	gap     *translate.Gap // to be told before the pass is read; mostly nil
	emptied emptied        // of everything that is to be seen; mostly not
	leftOut *dedup.Window  // what was read and is not wanted: the newest event in vCenter may be one of them

	last      []event.Event // of the batch that was settled last
	uncounted []event.Event // were settled since the last commit
	newest    time.Time     // creation time of the last event that was accepted

	refused    int
	resumed    time.Time // where the first pass began; zero: with a cold start
	delivered  int
	duplicates int
	filtered   int
	forgotten  int // keys that the window gave up over its limit, as far as told
}

func newEventStream(settings Settings, storage *checkpoint.Storage, telemetry *streamTelemetry, logger *zap.Logger) *eventStream {
	return &eventStream{settings: settings, storage: storage, telemetry: telemetry, logger: logger}
}

// prepare meets the vCenter of a new session, and begins a pass where there is none.
func (s *eventStream) prepare(ctx context.Context, session *vsphere.Session) error {
	if s.serial != session.Serial() {
		if err := s.meet(ctx, session); err != nil {
			return err
		}
	}
	if s.pass.Running() {
		return nil
	}
	return s.begin(ctx, session)
}

// meet is done once a session: a new one may be with another vCenter, which has a record of its own.
func (s *eventStream) meet(ctx context.Context, session *vsphere.Session) error {
	if err := s.describe(ctx, session); err != nil {
		return err
	}
	if err := s.openStore(ctx, session); err != nil {
		return err
	}
	s.serial, s.session, s.now, s.pass = session.Serial(), session, session.Now, event.Pass{}
	s.sweep.offered = session.Speaks(readsByKey)
	return nil
}

// describe learns what records say of the vCenter itself and of its event types.
func (s *eventStream) describe(ctx context.Context, session *vsphere.Session) error {
	s.source = s.settings.source(session.About())
	var manager mo.EventManager
	client := session.Client()
	err := property.DefaultCollector(client).RetrieveOne(ctx, *client.ServiceContent.EventManager, []string{"description.eventInfo"}, &manager)
	if err != nil {
		return fmt.Errorf("read the descriptions of events: %w", err)
	}
	s.catalog = event.NewCatalog(manager.Description.EventInfo)
	return nil
}

// openStore reads the record of this vCenter, or pins the first connect as the beginning of a new one. What this
// process knows of the same vCenter is ahead of its record, and stays.
func (s *eventStream) openStore(ctx context.Context, session *vsphere.Session) error {
	uuid := session.About().InstanceUuid
	if s.store != nil && s.position.InstanceUUID == uuid {
		return nil
	}
	cold := func() event.Position {
		position := event.Cold(uuid, s.since(session), session.Now())
		position.Filter = s.settings.Events.Filter.Fingerprint()
		position.Clock = readingOf(session.Now())
		return position
	}
	store, opened, err := checkpoint.Open(ctx, s.storage, s.key(uuid), positionCodec, cold)
	if err != nil {
		return fmt.Errorf("open the position of vCenter %s: %w", uuid, err)
	}
	s.letters, s.position, s.saved = lettersIn(store), opened.Position, opened.Position.SavedAt
	s.telemetry.lag.reset(s.position.ReadTo)
	s.leftOut, s.gap, s.aside = dedup.NewWindow(event.WindowLimit), nil, nil
	s.keys, s.stall, s.damage, s.sweep = event.Keys{}, stall{}, damage{}, sweeping{} // of another vCenter
	s.rung.Store(nil)
	s.looked, s.emptied = time.Time{}, notEmptied
	s.heedFilter()
	s.tellOrigin(opened)
	return nil
}

// since is where a cold start begins: at the first connect, though that can have been another stream's, and the storage may refuse the
// record for hours. Where vCenter's clock is behind that by now, it was set back.
func (s *eventStream) since(session *vsphere.Session) time.Time {
	if s.settings.Events.Beginning {
		return time.Time{}
	}
	first := session.FirstConnect()
	if now := session.Now(); now.Before(first) {
		first = now
	}
	return first.Add(-s.settings.Events.Lookback)
}

func (s *eventStream) key(uuid string) string {
	key := "v1/events/" + uuid
	if s.settings.Events.Position != "" {
		key += "/" + s.settings.Events.Position
	}
	return key
}

// tellOrigin says where the stream begins: never in silence, for at a cold start events may be left out.
func (s *eventStream) tellOrigin(opened checkpoint.Opened[event.Position]) {
	where := []zap.Field{
		zap.String("instance_uuid", opened.Position.InstanceUUID),
		zap.String("begin", describeTime(s.position.Begin(s.settings.Events.Overlap))),
	}
	switch opened.Origin {
	case checkpoint.Resumed:
		s.resumed = s.position.ReadTo
		s.logger.Info("resuming the event stream from its stored position", append(where,
			zap.String("read_to", describeTime(s.position.ReadTo)), zap.Time("saved_at", s.position.SavedAt))...)
	case checkpoint.Damaged:
		s.telemetry.damagedCheckpoint()
		s.logger.Error("the stored position is damaged: it is kept aside, and the event stream starts anew", append(where, zap.Error(opened.Err))...)
	default:
		s.logger.Info("no stored position: the event stream starts anew", where...)
	}
}

// open begins a collector: that of a new pass, or of one that was cut where it had got to.
func (s *eventStream) open(ctx context.Context, session *vsphere.Session) (source, error) {
	begin := s.pass.Reopen()
	if from := s.position.Delivered.CompleteFrom(); begin.Before(from) {
		begin = from // keys were given up in the middle of the pass
	}
	begin, err := s.unstick(ctx, session, begin)
	if err != nil {
		return nil, err
	}
	cursor, err := history.Open(ctx, session, s.wanted(), s.damage.opened(begin, s.position.Delivered.CompleteFrom()), s.reading())
	if err != nil {
		return nil, err
	}
	cursor.Resize(s.damage.size(s.settings.Events.PageSize))
	s.cursor, s.sweep.found = cursor, nil
	return tracedSource{cursor, s.telemetry.telemetry}, nil
}

func (s *eventStream) reading() history.Settings {
	return history.Settings{
		PageSize:   int32(s.settings.Events.PageSize),
		Poll:       min(s.settings.Events.PollInterval, s.settings.Events.Overlap/2),
		Wait:       s.settings.Wait,
		APITimeout: s.settings.APITimeout,
		Rung:       s.heard,
	}
}

// begin starts a pass, by a fresh reading of vCenter's clock.
func (s *eventStream) begin(ctx context.Context, session *vsphere.Session) error {
	clock, err := s.readClock(ctx, session)
	if err != nil {
		return err
	}
	s.heedClock(clock)
	begin, err := s.heedAge(ctx, session, clock)
	if err != nil {
		return err
	}
	if err := s.heedRetention(ctx, session, clock); err != nil {
		return err
	}
	s.pass = event.NewPass(begin, time.Now(), clock, s.settings.Events.Overlap)
	s.asked, s.from = time.Time{}, earlier(s.position.ReadTo, clock)
	s.damage.forget()
	return nil
}

func (s *eventStream) due() bool { return s.setBack || s.pass.Due(time.Now()) }

func (s *eventStream) over() { s.pass = event.Pass{} }

func (s *eventStream) cut() {
	if s.damage.met() {
		s.pass = s.pass.Again()
		return
	}
	s.pass = s.pass.Cut()
}

func (s *eventStream) decode(raw history.Page) (page[event.Event], error) {
	events, err := s.events(raw)
	if err != nil {
		return page[event.Event]{}, fmt.Errorf("decode a page of events: %w", err)
	}
	if s.endsEmpty(len(events)) {
		return page[event.Event]{}, errPassOver
	}
	s.scraping.heed(s.source.InstanceUUID, events)
	filtered := s.filtered
	wanted := s.matching(events)
	p := page[event.Event]{
		items: events, fresh: s.fresh(wanted), asked: raw.Asked,
		short: s.ends(events, raw), part: int(raw.Size) < s.settings.Events.PageSize,
	}
	s.duplicates += len(wanted) - len(p.fresh)
	s.telemetry.paged(len(events), len(wanted)-len(p.fresh), s.filtered-filtered)
	p.fresh = s.withAside(p.fresh)
	return p, nil
}

// ends says that a page may be the last one. One with fewer events than were asked for says so only close to the present, and once the
// pass has come beyond where the position was: events that are hidden leave room in their pages, and of passes that end there, because
// it takes so long to read the overlap again, none may come further than the one before.
func (s *eventStream) ends(events []event.Event, raw history.Page) bool {
	if len(events) == 0 || len(events) >= int(raw.Size) {
		return len(events) == 0
	}
	recent := newestOf(events, raw.Asked).After(raw.Asked.Add(-s.settings.Events.Overlap / 4))
	return recent && s.pass.Frontier().After(s.from)
}

func (s *eventStream) batch(fresh []event.Event) batch[event.Event] {
	if len(fresh) == 0 {
		return batch[event.Event]{}
	}
	logs, taken := translate.Payload(s.source, s.catalog, s.context(), fresh, batchLimit)
	return batch[event.Event]{items: fresh[:taken.Events], records: taken.Events, bare: taken.Bare, logs: s.operators.After(logs)}
}

// context is what is known now of the objects that events name. It never waits for more.
func (s *eventStream) context() translate.Context {
	return translate.Context{Inventory: s.watch.context(s.source.InstanceUUID), Tags: s.tags.words(s.source.InstanceUUID)}
}

// after is the position once a batch is settled: a whole page moves it as far as the pass proves, an empty
// one (that is confirmed to be the tail) to nearly the present.
func (s *eventStream) after(p page[event.Event], whole bool) event.Position {
	next := s.save()
	switch {
	case p.beside:
	case s.gap != nil, len(s.aside) > 0: // the position does not move over what is not told, or set aside
	case len(p.items) == 0:
		next = next.Advance(s.pass.Proven(event.TailAt(p.asked)))
	case whole:
		pass := s.passed(p)
		next = next.Advance(pass.Proven(pass.Frontier())).Seen(s.settledOf(p.items), next.SavedAt)
	}
	return next
}

// passed is the pass once a whole page is settled.
func (s *eventStream) passed(p page[event.Event]) event.Pass {
	if len(p.items) == 0 {
		return s.pass.Tail(event.TailAt(p.asked))
	}
	if p.part {
		return s.pass.Part(p.items, p.asked, len(p.fresh) > 0, s.settings.Events.PageSize)
	}
	return s.pass.Settle(p.items, p.asked, len(p.fresh) > 0)
}

func (s *eventStream) settled(p page[event.Event], b batch[event.Event], whole bool, position event.Position) {
	s.position = position
	s.heedKeys(b.items)
	s.telemetry.strange(b.items)
	if s.watch != nil {
		s.telemetry.bare(b.bare)
	}
	s.tags.heed(s.source.InstanceUUID, b.items)
	s.position = s.position.Mark(b.items, s.now())
	s.returned(b.items)
	s.delivered += len(b.items)
	s.uncounted = append(s.uncounted, b.items...)
	s.last = b.items
	if len(b.items) > 0 {
		s.stall.times, s.emptied = 0, notEmptied
	}
	s.telemetry.lag.settle(newestOf(b.items, s.now()))
	if p.beside || len(s.aside) > 0 {
		s.sweep.note(b.items)
	}
	if len(s.aside) > 0 {
		s.aside = s.fresh(s.aside)
	}
	if whole && !p.beside {
		if len(p.items) == 0 && len(s.aside) == 0 {
			s.telemetry.lag.close()
		}
		s.pass = s.passed(p)
		read := s.settledOf(p.items)
		s.returned(read)
		s.telemetry.lag.settle(newestOf(read, s.now()))
	}
	s.prune(b.items)
	s.tellForgotten()
}

// tellForgotten says, once, that the overlap is shorter than it should be.
func (s *eventStream) tellForgotten() {
	if s.forgotten == 0 && s.position.Delivered.Dropped() > 0 {
		s.logger.Warn("the overlap holds more events than can be remembered: it shrinks, and events that are inserted later than that can be missed",
			zap.Int("limit", event.WindowLimit), zap.Time("overlap_begins", s.position.Delivered.CompleteFrom()))
	}
	s.forgotten = s.position.Delivered.Dropped()
}

func (s *eventStream) commit(ctx context.Context, proof sender.Settled[event.Position]) error {
	s.noteNewest(proof.Letters())
	s.store.Date(s.newest)
	if err := s.store.Commit(ctx, proof); err != nil {
		return err
	}
	s.saved = proof.Position().SavedAt
	s.tally(proof.Letters())
	s.count(proof.Letters())
	return nil
}

func (s *eventStream) corrected() bool { return s.saved.IsZero() }

func (s *eventStream) stale() bool { return s.now().Sub(s.saved) >= idleCommit }

func (s *eventStream) unsure() bool {
	return time.Since(s.asked) >= idleCommit || s.doubted || s.overheard()
}

// heedKeys says when vCenter counts its events anew. They are delivered like any others: an event is known by its key and its
// time.
func (s *eventStream) heedKeys(delivered []event.Event) {
	for i := range delivered {
		if before, anew := s.keys.Anew(&delivered[i], s.position.Delivered); anew {
			s.logger.Warn("vCenter counts its events anew, as after a restore of its database or an overflow of its counter: the stream goes on",
				zap.Int32("key", delivered[i].Key), zap.Int32("highest_key_before", before))
			if !s.position.Sweep.Known() { // else it knows what of the old count was read, and what may still come late
				s.position.Sweep.Reach(before, delivered[i].Created.Add(-time.Millisecond))
			}
			s.sweep.running = false
			s.telemetry.keysReset()
		}
	}
}

// summary is the last word on the stream; none on a nil one.
func (s *eventStream) summary() []zap.Field {
	if s == nil {
		return nil
	}
	resumed := "cold start"
	if !s.resumed.IsZero() {
		resumed = describeTime(s.resumed)
	}
	return []zap.Field{
		zap.Int("events_delivered", s.delivered),
		zap.Int("events_refused", s.refused),
		zap.Int("duplicates_dropped", s.duplicates),
		zap.Int("events_filtered", s.filtered),
		zap.String("resumed_from", resumed),
	}
}

func describeTime(t time.Time) string {
	if t.IsZero() {
		return "the beginning of the history"
	}
	return t.UTC().Format(time.RFC3339)
}

// positionCodec stores positions of events.
var positionCodec = checkpoint.Codec[event.Position]{
	Encode: func(p event.Position) (checkpoint.Record, error) {
		head, parts, err := p.Encode()
		return checkpoint.Record{Version: event.PositionVersion, Head: head, Parts: parts}, err
	},
	Decode: func(r checkpoint.Record) (event.Position, error) {
		return event.DecodePosition(r.Version, r.Head, r.Parts)
	},
}

var _ stream[event.Event, event.Position] = (*eventStream)(nil)
