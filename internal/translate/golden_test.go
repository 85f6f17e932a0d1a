package translate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/pdatatest/plogtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

var testSource = Source{
	InstanceUUID: "7c1d2a30-93f5-4a4e-8f0e-2b8b1f3d5c11",
	Name:         "dc1",
	Version:      "8.0.3",
	Address:      "vc.example.com",
	Receiver:     "0.1.0",
}

// testCatalog describes some of the types in testdata, and leaves out others.
var testCatalog = event.NewCatalog([]types.EventDescriptionEventDetail{
	{Key: "VmPoweredOnEvent", Category: "info"},
	{Key: "VmMigratedEvent", Category: "info"},
	{Key: "VmReconfiguredEvent", Category: "info"},
	{Key: "UserLoginSessionEvent", Category: "info"},
	{Key: "UserLogoutSessionEvent", Category: "info"},
	{Key: "BadUsernameSessionEvent", Category: "error"},
	{Key: "HostIpInconsistentEvent", Category: "warning"},
	{Key: "AlarmStatusChangedEvent", Category: "info"},
	{Key: "TaskEvent", Category: "info"},
	{Key: "GeneralUserEvent", Category: "user"},
	{Key: "EventEx", FullFormat: "esx.problem.vmfs.heartbeat.timedout|{message}", Category: "warning"},
	{Key: "EventEx", FullFormat: "com.vmware.vc.ha.VmRestartedByHAEvent|{message}", Category: "error"},
	{Key: "ExtendedEvent", FullFormat: "com.example.plugin.Finished|{message}", Category: "info"},
})

// answers are the answers to ReadNextEvents in testdata, by name.
func answers(t testing.TB) map[string][]byte {
	files, err := filepath.Glob("testdata/events/*.xml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	bodies := make(map[string][]byte, len(files))
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		bodies[strings.TrimSuffix(file, ".xml")] = body
	}
	return bodies
}

func translate(t testing.TB, body []byte) plog.Logs {
	return Events(testSource, testCatalog, Context{}, decode(t, body))
}

// decode reads events as the receiver does: one that is not well-formed is salvaged.
func decode(t testing.TB, body []byte) []event.Event {
	events, err := event.Decode(body)
	if err != nil {
		e, salvaged := event.Salvage(body, err)
		require.True(t, salvaged)
		return []event.Event{e}
	}
	return events
}

func marshal(t testing.TB, logs plog.Logs) []byte {
	bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	return bytes
}

func allRecords(logs plog.Logs) (all []plog.LogRecord) {
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				all = append(all, record)
			}
		}
	}
	return all
}

// assertGolden wants what is in a file, to the byte.
func assertGolden(t *testing.T, file string, actual plog.Logs) {
	t.Helper()
	if *update {
		require.NoError(t, golden.WriteLogsToFile(file, actual))
	}
	expected, err := golden.ReadLogs(file)
	require.NoError(t, err)
	require.NoError(t, plogtest.CompareLogs(expected, actual))
	assert.Equal(t, marshal(t, expected), marshal(t, actual), "order and bytes")
}

func TestRecords(t *testing.T) {
	for file, body := range answers(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			assertGolden(t, file+".yaml", translate(t, body))
		})
	}
}

func TestRedeliveredRecordHasTheSameBytes(t *testing.T) {
	for file, body := range answers(t) {
		events := decode(t, body)
		first := Events(testSource, testCatalog, Context{}, events)
		bytes := marshal(t, first)
		assert.Equal(t, bytes, marshal(t, first), file)
		assert.Equal(t, bytes, marshal(t, Events(testSource, testCatalog, Context{}, events)), "%s built again", file)
		assert.Equal(t, bytes, marshal(t, translate(t, body)), "%s read again", file)
	}
}

// What a processor does to a record that it was given must not be in the record of the next try.
func TestRecordDoesNotChangeTheEvent(t *testing.T) {
	events, err := event.Decode(answers(t)["testdata/events/EventEx"])
	require.NoError(t, err)
	logs := Events(testSource, testCatalog, Context{}, events)
	before := marshal(t, logs)
	for _, record := range allRecords(logs) {
		record.Body().SetStr("hashed")
		record.Attributes().PutStr(attrUserName, "hashed")
		record.Attributes().Remove(attrUID)
	}
	assert.Equal(t, before, marshal(t, Events(testSource, testCatalog, Context{}, events)))
}

func TestSessionIDDoesNotLeave(t *testing.T) {
	for file, body := range answers(t) {
		assert.NotContains(t, string(marshal(t, translate(t, body))), "SECRET", file)
	}
	assert.Contains(t, string(answers(t)["testdata/events/UserLoginSessionEvent"]), "SECRET", "it must have been there")
}

func TestTimestampsAreTheEvents(t *testing.T) {
	for file, body := range answers(t) {
		events := decode(t, body)
		for i, record := range allRecords(Events(testSource, testCatalog, Context{}, events)) {
			assert.Equal(t, events[i].Created, record.Timestamp().AsTime(), file)
			assert.Equal(t, record.Timestamp(), record.ObservedTimestamp(), file)
		}
	}
}

func TestEventWithoutAnyTimeHasNone(t *testing.T) {
	logs := Events(testSource, nil, Context{}, []event.Event{{Class: "GeneralEvent"}})
	record := allRecords(logs)[0]
	assert.Zero(t, record.Timestamp())
	assert.Zero(t, record.ObservedTimestamp())
	assert.Equal(t, "GeneralEvent", record.Body().Str())
	assert.Equal(t, plog.SeverityNumberInfo, record.SeverityNumber())
}

// The name of a custom attribute tells that its value is a secret: vCenter has it in a field of no suspicious name, and in the message.
func TestTheEventOfASecretAttributeKeepsItsValue(t *testing.T) {
	told := func(name string) plog.Logs {
		return Events(testSource, testCatalog, Context{}, []event.Event{{
			Class: "CustomFieldValueChangedEvent", Message: "Changed custom field " + name + " on web-01 to SECRET",
			Fields: soapxml.Elements{
				{Name: "fieldKey", Text: "105", Span: 1}, {Name: "name", Text: name, Span: 1},
				{Name: "value", Text: "SECRET", Span: 1}, {Name: "prevState", Text: "SECRET before", Span: 1},
			},
		}})
	}
	logs := told("root password")
	assert.NotContains(t, string(marshal(t, logs)), "SECRET")
	assert.Equal(t, "CustomFieldValueChangedEvent: root password", allRecords(logs)[0].Body().Str())
	assert.Contains(t, string(marshal(t, told("owner"))), "SECRET before", "what is no secret is told")
}
