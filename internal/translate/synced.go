package translate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// changeSynced is the type of the one change that is of all objects at once.
const changeSynced = "synced"

// SyncedPayload is a Synced that is built anew for every try.
func SyncedPayload(src Source, counts map[string]int, uid string, read time.Time) func() plog.Logs {
	return func() plog.Logs { return Synced(src, counts, uid, read) }
}

// Synced builds the one record that tells how many objects of each type an inventory has: when it is read for the first
// time ever, all are new to us, and none was created.
func Synced(src Source, counts map[string]int, uid string, read time.Time) plog.Logs {
	src = src.Inventory()
	logs := plog.NewLogs()
	record := src.scope(logs).LogRecords().AppendEmpty()
	types, total := slices.Sorted(maps.Keys(counts)), 0
	var parts []string
	for _, typ := range types {
		total += counts[typ]
		parts = append(parts, fmt.Sprintf("%d %s", counts[typ], typ))
	}

	b := builder{src: src}
	b.begin()
	b.text(attrChangeType, changeSynced)
	b.text(attrUID, uid)
	b.number(attrInventoryTotal, total)
	b.shorten()
	b.reserve(attribute{name: attrChangeDropped})
	b.head(record, read, inventoryEvents+changeSynced, fmt.Sprintf("The inventory was read for the first time: %d objects (%s)", total, strings.Join(parts, ", ")))
	for _, typ := range types {
		b.add(attrCountPrefix+typ, intValue(int64(counts[typ])))
	}
	b.finish(record, attrChangeDropped)
	return logs
}
