package e2e

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// change is what a record tells of a change of the inventory.
type change struct {
	uid, kind, class, moref, property, old, new, origin string
}

// told is the change that a record tells of; nil: it is of an event.
func told(log plog.LogRecord) *change {
	kind := text(log, "vcenter.change.type")
	if kind == "" {
		return nil
	}
	return &change{
		uid: text(log, "log.record.uid"), kind: kind, class: text(log, "vcenter.object.type"), moref: text(log, "vcenter.object.moref"),
		property: text(log, "vcenter.property.name"), old: text(log, "vcenter.property.old"), new: text(log, "vcenter.property.new"),
		origin: text(log, "vcenter.change.origin"),
	}
}

// all is the run so far.
func (s *sink) all(t *testing.T) run {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(t, s.broken)
	return slices.Clone(s.run)
}

// ofChanges is the run without the records of events.
func (r run) ofChanges() (changes run) {
	for _, d := range r {
		if d.ofChanges() {
			changes = append(changes, d)
		}
	}
	return changes
}

// ofChanges holds of a request with records of changes, which are never in one with events.
func (d delivery) ofChanges() bool {
	return slices.ContainsFunc(d.records, func(rec record) bool { return rec.change != nil })
}

// told are the changes that were accepted after the first reading, which is told in one record.
func (r run) told() (all []change) {
	for _, rec := range r.accepted() {
		if rec.change != nil && rec.change.kind != "synced" {
			all = append(all, *rec.change)
		}
	}
	return all
}

// changed are the objects of which changes tell a property, in order of the records.
func changed(changes []change, kind, property string) (morefs []string) {
	for _, c := range changes {
		if c.class == "VirtualMachine" && c.kind == kind && c.property == property {
			morefs = append(morefs, c.moref)
		}
	}
	return morefs
}

// once are changes without those whose uid was there before.
func once(all []change) (some []change) {
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[c.uid] {
			some = append(some, c)
		}
		seen[c.uid] = true
	}
	return some
}
