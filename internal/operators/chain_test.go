package operators

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// parse reads a list of operators.
func parse(tb testing.TB, text string) []Config {
	tb.Helper()
	read, err := confmap.NewRetrievedFromYAML([]byte(text))
	require.NoError(tb, err)
	raw, err := read.AsRaw()
	require.NoError(tb, err)
	list := raw.([]any)
	configs := make([]Config, len(list))
	for i, item := range list {
		values := item.(map[string]any)
		newBuilder, ok := operator.Lookup(fmt.Sprint(values["type"]))
		require.True(tb, ok, "no type %s", values["type"])
		builder := newBuilder()
		require.NoError(tb, confmap.NewFromStringMap(values).Unmarshal(builder, confmap.WithIgnoreUnused()))
		configs[i] = operator.NewConfig(builder)
	}
	return configs
}

// start makes a chain, and the log of its operators.
func start(tb testing.TB, text string) (*Chain, *observer.ObservedLogs) {
	tb.Helper()
	core, logs := observer.New(zapcore.InfoLevel)
	configs := parse(tb, text)
	require.NoError(tb, Validate(configs))
	chain, err := Start(configs, component.TelemetrySettings{Logger: zap.New(core)})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, chain.Stop()) })
	return chain, logs
}

var created = time.Date(2026, 11, 21, 10, 0, 0, 123456789, time.UTC)

// records are like those of events: each with a number, and attributes in no order.
func records(n int) plog.Logs {
	logs := plog.NewLogs()
	resource := logs.ResourceLogs().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "vcenter")
	resource.Resource().Attributes().PutStr("server.address", "vc.example.com")
	scope := resource.ScopeLogs().AppendEmpty()
	scope.Scope().SetName("receiver")
	scope.Scope().SetVersion("1.2.3")
	for i := range n {
		fill(scope.LogRecords().AppendEmpty(), i)
	}
	return logs
}

func fill(record plog.LogRecord, i int) {
	record.SetEventName("vim.event.VmPoweredOnEvent")
	record.SetTimestamp(pcommon.NewTimestampFromTime(created.Add(time.Duration(i) * time.Millisecond)))
	record.SetObservedTimestamp(record.Timestamp())
	record.SetSeverityNumber(plog.SeverityNumberInfo)
	record.SetSeverityText("INFO")
	record.SetDroppedAttributesCount(2)
	record.Body().SetStr(fmt.Sprintf("web-%02d is powered on by ada", i))
	attributes := record.Attributes()
	attributes.PutStr("vcenter.vm.name", fmt.Sprintf("web-%02d", i))
	attributes.PutInt("vcenter.event.key", int64(i))
	attributes.PutStr("user.name", "ada")
	attributes.PutStr("log.record.uid", fmt.Sprintf("uid-%02d", i))
	attributes.PutStr("vcenter.event.data.json", `{"b": 1, "a": {"d": true, "c": [1, "x"]}}`)
}

// list is the records of a payload, in their order.
func list(logs plog.Logs) (all []plog.LogRecord) {
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				all = append(all, record)
			}
		}
	}
	return all
}

// get is an attribute as text, "" where there is none.
func get(attributes pcommon.Map, name string) string {
	if value, ok := attributes.Get(name); ok {
		return value.AsString()
	}
	return ""
}

func marshal(tb testing.TB, logs plog.Logs) string {
	tb.Helper()
	bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(tb, err)
	return string(bytes)
}

// describe is a record in one line: EventName, severity, time after creation, body, attributes.
func describe(record plog.LogRecord) string {
	var attributes strings.Builder
	for name, value := range record.Attributes().All() {
		fmt.Fprintf(&attributes, " %s=%s", name, value.AsString())
	}
	return fmt.Sprintf("%s %d %s +%s %q%s", record.EventName(), record.SeverityNumber(), record.SeverityText(),
		record.Timestamp().AsTime().Sub(created), record.Body().AsString(), attributes.String())
}

const untouched = `vim.event.VmPoweredOnEvent 9 INFO +0s "web-00 is powered on by ada" log.record.uid=uid-00 user.name=ada ` +
	`vcenter.event.data.json={"b": 1, "a": {"d": true, "c": [1, "x"]}} vcenter.event.key=0 vcenter.vm.name=web-00`

// What each type of operator makes of a record.
func TestEachTypeOfOperator(t *testing.T) {
	const head, tail = `vim.event.VmPoweredOnEvent 9 INFO +0s "web-00 is powered on by ada"`, ` vcenter.event.key=0 vcenter.vm.name=web-00`
	const data = ` vcenter.event.data.json={"b": 1, "a": {"d": true, "c": [1, "x"]}}`
	tests := map[string]struct{ operators, want string }{
		"add a value":       {`[{type: add, field: attributes.site, value: Berlin}]`, head + ` log.record.uid=uid-00 site=Berlin user.name=ada` + data + tail},
		"add an expression": {`[{type: add, field: attributes.a, value: 'EXPR(attributes["user.name"] + "!")'}]`, head + ` a=ada! log.record.uid=uid-00 user.name=ada` + data + tail},
		"assign_keys": {
			`[{type: add, field: attributes.a, value: [1, two]}, {type: assign_keys, field: attributes.a, keys: [x, y]}]`,
			head + ` a={"x":1,"y":"two"} log.record.uid=uid-00 user.name=ada` + data + tail,
		},
		"copy": {`[{type: copy, from: 'attributes["user.name"]', to: attributes.who}]`, head + ` log.record.uid=uid-00 user.name=ada` + data + tail + ` who=ada`},
		"csv_parser": {
			`[{type: add, field: attributes.a, value: '1,two'}, {type: csv_parser, header: 'x,y', parse_from: attributes.a}]`,
			head + ` a=1,two log.record.uid=uid-00 user.name=ada` + data + tail + ` x=1 y=two`,
		},
		"flatten": {
			`[{type: json_parser, parse_from: 'attributes["vcenter.event.data.json"]', parse_to: attributes.j}, {type: flatten, field: attributes.j}, {type: remove, field: 'attributes["vcenter.event.data.json"]'}]`,
			head + ` a={"c":[1,"x"],"d":true} b=1 log.record.uid=uid-00 user.name=ada` + tail,
		},
		"json_array_parser": {
			`[{type: add, field: attributes.a, value: '[1,"x"]'}, {type: json_array_parser, parse_from: attributes.a, parse_to: attributes.a}]`,
			head + ` a=[1,"x"] log.record.uid=uid-00 user.name=ada` + data + tail,
		},
		"json_parser": {
			`[{type: json_parser, parse_from: 'attributes["vcenter.event.data.json"]', parse_to: attributes.j}, {type: remove, field: 'attributes["vcenter.event.data.json"]'}]`,
			head + ` j={"a":{"c":[1,"x"],"d":true},"b":1} log.record.uid=uid-00 user.name=ada` + tail,
		},
		"key_value_parser": {
			`[{type: add, field: attributes.a, value: 'z=1 y=2'}, {type: key_value_parser, parse_from: attributes.a}]`,
			head + ` a=z=1 y=2 log.record.uid=uid-00 user.name=ada` + data + tail + ` y=2 z=1`,
		},
		"move": {`[{type: move, from: 'attributes["user.name"]', to: attributes.who}]`, head + ` log.record.uid=uid-00` + data + tail + ` who=ada`},
		"noop": {`[{type: noop}]`, untouched},
		"regex_parser": {
			`[{type: regex_parser, regex: 'by (?P<by>\w+)$'}]`,
			head + ` by=ada log.record.uid=uid-00 user.name=ada` + data + tail,
		},
		"regex_replace": {
			`[{type: regex_replace, field: body, regex: 'by \w+', replace_with: 'by ***'}]`,
			strings.Replace(untouched, "by ada", "by ***", 1),
		},
		"remove":          {`[{type: remove, field: 'attributes["vcenter.event.data.json"]'}]`, head + ` log.record.uid=uid-00 user.name=ada` + tail},
		"retain":          {`[{type: retain, fields: ['attributes["log.record.uid"]']}]`, head + ` log.record.uid=uid-00`},
		"router, a route": {`[{type: router, routes: [{expr: 'attributes["user.name"] == "ada"', output: a}], default: e}, {type: add, id: a, field: attributes.a, value: 1}, {type: noop, id: e}]`, head + ` a=1 log.record.uid=uid-00 user.name=ada` + data + tail},
		"router, default": {`[{type: router, routes: [{expr: 'attributes["user.name"] == "bob"', output: a}], default: e}, {type: add, id: a, field: attributes.a, value: 1}, {type: noop, id: e}]`, untouched},
		"sanitize_utf8": {
			`[{type: add, field: body, value: '"a\xffb"'}, {type: unquote, field: body}, {type: sanitize_utf8}]`,
			strings.Replace(untouched, "web-00 is powered on by ada", "a\uFFFDb", 1),
		},
		"scope_name_parser": {`[{type: scope_name_parser, parse_from: 'attributes["user.name"]'}]`, untouched},
		"severity_parser": {
			`[{type: severity_parser, parse_from: 'attributes["user.name"]', mapping: {error: ada}, overwrite_text: true}]`,
			strings.Replace(untouched, "9 INFO", "17 ERROR", 1),
		},
		"time_parser": {
			`[{type: add, field: attributes.at, value: '2026-11-21T10:00:01Z'}, {type: time_parser, parse_from: attributes.at, layout_type: gotime, layout: '2006-01-02T15:04:05Z'}, {type: remove, field: attributes.at}]`,
			strings.Replace(untouched, "+0s", "+876.543211ms", 1),
		},
		"trace_parser": {
			`[{type: add, field: attributes.t, value: 'd5c5a3f6e1c54a7f8f5c1f5d3a2b1c0d'}, {type: trace_parser, trace_id: {parse_from: attributes.t}}, {type: remove, field: attributes.t}]`,
			untouched,
		},
		"unquote":         {`[{type: add, field: body, value: '"quoted"'}, {type: unquote, field: body}]`, strings.Replace(untouched, "web-00 is powered on by ada", "quoted", 1)},
		"uri_parser":      {`[{type: add, field: attributes.u, value: 'https://h/p'}, {type: uri_parser, parse_from: attributes.u}]`, head + ` host=h log.record.uid=uid-00 path=/p scheme=https u=https://h/p user.name=ada` + data + tail},
		"filter, kept":    {`[{type: filter, expr: 'attributes["user.name"] == "bob"'}]`, untouched},
		"the EventName":   {`[{type: add, field: 'attributes["event.name"]', value: my.event}]`, strings.Replace(untouched, "vim.event.VmPoweredOnEvent", "my.event", 1)},
		"no text as name": {`[{type: add, field: 'attributes["event.name"]', value: 7}]`, head + ` event.name=7 log.record.uid=uid-00 user.name=ada` + data + tail},
		"another body":    {`[{type: add, field: body.x, value: 1}]`, strings.Replace(untouched, `"web-00 is powered on by ada"`, `"{\"x\":1}"`, 1)},
	}
	used := map[string]bool{}
	for name, test := range tests {
		for _, config := range parse(t, test.operators) {
			used[config.Type()] = true
		}
		t.Run(name, func(t *testing.T) {
			chain, _ := start(t, test.operators)
			got := list(chain.Pass(records(1)))
			require.Len(t, got, 1)
			assert.Equal(t, test.want, describe(got[0]))
			assert.Equal(t, created, got[0].ObservedTimestamp().AsTime(), "ObservedTimestamp")
			assert.EqualValues(t, 2, got[0].DroppedAttributesCount())
		})
	}
	for _, typ := range Allowed {
		assert.True(t, used[typ], "%s is allowed and not tested", typ)
	}
}

func TestTraceIsTakenOver(t *testing.T) {
	chain, _ := start(t, `
- {type: add, field: attributes.t, value: d5c5a3f6e1c54a7f8f5c1f5d3a2b1c0d}
- {type: add, field: attributes.s, value: 8f5c1f5d3a2b1c0d}
- {type: add, field: attributes.f, value: '01'}
- {type: trace_parser, trace_id: {parse_from: attributes.t}, span_id: {parse_from: attributes.s}, trace_flags: {parse_from: attributes.f}}`)
	record := list(chain.Pass(records(1)))[0]
	assert.Equal(t, "d5c5a3f6e1c54a7f8f5c1f5d3a2b1c0d", record.TraceID().String())
	assert.Equal(t, "8f5c1f5d3a2b1c0d", record.SpanID().String())
	assert.True(t, record.Flags().IsSampled())
}

// A record's time is a number of nanoseconds since 1970 without a sign: a time before that would be one of the year 2554.
func TestATimeBefore1970IsNone(t *testing.T) {
	chain, _ := start(t, `
- {type: add, field: attributes.t, value: '1969-07-20T20:17:40Z'}
- {type: time_parser, parse_from: attributes.t, layout_type: gotime, layout: '2006-01-02T15:04:05Z'}`)
	assert.Zero(t, list(chain.Pass(records(1)))[0].Timestamp())
}

// Without operators a payload is not so much as looked at.
func TestNoOperatorsChangeNothing(t *testing.T) {
	chain, err := Start(nil, component.TelemetrySettings{})
	require.NoError(t, err)
	require.Nil(t, chain)
	require.NoError(t, Validate(nil))
	want := marshal(t, records(3))
	assert.Equal(t, want, marshal(t, chain.After(func() plog.Logs { return records(3) })()))
	require.NoError(t, chain.Stop())
}

func TestResourceAndScopeStay(t *testing.T) {
	chain, _ := start(t, `[{type: add, field: attributes.a, value: 1}]`)
	logs := chain.Pass(records(3))
	before := records(3)
	require.Equal(t, 1, logs.ResourceLogs().Len())
	got, want := logs.ResourceLogs().At(0), before.ResourceLogs().At(0)
	assert.True(t, want.Resource().Attributes().Equal(got.Resource().Attributes()))
	require.Equal(t, 1, got.ScopeLogs().Len())
	assert.Equal(t, "receiver 1.2.3", got.ScopeLogs().At(0).Scope().Name()+" "+got.ScopeLogs().At(0).Scope().Version())
}

// A record of another resource is no longer under the one that it came from; what shares it is together.
func TestAnotherResource(t *testing.T) {
	chain, _ := start(t, `
- {type: add, field: resource.odd, value: 'EXPR(string(attributes["vcenter.event.key"] % 2))', if: 'attributes["vcenter.event.key"] > 0'}
- {type: scope_name_parser, parse_from: 'attributes["user.name"]', if: 'attributes["vcenter.event.key"] > 3'}`)
	logs := chain.Pass(records(6))
	var got []string
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			place := fmt.Sprintf("%s %s %s:", get(resource.Resource().Attributes(), "odd"), scope.Scope().Name(), scope.Scope().Version())
			for _, record := range scope.LogRecords().All() {
				place += " " + get(record.Attributes(), "vcenter.event.key")
			}
			got = append(got, place)
		}
	}
	assert.Equal(t, []string{" receiver 1.2.3: 0", "1 receiver 1.2.3: 1 3", "0 receiver 1.2.3: 2", "0 ada 1.2.3: 4", "1 ada 1.2.3: 5"}, got)

	all, _ := start(t, `[{type: add, field: resource.site, value: Berlin}]`)
	logs = all.Pass(records(3))
	require.Equal(t, 1, logs.ResourceLogs().Len(), "an empty resource was left behind")
	assert.Equal(t, 3, logs.LogRecordCount())
}

// Order within a batch is that of the cursor, whatever ways the records take.
func TestARouterKeepsTheOrder(t *testing.T) {
	chain, _ := start(t, `
- type: router
  routes:
    - {expr: 'attributes["vcenter.event.key"] % 3 == 0', output: a}
    - {expr: 'attributes["vcenter.event.key"] % 3 == 1', output: b}
  default: end
- {type: add, id: a, field: attributes.way, value: a, output: end}
- {type: add, id: b, field: attributes.way, value: b}
- {type: noop, id: end}`)
	got := list(chain.Pass(records(100)))
	require.Len(t, got, 100)
	for i, record := range got {
		assert.Equal(t, fmt.Sprintf("uid-%02d", i), get(record.Attributes(), "log.record.uid"))
		assert.Equal(t, []string{"a", "b", ""}[i%3], get(record.Attributes(), "way"))
	}
}

// Stanza keeps attributes in maps, which have another order each time: Loki would keep each try as another line.
func TestEveryTryHasTheSameBytes(t *testing.T) {
	chain, _ := start(t, `
- {type: json_parser, parse_from: 'attributes["vcenter.event.data.json"]', parse_to: attributes.parsed}
- {type: flatten, field: attributes.parsed}
- {type: add, field: resource.site, value: 'EXPR(attributes["vcenter.vm.name"])', if: 'attributes["vcenter.event.key"] > 5'}
- {type: regex_replace, field: body, regex: 'ada', replace_with: '***'}`)
	build := chain.After(func() plog.Logs { return records(10) })
	first := marshal(t, build())
	for range 20 {
		require.True(t, first == marshal(t, build()), "other bytes")
	}
}

// A batch that is refused is halved: a record must not depend on what it travels with.
func TestARecordIsTheSameInHalfABatch(t *testing.T) {
	chain, _ := start(t, `
- {type: add, field: attributes.list, value: [x]}
- {type: json_parser, parse_from: 'attributes["vcenter.event.data.json"]', parse_to: body}
- {type: copy, from: 'attributes["vcenter.vm.name"]', to: body.a.name}`)
	whole := list(chain.Pass(records(4)))
	for i := range 4 {
		logs := records(4)
		n := -1
		logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().RemoveIf(func(plog.LogRecord) bool { n++; return n != i })
		assert.Equal(t, describe(whole[i]), describe(list(chain.Pass(logs))[0]))
	}
}

func BenchmarkRecord(b *testing.B) {
	tests := map[string]string{
		"noop": `[{type: noop}]`,
		"mask": `[{type: regex_replace, field: 'attributes["user.name"]', regex: '^.*$', replace_with: '***'}, {type: regex_replace, field: body, regex: 'by \w+', replace_with: 'by ***'}]`,
		"json": `[{type: json_parser, parse_from: 'attributes["vcenter.event.data.json"]', parse_to: attributes.parsed}]`,
	}
	for name, text := range tests {
		b.Run(name, func(b *testing.B) {
			chain, _ := start(b, text)
			const n = 100
			pristine := records(n)
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				logs := plog.NewLogs()
				pristine.CopyTo(logs)
				b.StartTimer()
				chain.Pass(logs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/record")
		})
	}
}
