package translate

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const recordsPage = "../../docs/records.md"

// tables are those of the page, by the name of their section.
var tables = map[string][]Attribute{
	"resource attributes": ResourceAttributes,
	"record attributes":   RecordAttributes,
	"context attributes":  ContextAttributes,
	"change attributes":   ChangeAttributes,
	"synced attributes":   SyncedAttributes,
	"gap attributes":      GapAttributes,
	"refused attributes":  RefusedAttributes,
}

func table(attributes []Attribute) string {
	var b strings.Builder
	b.WriteString("| attribute | meaning | example |\n|---|---|---|\n")
	for _, a := range attributes {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", a.Name, a.Meaning, a.Example)
	}
	return b.String()
}

// replaceSection returns the page with what stands between the marks of a section replaced.
func replaceSection(t *testing.T, page, section, text string) string {
	before, rest, ok := strings.Cut(page, "<!-- "+section+" -->\n")
	require.True(t, ok, "begin of %s", section)
	_, after, ok := strings.Cut(rest, "<!-- end of "+section+" -->\n")
	require.True(t, ok, "end of %s", section)
	return before + "<!-- " + section + " -->\n" + text + "<!-- end of " + section + " -->\n" + after
}

func TestPageOfRecordsTellsEveryAttribute(t *testing.T) {
	bytes, err := os.ReadFile(recordsPage)
	require.NoError(t, err)
	page := string(bytes)
	for section, attributes := range tables {
		page = replaceSection(t, page, section, table(attributes))
	}
	if *update {
		require.NoError(t, os.WriteFile(recordsPage, []byte(page), 0o644))
		return
	}
	assert.Equal(t, page, string(bytes), "run the tests of this package with -update")
}

func TestRecordHasNoAttributeBesideTheTable(t *testing.T) {
	order := map[string]int{}
	for i, a := range RecordAttributes {
		assert.NotContains(t, order, a.Name)
		order[a.Name] = i
	}
	met := map[string]bool{}
	for file, body := range answers(t) {
		for _, record := range allRecords(translate(t, body)) {
			last := -1
			for name := range record.Attributes().All() {
				if strings.HasPrefix(name, dataPrefix) {
					continue
				}
				position, ok := order[name]
				assert.True(t, ok, "%s in %s is not in the table", name, file)
				assert.Greater(t, position, last, "%s in %s is out of order", name, file)
				last = position
				met[name] = true
			}
		}
	}
	assert.Len(t, met, len(order), "testdata shows every attribute")
}
