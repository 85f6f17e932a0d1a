package operators

import (
	"context"
	"fmt"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Whatever an operator fails on goes on, and meets the operators after it. Each of these loses the record, or ends the
// process, in stanza's own pipeline or by its default.
func TestAFailedOperatorLosesNoRecord(t *testing.T) {
	tests := map[string]string{
		"no JSON":                   `[{type: json_parser, parse_from: 'attributes["user.name"]'}]`,
		"no such attribute":         `[{type: json_parser, parse_from: attributes.none}]`,
		"nothing to remove":         `[{type: remove, field: attributes.none}]`,
		"no match":                  `[{type: regex_parser, regex: '^(?P<x>\d+)$'}]`,
		"no time":                   `[{type: time_parser, parse_from: body, layout_type: gotime, layout: '2006-01-02'}]`,
		"no boolean as condition":   `[{type: noop}, {type: add, field: attributes.a, value: 1, if: 'attributes["user.name"]'}]`,
		"no string in a filter":     `[{type: filter, expr: 'attributes["none"] startsWith "a"'}]`,
		"no boolean in a filter":    `[{type: filter, expr: 'attributes["user.name"]'}]`,
		"no header of a CSV":        `[{type: csv_parser, header_attribute: none}]`,
		"no attribute of a route":   `[{type: router, routes: [{expr: 'true', attributes: {a: 'EXPR(attributes["none"])'}, output: x}], default: y}, {type: noop, id: x}, {type: noop, id: y}]`,
		"no expression of a route":  `[{type: router, routes: [{expr: 'attributes["none"] startsWith "a"', output: x}], default: y}, {type: noop, id: x}, {type: noop, id: y}]`,
		"no boolean in a route":     `[{type: router, routes: [{expr: 'attributes["user.name"]', output: x}], default: y}, {type: noop, id: x}, {type: noop, id: y}]`,
		"an error that is not told": `[{type: json_parser, on_error: send_quiet}]`,
		"a failed value of add":     `[{type: add, field: attributes.a, value: 'EXPR(attributes["none"].x.y)'}]`,
		"no severity":               `[{type: severity_parser, parse_from: 'attributes["none"]'}]`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			chain, _ := start(t, text[:len(text)-1]+`, {type: add, field: attributes.last, value: reached}]`)
			got := list(chain.Pass(records(3)))
			require.Len(t, got, 3)
			for i, record := range got {
				want := records(3)
				fresh := list(want)[i]
				last, reached := record.Attributes().Get("last")
				require.True(t, reached, "the operators after it were passed over")
				assert.Equal(t, "reached", last.Str())
				record.Attributes().Remove("last")
				assert.Equal(t, fresh.Attributes().AsRaw(), record.Attributes().AsRaw())
				assert.Equal(t, fresh.Body().AsRaw(), record.Body().AsRaw())
				assert.Equal(t, fresh.EventName(), record.EventName())
			}
		})
	}
}

// What a router fails on goes its default way, as what matches no route.
func TestAFailedRouteIsNotTaken(t *testing.T) {
	chain, _ := start(t, `
- {type: router, routes: [{expr: 'true', attributes: {a: 'EXPR(attributes["none"])'}, output: route}], default: default}
- {type: add, id: route, field: attributes.way, value: route, output: last}
- {type: add, id: default, field: attributes.way, value: default, output: last}
- {type: noop, id: last}`)
	assert.Equal(t, "default", get(list(chain.Pass(records(1)))[0].Attributes(), "way"))
}

// brittle is an operator with a mistake in it.
type brittle struct{ helper.TransformerOperator }

func (*brittle) Process(context.Context, *entry.Entry) error { panic("brittle") }

func (*brittle) ProcessBatch(context.Context, []*entry.Entry) error { panic("brittle") }

type brittleConfig struct{ helper.TransformerConfig }

func (c *brittleConfig) Build(set component.TelemetrySettings) (operator.Operator, error) {
	built, err := c.TransformerConfig.Build(set)
	return &brittle{built}, err
}

// A panic would end the collector, and the same record would end it again after each start.
func TestAPanicLosesNoRecord(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	configs := append([]Config{operator.NewConfig(&brittleConfig{helper.NewTransformerConfig("brittle", "brittle")})},
		parse(t, `[{type: add, field: attributes.last, value: reached}]`)...)
	chain, err := build(configs, component.TelemetrySettings{Logger: zap.New(core)})
	require.NoError(t, err)
	got := list(chain.Pass(records(3)))
	require.Len(t, got, 3)
	for _, record := range got {
		assert.Equal(t, "reached", get(record.Attributes(), "last"))
	}
	require.Equal(t, 1, logs.Len())
	assert.Equal(t, "panic: brittle", logs.All()[0].ContextMap()["error"])
}

// A filter is the one way out: a batch may become empty, and its order stays.
func TestAFilterDropsWhatItNames(t *testing.T) {
	chain, logs := start(t, `[{type: filter, expr: 'attributes["vcenter.event.key"] % 2 == 0'}]`)
	var keys []int64
	for _, record := range list(chain.Pass(records(6))) {
		key, _ := record.Attributes().Get("vcenter.event.key")
		keys = append(keys, key.Int())
	}
	assert.Equal(t, []int64{1, 3, 5}, keys)

	everything, _ := start(t, `[{type: filter, expr: 'body contains "powered on"'}]`)
	empty := everything.Pass(records(6))
	assert.Zero(t, empty.LogRecordCount())
	assert.Zero(t, empty.ResourceLogs().Len())
	assert.Zero(t, logs.Len())
}

// Stanza logs each failure with all attributes of its record: with a mask behind the operator that fails, the log would
// show what the mask hides, once for every event and try.
func TestAFailureIsToldOnceAndWithoutTheRecord(t *testing.T) {
	for name, text := range map[string]string{
		"an error":    `[{type: json_parser}, {type: regex_replace, field: 'attributes["user.name"]', regex: ada, replace_with: '***'}]`,
		"pairs":       `[{type: key_value_parser}]`,
		"a time":      `[{type: time_parser, parse_from: 'attributes["user.name"]', layout_type: gotime, layout: '2006'}]`,
		"no time":     `[{type: time_parser, parse_from: 'attributes["user.name"]', layout_type: native}]`,
		"a condition": `[{type: noop, id: n}, {type: add, if: 'attributes["user.name"]', field: attributes.a, value: 1}]`,
	} {
		t.Run(name, func(t *testing.T) {
			chain, logs := start(t, text)
			for range 5 {
				chain.Pass(records(100))
			}
			require.Equal(t, 1, logs.Len())
			line := logs.All()[0]
			assert.Equal(t, "warn", line.Level.String())
			assert.Empty(t, line.Stack)
			context := line.ContextMap()
			assert.Contains(t, context, "operator_type")
			assert.NotContains(t, context, "user.name")
			assert.NotContains(t, context, "log.record.uid")
			assert.NotContains(t, fmt.Sprint(context), "ada")
		})
	}
}
