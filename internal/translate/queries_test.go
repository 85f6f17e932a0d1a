package translate

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
)

var (
	queryBlock  = regexp.MustCompile("(?s)```logql\n(.*?)```")
	selector    = regexp.MustCompile(`\{([^{}]*)\}`)           // {service_name="vcenter"}
	compared    = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`) // | name="value"
	grouped     = regexp.MustCompile(`\bby\s*\(([^)]*)\)`)     // sum by (name, name)
	shown       = regexp.MustCompile(`\{\{\.(\w+)\}\}`)        // {{.name}}
	extracted   = regexp.MustCompile(`\bjson\s+(\w+)="[^"]*"`) // | json name="path"
	askedChange = regexp.MustCompile(`(vcenter_(?:change_type|change_origin|property_name))=(~?)"([^"]*)"`)
	askedType   = regexp.MustCompile(`vcenter_event_type=~?"([^"]*)"`)
	quoted      = regexp.MustCompile(`"[^"]*"`)
)

// queries are the LogQL queries of a page.
func queries(t *testing.T, page string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, match := range queryBlock.FindAllSubmatch(text, -1) {
		all = append(all, string(match[1]))
	}
	return all
}

// lokiName is what Loki makes of an attribute's name.
func lokiName(attribute string) string { return strings.ReplaceAll(attribute, ".", "_") }

// lokiNames are the names that a query may use: those of the tables, those in testdata, and Loki's own.
func lokiNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{"severity_text": true, "severity_number": true, "detected_level": true, "__error__": true}
	for _, table := range tables {
		for _, a := range table {
			names[lokiName(a.Name)] = true
		}
	}
	in, events := testContext(t), decode(t, readFile(t, "testdata/context/events.xml"))
	all := allRecords(Events(testSource, testCatalog, in, events))
	for _, body := range answers(t) {
		all = append(all, allRecords(translate(t, body))...)
	}
	for _, record := range all {
		for _, name := range namesOf(record) {
			names[lokiName(name)] = true
		}
	}
	return names
}

// usedNames are the names in a query.
func usedNames(query string) (names []string) {
	for _, match := range shown.FindAllStringSubmatch(query, -1) {
		names = append(names, match[1])
	}
	for _, match := range grouped.FindAllStringSubmatch(query, -1) {
		for name := range strings.SplitSeq(match[1], ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for _, match := range compared.FindAllStringSubmatch(quoted.ReplaceAllString(query, `""`), -1) {
		names = append(names, match[1])
	}
	return names
}

func TestQueryAsksForAnUnknownName(t *testing.T) {
	known := lokiNames(t)
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "../../README.md") {
		for _, query := range queries(t, page) {
			own := map[string]bool{}
			for _, match := range extracted.FindAllStringSubmatch(query, -1) {
				own[match[1]] = true
			}
			used := usedNames(query)
			assert.NotEmpty(t, used, query)
			for _, name := range used {
				assert.True(t, known[name] || own[name], "%s: no record has %s:\n%s", page, name, query)
			}
		}
	}
}

// Structured metadata in the braces finds nothing, without an error.
func TestQuerySelectsByWhatIsNoLabel(t *testing.T) {
	labels := []string{lokiName(attrServiceName), lokiName(attrServiceInstanceID)}
	for _, query := range queries(t, "../../docs/logql.md") {
		selectors := selector.FindAllStringSubmatch(quoted.ReplaceAllString(query, `""`), -1)
		assert.Len(t, selectors, 1, query)
		for _, match := range selectors {
			for _, pair := range compared.FindAllStringSubmatch(match[1], -1) {
				assert.Contains(t, labels, pair[1], query)
			}
		}
	}
}

func TestQueryAsksForAnUnknownType(t *testing.T) {
	exists := types.TypeFunc()
	for _, query := range queries(t, "../../docs/logql.md") {
		for _, match := range askedType.FindAllStringSubmatch(query, -1) {
			for id := range strings.SplitSeq(match[1], "|") {
				_, class := exists(id)
				known := class || id == GapEvent || id == RefusedEvent || strings.HasPrefix(id, "com.vmware.vc.")
				assert.True(t, known, "%s in\n%s", id, query)
			}
		}
	}
}

func TestQueryAsksForAChangeThatNeverIs(t *testing.T) {
	values := map[string][]string{}
	for _, story := range stories(t) {
		for _, record := range allRecords(play(t, story)) {
			for name, value := range attributesOf(record) {
				values[lokiName(name)] = append(values[lokiName(name)], value)
			}
		}
	}
	asked := 0
	for _, query := range queries(t, "../../docs/logql.md") {
		for _, match := range askedChange.FindAllStringSubmatch(query, -1) {
			pattern := match[3]
			if match[2] == "" {
				pattern = regexp.QuoteMeta(pattern)
			}
			whole := regexp.MustCompile("^(?:" + pattern + ")$")
			assert.True(t, slices.ContainsFunc(values[match[1]], whole.MatchString), "%s in\n%s", match[0], query)
			asked++
		}
	}
	assert.GreaterOrEqual(t, asked, 3)
}

func TestTooFewQueries(t *testing.T) {
	assert.GreaterOrEqual(t, len(queries(t, "../../docs/logql.md")), 8)
}

func TestNamesOfAQuery(t *testing.T) {
	const query = `sum by (a, b) (count_over_time({c="x=1"} | d=~"y" | json e="f" | line_format "{{.g}} h=1" [1h])) > 1`
	assert.Equal(t, []string{"g", "a", "b", "c", "d", "e"}, usedNames(query))
}
