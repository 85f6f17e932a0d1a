package receiver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/scraper"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/tagging"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

const (
	// repeats is for how many intervals what was known of a vCenter is told on, when it cannot be reached any more.
	repeats = 3

	// firstSight is how long the first thing that is told waits for an attempt at vCenter that neither fails nor ends.
	firstSight = 30 * time.Second

	// leastTime is what vCenter is given at least to answer a collection, and mostTime the most, if the user does not say.
	leastTime = 10 * time.Second
	mostTime  = time.Minute

	// payloadLimit is the most OTLP bytes of metrics that are handed on at once, where no single object has more: gRPC servers take
	// 4 MiB.
	payloadLimit = 2 << 20
)

// scraping tells metrics, each interval, of the inventory that is watched, of what it polls beside it, and of the events that were
// delivered. A nil one counts nothing.
type scraping struct {
	settings Settings
	sessions *vsphere.Supervisor
	watch    *inventoryWatch
	tags     *tagReading
	status   *status

	life    context.Context // ends when the receiver stops
	events  func() phase    // of their stream; nil: there is none
	metrics *translate.Metrics
	wanted  inventory.Wanted
	waited  bool // for the first reading
	sound   bool // what is told last is all that should be
	tally   tally

	mu     sync.Mutex // guards the fields below
	uuid   string     // of the vCenter
	poller *inventory.Poller
}

func newScraping(life context.Context, settings Settings, sessions *vsphere.Supervisor, watch *inventoryWatch, tags *tagReading, state *status) *scraping {
	config := settings.Metrics.Builder
	return &scraping{
		settings: settings, sessions: sessions, watch: watch, tags: tags, status: state, life: life,
		metrics: translate.NewMetrics(metadata.NewMetricsBuilder(config, settings.created()), config),
		wanted:  translate.Wanted(config.Metrics),
	}
}

// created are the settings of the receiver as the collector's own helpers take them.
func (s *Settings) created() receiver.Settings {
	return receiver.Settings{ID: s.ID, TelemetrySettings: s.Telemetry, BuildInfo: component.BuildInfo{Version: s.Version}}
}

// controller makes what scrapes each interval, once it is started.
func (s *scraping) controller() (receiver.Metrics, error) {
	source, err := scraper.NewMetrics(s.scrape)
	if err != nil {
		return nil, err
	}
	return scraperhelper.NewMetricsController(&s.settings.Metrics.Controller, s.settings.created(), portions{s.settings.Metrics.Next, s.life, s.settled},
		scraperhelper.AddMetricsScraper(metadata.Type, source))
}

// scrape tells the present. The last one, which the end of the receiver cuts, tells nothing: that we stop does not mean that vCenter
// is down.
//
// The time that the context has left is not that of vCenter: to wait for the first reading costs nothing of it.
func (s *scraping) scrape(ctx context.Context) (pmetric.Metrics, error) {
	s.await()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience())
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	s.sound = false
	c := s.collect(ctx)
	if s.life.Err() != nil {
		return pmetric.NewMetrics(), nil
	}
	return s.metrics.Of(c), nil
}

// await gives the first reading of the inventory some time, or the first thing that is told would be that vCenter is down.
func (s *scraping) await() {
	if s.waited {
		return
	}
	s.waited = true
	enough := time.NewTimer(firstSight)
	defer enough.Stop()
	select {
	case <-s.watch.tried:
	case <-enough.C:
	case <-s.life.Done():
	}
}

// patience is how long vCenter has to answer what a collection asks. A vCenter that hangs delays what is known all the same, and that it
// is lost, by no more; and an interval that is short cuts no answer off.
func (s *scraping) patience() time.Duration {
	c := s.settings.Metrics.Controller
	return cmp.Or(c.Timeout, min(max(c.CollectionInterval, leastTime), mostTime))
}

// collect gathers what is known, and asks for what has to be asked for.
func (s *scraping) collect(ctx context.Context) translate.Collection {
	seen := s.watch.sight()
	c := translate.Collection{At: time.Now(), Up: seen.live, Source: s.settings.source(types.AboutInfo{})}
	if seen.session == nil {
		return c
	}
	c.Clock, c.Source = seen.session.Now(), s.settings.source(seen.session.About())
	c.Events = s.tally.of(c.Source.InstanceUUID)
	if !s.fresh(seen) {
		return c
	}
	tags, known, err := s.tags.judged(c.Source.InstanceUUID, s.settings.Inventory.Selection)
	if !known {
		if err != nil {
			s.lacks("metrics of objects are not told", reason(err), err)
		}
		return c
	}
	stats, partial := s.poll(ctx, seen)
	now := s.watch.sight() // the answers may have taken their time
	c.Up = c.Up && now.live
	if !s.fresh(now) {
		return c
	}
	if tags.Known() {
		c.Tags = pairs(tags)
	}
	c.Inventory, c.Included = seen.snapshot, s.selected(seen.snapshot, c.Source.InstanceUUID, tags)
	c.Stats, c.Partial = stats, partial
	return c
}

// selected are the objects of which is told. Where tags decide, one whose tags were not read yet is not among them.
func (s *scraping) selected(of *inventory.Snapshot, instanceUUID string, tags tagging.Tags) func(*inventory.Object) bool {
	selection := s.settings.Inventory.Selection
	selected := selection.Of(of, tags.Words().Of)
	if !selection.Tagged() {
		return selected
	}
	lacking := s.tags.lacking(instanceUUID, tags)
	return func(o *inventory.Object) bool { return !lacking(o.Type, o.Moref) && selected(o) }
}

// fresh reports whether what is known of the inventory may be told as the present.
func (s *scraping) fresh(seen sight) bool {
	return seen.snapshot != nil && seen.snapshot.Synced() &&
		(seen.live || time.Since(seen.lost) <= repeats*s.settings.Metrics.Controller.CollectionInterval)
}

// pairs are tags as metrics have them.
func pairs(tags tagging.Tags) translate.TagsOf {
	return func(moref string) iter.Seq2[string, string] {
		return func(yield func(string, string) bool) {
			for _, tag := range tags.Of(moref) {
				if !yield(tag.Category, tag.Name) {
					return
				}
			}
		}
	}
}

// poll asks for what is wanted and not pushed. What could not be had of it is not told, but it has not ended for that: the answer is
// partial.
func (s *scraping) poll(ctx context.Context, seen sight) (stats *inventory.Stats, partial bool) {
	if !seen.live {
		return nil, true
	}
	if s.wanted == (inventory.Wanted{}) {
		s.sound = true
		return nil, false
	}
	poller := s.pollerOf(ctx, seen.session.About().InstanceUuid)
	if s.wanted.Alarms && !s.hears() {
		poller.Notice(seen.session.ServiceContent().RootFolder.Value) // where all there are can be read
	}
	stats, err := poller.Poll(ctx, seen.session, seen.snapshot, s.wanted)
	switch {
	case err == nil:
		s.sound = true
	case errors.Is(ctx.Err(), context.Canceled):
	default:
		if ctx.Err() == nil { // else it was not given the time that it takes, which says nothing of the session
			s.sessions.Report(seen.session, err)
		}
		s.lacks("metrics are told without what could not be asked for", reason(err), err)
	}
	return stats, err != nil
}

// hears reports whether events tell of alarms now: they are read up to the present, and vCenter leaves out none of them beforehand.
func (s *scraping) hears() bool {
	return s.events != nil && s.events() == tailing && !s.settings.Events.Filter.Narrows()
}

// lacks reports that something is not told, until the next collection.
func (s *scraping) lacks(what, reason string, err error) {
	s.status.lacks(what, reason, err, s.settings.Metrics.Controller.CollectionInterval)
}

// settled is told what became of a collection. What was refused is not sent again: by the next time it is old. But it is told.
func (s *scraping) settled(lost int, err error) {
	switch {
	case s.life.Err() != nil:
	case err != nil:
		s.lacks("the pipeline refused metrics: they are lost, and the next collection tells the present anew", "refused",
			fmt.Errorf("the pipeline refused %d points of metrics: %w", lost, err))
	case s.sound:
		s.status.enter(tailing)
		s.status.fine()
	}
}

// pollerOf is the poller of a vCenter. That of another one ends with the session that it was of.
func (s *scraping) pollerOf(ctx context.Context, instanceUUID string) *inventory.Poller {
	present, before := s.turn(instanceUUID)
	if before != nil && before != present {
		_ = before.Close(ctx)
	}
	return present
}

// turn takes up the poller of a vCenter, and returns the one before, too, which may be the same.
func (s *scraping) turn(instanceUUID string) (present, before *inventory.Poller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.poller
	if before == nil || s.uuid != instanceUUID {
		s.uuid, s.poller = instanceUUID, inventory.NewPoller(instanceUUID, inventory.PollSettings{APITimeout: s.settings.APITimeout})
	}
	return s.poller, before
}

// heed lets the alarms be read that events tell of.
func (s *scraping) heed(instanceUUID string, events []event.Event) {
	if s == nil || !s.wanted.Alarms {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poller == nil || s.uuid != instanceUUID {
		return // the first poll reads all
	}
	for i := range events {
		if moref := events[i].AlarmedEntity(); moref != "" {
			s.poller.Notice(moref)
		}
	}
}

// count counts events that were delivered.
func (s *scraping) count(instanceUUID string, catalog *event.Catalog, delivered []event.Event) {
	if s != nil && s.settings.Metrics.Builder.Metrics.VcenterEventCount.Enabled {
		s.tally.add(instanceUUID, translate.Kinds(catalog, delivered))
	}
}

// close removes what polls have left in vCenter. It is called when nothing scrapes any more.
func (s *scraping) close(ctx context.Context) error {
	if s == nil || s.poller == nil {
		return nil
	}
	return s.poller.Close(ctx)
}

// portions hands metrics on in payloads that back ends take. One that is refused costs no other.
type portions struct {
	next    consumer.Metrics
	life    context.Context             // ends when the receiver stops; a payload on its way then has its grace
	settled func(lost int, first error) // is told how many points of a collection were refused, and why first
}

// Capabilities are those of what takes them.
func (p portions) Capabilities() consumer.Capabilities { return p.next.Capabilities() }

// ConsumeMetrics hands metrics on, an object always whole. The time of its context was given for vCenter, and may be over.
func (p portions) ConsumeMetrics(ctx context.Context, all pmetric.Metrics) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(p.life, func() { time.AfterFunc(grace, cancel) })()
	var lost int
	var first error
	for portion := range translate.Portions(all, payloadLimit) {
		points := portion.DataPointCount()
		if err := p.next.ConsumeMetrics(ctx, portion); err != nil {
			lost += points
			if first == nil {
				first = err
			}
		}
	}
	p.settled(lost, first)
	return first
}
