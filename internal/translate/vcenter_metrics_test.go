package translate

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whoever counts records by type and severity in a back end comes to the same numbers.
func TestEventsAreCountedAsTheirRecordsTellThem(t *testing.T) {
	for file, body := range answers(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			events := decode(t, body)
			var told []EventKind
			for _, r := range translate(t, body).ResourceLogs().All() {
				for _, record := range r.ScopeLogs().At(0).LogRecords().All() {
					typ, _ := record.Attributes().Get(attrType)
					told = append(told, EventKind{typ.Str(), record.SeverityText()})
				}
			}
			assert.Equal(t, told, slices.Collect(Kinds(testCatalog, events)))
		})
	}
}

func TestEachSeverityHasAnAttribute(t *testing.T) {
	for _, category := range []string{"info", "warning", "error", "user", "", "odd"} {
		_, severity := severityOf("VmPoweredOnEvent", category, "")
		assert.NotEmpty(t, eventSeverities[severity].String())
	}
}
