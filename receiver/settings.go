package receiver

import (
	"net/url"
	"time"

	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// Settings are what a Receiver is made of. They must be valid.
type Settings struct {
	ID        component.ID
	Telemetry component.TelemetrySettings
	UserAgent string // of the session in vCenter: otelcol-vcenter/<version>
	Version   string // of the receiver

	Endpoint   *url.URL // with its path
	Name       string   // of the vCenter, for people
	Username   string
	Password   func() (string, error) // read at every login
	TLS        configtls.ClientConfig
	APITimeout time.Duration // of one call; a long poll may last Wait longer
	Wait       time.Duration // the longest long poll

	Storage *component.ID // nil: the position is kept in memory only
	BackOff configretry.BackOffConfig
	Drop    bool // what is refused for good is given up at once, and never held

	Operators []operators.Config // of the user; mostly none

	Events    EventSettings
	Inventory InventorySettings
	Logs      consumer.Logs // nil: there is no pipeline of logs, and nothing is read for one

	Metrics MetricSettings
}

// EventSettings are how the event history is read.
type EventSettings struct {
	Beginning    bool          // a cold start begins with the oldest event, and not with the present
	Lookback     time.Duration // how much earlier than the present a cold start begins
	Position     string        // name of the record; a new name starts over
	Overlap      time.Duration // how far back a pass reads again to find late events
	PageSize     int
	PollInterval time.Duration // the longest wait without a doorbell
	MaxAge       time.Duration // events that are older when a pass begins are not delivered; 0: no limit
	Filter       *event.Filter // nil: every event is wanted
	Enrich       bool          // with what the inventory knows of their objects
}

// InventorySettings are what is made of the inventory.
type InventorySettings struct {
	Changes  bool                // are delivered
	Tracking *inventory.Tracking // which of them

	Selection   *inventory.Selection // of the objects that have changes and metrics; nil: all
	TagPatience time.Duration        // how long vCenter has to say that it has no tags before that is believed; 0: ten minutes
}

// MetricSettings are how metrics are collected.
type MetricSettings struct {
	Controller scraperhelper.ControllerConfig
	Builder    metadata.MetricsBuilderConfig
	Next       consumer.Metrics // nil: there is no pipeline of metrics, and nothing is asked for one
}

// enriched says that events are delivered with what the inventory knows.
func (s *Settings) enriched() bool { return s.Logs != nil && s.Events.Enrich }

// changed says that changes of the inventory are delivered.
func (s *Settings) changed() bool { return s.Logs != nil && s.Inventory.Changes }

// measured says that metrics are.
func (s *Settings) measured() bool { return s.Metrics.Next != nil }

// watched says that somebody needs the inventory.
func (s *Settings) watched() bool { return s.enriched() || s.changed() || s.measured() }

// tagged says that somebody needs the tags.
func (s *Settings) tagged() bool {
	return s.enriched() || s.watched() && s.Inventory.Selection.Tagged() || s.measured() && s.Metrics.Builder.Metrics.VcenterTagInfo.Enabled
}

// source is what records say of the vCenter itself.
func (s *Settings) source(about types.AboutInfo) translate.Source {
	return translate.Source{
		InstanceUUID: about.InstanceUuid, Name: s.Name, Version: about.Version,
		Address: s.Endpoint.Hostname(), Receiver: s.Version,
	}
}
