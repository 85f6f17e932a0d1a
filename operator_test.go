package vcenterstreamreceiver

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
)

// A wrong operator is named by its place, its type and its fault, when the configuration is read.
func TestBadOperators(t *testing.T) {
	tests := map[string]struct {
		second map[string]any
		want   string
	}{
		"no type":             {map[string]any{"field": "body"}, "type: required"},
		"an unknown type":     {map[string]any{"type": "mask"}, `"mask" is no type of operator that is allowed here: add, assign_keys, `},
		"a refused type":      {map[string]any{"type": "recombine", "is_last_entry": "true"}, "recombine is refused: it keeps records"},
		"not in this build":   {map[string]any{"type": "drop_output"}, "drop_output is refused: records leave by the collector's pipeline; use filter"},
		"an input":            {map[string]any{"type": "file_input"}, "file_input is refused: records come from vCenter"},
		"a slip in a key":     {map[string]any{"type": "regex_replace", "field": "body", "regex": "a", "replace-with": "b"}, "replace-with"},
		"a slip in a timer":   {map[string]any{"type": "json_parser", "timestamp": map[string]any{"parse_from": "body", "layot": "s"}}, "layout"},
		"a mask of nothing":   {map[string]any{"type": "remove", "field": "attributes.user.name"}, `operators[1] (remove): "attributes.user.name": a name with dots`},
		"errors that drop":    {map[string]any{"type": "json_parser", "on_error": "drop"}, "operators[1] (json_parser): on_error: drop would lose"},
		"no such field":       {map[string]any{"type": "remove", "field": "user"}, "unrecognized prefix"},
		"an expression":       {map[string]any{"type": "filter", "expr": "1 +"}, "operators[1] (filter): "},
		"a value of no field": {map[string]any{"type": "add", "value": 1}, "operators[1] (add): field: required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, valid(map[string]any{"operators": []any{map[string]any{"type": "noop"}, test.second}}))
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}

// A second reading of the same configuration, as at a reload, is like the first.
func TestOperatorsAreReadEachTimeAnew(t *testing.T) {
	values := valid(map[string]any{"operators": []any{
		map[string]any{"type": "add", "field": "attributes.a", "value": "1"},
		map[string]any{"type": "add", "field": "attributes.b", "value": "2"},
	}})
	for range 2 {
		cfg, err := load(t, values)
		require.NoError(t, err)
		require.NoError(t, cfg.Validate())
		settings, err := cfg.settings()
		require.NoError(t, err)
		require.Len(t, settings.Operators, 2)
	}
}

// The examples of the page can be copied, and it names every type.
func TestThePageOfOperators(t *testing.T) {
	page, err := os.ReadFile("docs/operators.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 3)
	for _, block := range blocks {
		read, err := confmap.NewRetrievedFromYAML([]byte(block[1]))
		require.NoError(t, err)
		conf, err := read.AsConf()
		require.NoError(t, err)
		require.True(t, conf.IsSet("operators"))
		_, err = load(t, valid(conf.ToStringMap()))
		assert.NoError(t, err, block[1])
	}
	for _, typ := range operators.Allowed {
		assert.Contains(t, string(page), "`"+typ+"`")
	}
	for typ := range operators.Refused {
		if !strings.HasSuffix(typ, "_input") {
			assert.Contains(t, string(page), "`"+typ+"`")
		}
	}
}
