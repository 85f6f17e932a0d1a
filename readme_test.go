package vcenterstreamreceiver

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// row is a line of a table of settings.
type row struct{ initially, meaning string }

var (
	rows   = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\| ([^|]*) \\| (.*) \\|$")
	quoted = regexp.MustCompile("`([^`]*)`")
)

// settingsOfTheReadme are the rows of its tables, by the keys in their first column.
func settingsOfTheReadme(t *testing.T) map[string]row {
	t.Helper()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(page), "\n### Settings\n")
	require.True(t, found)
	text, _, found = strings.Cut(text, "\n### A record\n")
	require.True(t, found)
	settings := map[string]row{}
	for _, cells := range rows.FindAllStringSubmatch(text, -1) {
		for _, key := range quoted.FindAllStringSubmatch(cells[1], -1) {
			assert.NotContains(t, settings, key[1], "told twice")
			settings[key[1]] = row{strings.TrimSpace(cells[2]), cells[3]}
		}
	}
	return settings
}

// The README tells every setting, with its default; and none that there is not.
func TestTheReadmeTellsEverySetting(t *testing.T) {
	told := settingsOfTheReadme(t)
	known := map[string]bool{}
	for _, key := range keysOf(reflect.TypeFor[Config](), "") {
		parent, last := "", key
		if i := strings.LastIndex(key, "::"); i >= 0 {
			parent, last = key[:i], key[i+2:]
		}
		known[key], known[parent] = true, true
		_, here := told[key]
		assert.True(t, here || strings.Contains(told[parent].meaning, "`"+last+"`"), "%s is not told", key)
	}
	defaults := reflect.ValueOf(createDefaultConfig()).Elem()
	for key, row := range told {
		if assert.True(t, known[key], "%s is no setting", key) {
			assertDefault(t, key, row.initially, valueAt(defaults, strings.Split(key, "::")))
		}
	}
}

// valueAt finds the value of a key.
func valueAt(config reflect.Value, path []string) reflect.Value {
	if len(path) == 0 {
		return config
	}
	for i := range config.NumField() {
		value := config.Field(i)
		name, options, _ := strings.Cut(config.Type().Field(i).Tag.Get("mapstructure"), ",")
		if strings.Contains(options, "squash") {
			if found := valueAt(value, path); found.IsValid() {
				return found
			}
		}
		if name == path[0] {
			return valueAt(value, path[1:])
		}
	}
	return reflect.Value{}
}

// assertDefault compares a default with how the README tells it. Words without quotes stand for what is not set.
func assertDefault(t *testing.T, key, text string, value reflect.Value) {
	t.Helper()
	if isWhole(value.Type()) {
		return // documentation.md tells
	}
	found := quoted.FindStringSubmatch(text)
	if found == nil {
		assert.True(t, value.IsZero(), "%s: %v is not told", key, value)
		return
	}
	switch want := value.Interface().(type) {
	case time.Duration:
		got, err := time.ParseDuration(found[1])
		assert.NoError(t, err, key)
		assert.Equal(t, want, got, key)
	case bool:
		assert.Equal(t, strconv.FormatBool(want), found[1], key)
	case int:
		assert.Equal(t, strconv.Itoa(want), found[1], key)
	case float64:
		assert.Equal(t, strconv.FormatFloat(want, 'g', -1, 64), found[1], key)
	case string:
		assert.Equal(t, want, strings.Trim(found[1], `"`), key)
	default:
		assert.Equal(t, "[]", found[1], key)
		assert.Zero(t, value.Len(), key)
	}
}
