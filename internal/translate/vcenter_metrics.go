package translate

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// EventKind is what events are counted by.
type EventKind struct{ Type, Severity string }

// Kinds yields the kind of each of some events, as their records tell it.
func Kinds(catalog *event.Catalog, events []event.Event) iter.Seq[EventKind] {
	return func(yield func(EventKind) bool) {
		for i := range events {
			e := &events[i]
			_, severity := severityOf(e.Class, catalog.CategoryOf(e), e.Fields.Text("to"))
			if !yield(EventKind{e.TypeID(), severity}) {
				return
			}
		}
	}
}

var eventSeverities = map[string]metadata.AttributeEventSeverity{
	"INFO": metadata.AttributeEventSeverityInfo, "WARN": metadata.AttributeEventSeverityWarn, "ERROR": metadata.AttributeEventSeverityError,
}

// vcenter records what is known of a vCenter as a whole.
func (p *pass) vcenter() {
	p.builder.RecordVcenterUpDataPoint(p.at, boolean(p.Up))
	if p.on.VcenterEventCount.Enabled {
		kinds := slices.SortedFunc(maps.Keys(p.Events), func(a, b EventKind) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Severity, b.Severity))
		})
		for _, kind := range kinds {
			p.builder.RecordVcenterEventCountDataPoint(p.at, p.Events[kind], kind.Type, eventSeverities[kind.Severity])
		}
	}
	if p.Stats != nil {
		p.licenses(p.Stats.Licenses)
		if end := p.Stats.Certificate; !end.IsZero() {
			p.builder.RecordVcenterCertificateExpiryDataPoint(p.at, remaining(end, p.Clock))
		}
	}
}

// licenses records licences. Keys tell them apart, and are secret: those that a reader cannot tell apart are told together,
// with the expiry of the first that ends.
func (p *pass) licenses(all []inventory.License) {
	all = slices.SortedStableFunc(slices.Values(all), func(a, b inventory.License) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Edition, b.Edition))
	})
	for len(all) > 0 {
		first, n := all[0], 1
		for n < len(all) && all[n].Name == first.Name && all[n].Edition == first.Edition {
			first = together(first, all[n])
			n++
		}
		p.license(first)
		all = all[n:]
	}
}

func (p *pass) license(l inventory.License) {
	p.builder.RecordVcenterLicenseTotalDataPoint(p.at, l.Total, l.Name, l.Edition)
	p.builder.RecordVcenterLicenseUsedDataPoint(p.at, l.Used, l.Name, l.Edition)
	if !l.Expires.IsZero() {
		p.builder.RecordVcenterLicenseExpiryDataPoint(p.at, remaining(l.Expires, p.Clock), l.Name, l.Edition)
	}
}

func together(a, b inventory.License) inventory.License {
	a.Total += b.Total
	a.Used += b.Used
	if a.Expires.IsZero() || !b.Expires.IsZero() && b.Expires.Before(a.Expires) {
		a.Expires = b.Expires
	}
	return a
}
