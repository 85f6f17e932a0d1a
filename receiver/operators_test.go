package receiver_test

import (
	"errors"
	"testing"

	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/adapter" // so that operators exist
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

type operatorConfig = map[string]any

// operate gives the receiver operators.
func (l *lab) operate(list ...operatorConfig) *lab {
	l.t.Helper()
	for _, values := range list {
		newBuilder, ok := operator.Lookup(values["type"].(string))
		require.True(l.t, ok)
		builder := newBuilder()
		require.NoError(l.t, confmap.NewFromStringMap(values).Unmarshal(builder))
		l.settings.Operators = append(l.settings.Operators, operator.NewConfig(builder))
	}
	require.NoError(l.t, operators.Validate(l.settings.Operators))
	return l
}

// watch calls a function with every record that the sink is offered.
func (l *lab) watch(see func(plog.LogRecord), answer func(try int) error) {
	l.sink.obey(func(try int, logs plog.Logs) error {
		for _, resource := range logs.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, record := range scope.LogRecords().All() {
					see(record)
				}
			}
		}
		return answer(try)
	})
}

func accept(int) error { return nil }

// A name that is masked is masked in every record of every try: a refused one is built anew, and masked anew.
func TestAMaskHoldsThroughRefusals(t *testing.T) {
	l := newLab(t, byInsertion).fromTheBeginning().operate(
		operatorConfig{"type": "regex_replace", "field": `attributes["user.name"]`, "regex": "^.*$", "replace_with": "somebody"},
		operatorConfig{"type": "remove", "field": `attributes["vcenter.vm.moref"]`, "if": `attributes["vcenter.vm.moref"] != nil`},
	)
	l.watch(func(record plog.LogRecord) {
		if user, ok := record.Attributes().Get("user.name"); ok {
			assert.Equal(t, "somebody", user.Str())
		}
		_, there := record.Attributes().Get("vcenter.vm.moref")
		assert.False(t, there)
		record.Attributes().PutStr("user.name", "changed by a processor")
		assert.Equal(t, record.Timestamp(), record.ObservedTimestamp())
		assert.NotEmpty(t, record.EventName())
	}, func(try int) error {
		if try%2 == 1 {
			return errors.New("refused for now")
		}
		return nil
	})
	l.append(50)
	l.start()
	l.wantEachOnce()
	l.wantInOrder()
	l.wantSameBytes()
}

func TestASeverityThatAnOperatorSetsStays(t *testing.T) {
	l := newLab(t, byInsertion).fromTheBeginning().operate(
		operatorConfig{"type": "severity_parser", "parse_from": `attributes["vcenter.event.type"]`,
			"mapping": map[string]any{"warn": "VmPoweredOnEvent"}, "overwrite_text": true, "if": `attributes["vcenter.event.type"] == "VmPoweredOnEvent"`},
		operatorConfig{"type": "add", "field": `attributes["event.name"]`, "value": "vm.on", "if": `attributes["vcenter.event.type"] == "VmPoweredOnEvent"`},
	)
	l.watch(func(record plog.LogRecord) {
		typ, _ := record.Attributes().Get("vcenter.event.type")
		if typ.Str() == "VmPoweredOnEvent" {
			assert.Equal(t, plog.SeverityNumberWarn, record.SeverityNumber())
			assert.Equal(t, "WARN", record.SeverityText())
			assert.Equal(t, "vm.on", record.EventName())
		} else {
			assert.Equal(t, "vim.event."+typ.Str(), record.EventName())
		}
	}, accept)
	l.append(5)
	l.start()
	l.wantEachOnce()
}

// What a filter drops is settled: it is not sent, not waited for, and not read again by the next start.
func TestABatchThatAFilterEmptiesIsSettled(t *testing.T) {
	l := newLab(t, byInsertion).fromTheBeginning().operate(
		operatorConfig{"type": "filter", "expr": `attributes["vcenter.event.type"] == "VmPoweredOnEvent"`},
	)
	l.watch(func(plog.LogRecord) {}, accept)
	l.append(30)
	dropped := l.expects
	l.forget()
	r := l.start()
	l.appendRaw("OtherEvent", "<userName>ada</userName>")
	l.wantEachOnce()
	l.committed()
	r.stop()

	l.settings.Operators = nil
	l.append(3)
	l.start()
	l.wantEachOnce()
	assert.Equal(t, len(dropped), l.sink.missing(dropped), "what was dropped came with the next start")
	offered, _ := l.sink.seen()
	for _, batch := range offered {
		assert.NotEmpty(t, batch.uids, "an empty payload was sent")
	}
}

func TestWhatCannotBeParsedIsDelivered(t *testing.T) {
	l := newLab(t, byInsertion).fromTheBeginning().operate(
		operatorConfig{"type": "json_parser"},
		operatorConfig{"type": "add", "field": "attributes.short", "value": true, "if": "len(attributes.none) < 3"},
		operatorConfig{"type": "filter", "expr": `attributes.none startsWith "a"`},
		operatorConfig{"type": "noop", "if": `attributes["vcenter.event.type"]`},
	)
	l.append(50)
	l.start()
	l.wantEachOnce()
	l.wantInOrder()
	assert.LessOrEqual(t, l.logs.FilterLevelExact(zap.WarnLevel).FilterField(zap.String("operator_type", "json_parser")).Len(), 1, "a line in the log for each event")
}

// Operators that cannot work are an error of the start, not a stream that loses.
func TestABadOperatorIsNotStarted(t *testing.T) {
	l := newLab(t, byInsertion)
	newBuilder, _ := operator.Lookup("recombine")
	l.settings.Operators = []operators.Config{operator.NewConfig(newBuilder())}
	receiver := vcreceiver.New(l.settings)
	require.ErrorContains(t, receiver.Start(t.Context(), l.host), "operators[0] (recombine): recombine is refused")
	require.NoError(t, receiver.Shutdown(t.Context()))
}
