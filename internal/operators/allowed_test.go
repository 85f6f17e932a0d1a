package operators

import (
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
)

// What would lose a record, double it, or make another one of it at each try is refused, by index, type and reason.
func TestRefusals(t *testing.T) {
	tests := map[string]struct{ operators, want string }{
		"a collector":            {`[{type: noop}, {type: recombine, is_last_entry: 'true', combine_field: body}]`, "operators[1] (recombine): recombine is refused: it keeps records"},
		"a hidden collector":     {`[{type: container}]`, "operators[0] (container): container is refused: it keeps records"},
		"an output":              {`[{type: stdout}]`, "operators[0] (stdout): stdout is refused: records leave by the collector's pipeline"},
		"a file":                 {`[{type: file_output, path: /tmp/x}]`, "operators[0] (file_output): file_output is refused: records leave"},
		"syslog":                 {`[{type: syslog_parser}]`, "operators[0] (syslog_parser): syslog_parser is refused: a record of vCenter"},
		"two ways":               {`[{type: noop, output: [a, b]}, {type: noop, id: a}, {type: noop, id: b}]`, "operators[0] (noop): output: a, b: a record that goes two ways arrives twice"},
		"a route of two ways":    {`[{type: router, routes: [{expr: 'true', output: [a, b]}], default: a}, {type: noop, id: a}, {type: noop, id: b}]`, "operators[0] (router): routes[0]: output: exactly one operator is required"},
		"a route to nowhere":     {`[{type: router, routes: [{expr: 'true'}], default: a}, {type: noop, id: a}]`, "operators[0] (router): routes[0]: output: exactly one operator is required"},
		"no default":             {`[{type: router, routes: [{expr: 'true', output: a}]}, {type: noop, id: a}]`, "operators[0] (router): default: exactly one operator is required, or what matches no route would be lost"},
		"two defaults":           {`[{type: router, default: [a, b]}, {type: noop, id: a}, {type: noop, id: b}]`, "operators[0] (router): default: exactly one operator"},
		"errors that drop":       {`[{type: json_parser, on_error: drop}]`, "operators[0] (json_parser): on_error: drop would lose a record"},
		"errors that drop still": {`[{type: remove, field: body, on_error: drop_quiet}]`, "operators[0] (remove): on_error: drop_quiet would lose a record"},
		"a throw of the dice":    {`[{type: filter, expr: 'true', drop_ratio: 0.5}]`, "operators[0] (filter): drop_ratio: a record that is sent again must meet the same fate"},
		"two conditions":         {`[{type: filter, expr: 'true', if: 'true'}]`, "operators[0] (filter): if: a filter has no other condition than expr"},
		"no condition":           {`[{type: filter}]`, "operators[0] (filter): expr: required"},
		"the present":            {`[{type: add, field: attributes.at, value: 'EXPR(string(now()))'}]`, "the same record, which it is not with the present time in it"},
		"the present in an if":   {`[{type: noop, if: 'timestamp > now ()'}]`, "with the present time in it"},
		"the present in a route": {`[{type: router, routes: [{expr: 'now() > timestamp', output: a}], default: a}, {type: noop, id: a}]`, "with the present time in it"},
		"the present on a route": {`[{type: router, routes: [{expr: 'true', attributes: {a: 'EXPR(string(now()))'}, output: a}], default: a}, {type: noop, id: a}]`, "with the present time in it"},
		"a shared map":           {`[{type: add, field: attributes.a, value: {x: 1}}]`, "operators[0] (add): value: all records would share the map"},
		"a shared find":          {`[{type: regex_parser, regex: '(?P<x>.*)', cache: {size: 10}}]`, "operators[0] (regex_parser): cache: records would share"},
		"a mask of nothing":      {`[{type: regex_replace, field: attributes.user.name, regex: a, replace_with: b}]`, `operators[0] (regex_replace): "attributes.user.name": a name with dots is written in brackets, as in attributes["user.name"]`},
		"a removal of nothing":   {`[{type: remove, field: attributes.vcenter.vm.name}]`, "a name with dots is written in brackets"},
		"dots in an expression":  {`[{type: filter, expr: 'attributes.user.name == "ada"'}]`, "a name with dots is written in brackets"},
		"dots of a resource":     {`[{type: copy, from: resource.server.address, to: attributes.a}]`, "a name with dots is written in brackets"},
		"dots of a parser":       {`[{type: json_parser, timestamp: {parse_from: attributes.vcenter.at, layout_type: gotime, layout: '2006-01-02'}}]`, "a name with dots is written in brackets"},
		"no such output":         {`[{type: noop, output: nowhere}]`, "'nowhere' does not exist"},
		"round in circles":       {`[{type: noop, id: a, output: b}, {type: noop, id: b, output: a}]`, "circular"},
		"an expression":          {`[{type: noop}, {type: add, field: body, value: 'EXPR(1 +)'}]`, "operators[1] (add): "},
		"a regex":                {`[{type: regex_parser, regex: '('}]`, "operators[0] (regex_parser): "},
		"a value of no field":    {`[{type: add, value: 1}]`, "operators[0] (add): field: required"},
		"keys of no field":       {`[{type: assign_keys, keys: [a]}]`, "operators[0] (assign_keys): field: required"},
		"a name from nowhere":    {`[{type: scope_name_parser}]`, "operators[0] (scope_name_parser): parse_from: required"},
		"each of several":        {`[{type: stdout}, {type: json_parser, on_error: drop}]`, "operators[1] (json_parser): on_error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, Validate(parse(t, test.operators)), test.want)
			_, err := Start(parse(t, test.operators), component.TelemetrySettings{Logger: zap.NewNop()})
			require.ErrorContains(t, err, test.want)
		})
	}
	require.ErrorContains(t, Validate([]Config{{}}), "operators[0] (): no operator")
}

// Each of our names is one that has to be in brackets.
func TestNoNameCanBeMistaken(t *testing.T) {
	mistaken := func(name string) bool { return mistakes[0].pattern.MatchString(name) }
	for _, a := range translate.RecordAttributes {
		assert.True(t, mistaken("attributes."+a.Name), a.Name)
		assert.False(t, mistaken(`attributes["`+a.Name+`"]`), a.Name)
	}
	for _, a := range translate.ResourceAttributes {
		assert.True(t, mistaken("resource."+a.Name), a.Name)
	}
}

func TestEveryTypeIsAllowedOrRefused(t *testing.T) {
	for _, typ := range Allowed {
		assert.NoError(t, CheckType(typ))
		_, known := operator.Lookup(typ)
		assert.True(t, known, "%s is allowed, and stanza has none", typ)
		assert.NotContains(t, Refused, typ)
	}
	for typ, reason := range Refused {
		assert.ErrorContains(t, CheckType(typ), typ+" is refused: "+reason)
	}
	require.ErrorContains(t, CheckType("json"), `"json" is no type of operator that is allowed here: add, assign_keys, `)
}

// Operators are built twice, to be judged and to be used: two of one type without an ID must not quarrel.
func TestTwoOfOneType(t *testing.T) {
	chain, _ := start(t, `[{type: add, field: attributes.a, value: 1}, {type: add, field: attributes.b, value: 2}]`)
	record := list(chain.Pass(records(1)))[0]
	a, _ := record.Attributes().Get("a")
	b, _ := record.Attributes().Get("b")
	assert.Equal(t, []int64{1, 2}, []int64{a.Int(), b.Int()})
}
