package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

func page(t testing.TB, n int) []event.Event {
	events, err := event.Decode(eventtest.Answer(n, 1))
	require.NoError(t, err)
	require.Len(t, events, n)
	return events
}

func TestBatchStaysBelowItsLimit(t *testing.T) {
	events := page(t, 1000)
	for _, limit := range []int{1, 1 << 10, 5000, 64 << 10, 512 << 10, 64 << 20} {
		var uids []string
		for rest := events; len(rest) > 0; {
			logs, taken := Batch(testSource, testCatalog, Context{}, rest, limit)
			n := taken.Events
			require.Positive(t, n)
			require.Equal(t, n, logs.LogRecordCount())
			size := len(marshal(t, logs))
			if n > 1 {
				require.LessOrEqual(t, size, limit)
			}
			if n < len(rest) {
				more := len(marshal(t, Events(testSource, testCatalog, Context{}, rest[:n+1])))
				require.Greater(t, more+lengths, limit, "one more would have fitted")
			}
			for _, record := range allRecords(logs) {
				uid, _ := record.Attributes().Get(attrUID)
				uids = append(uids, uid.Str())
			}
			rest = rest[n:]
		}
		require.Len(t, uids, len(events))
		for i := range events {
			require.Equal(t, events[i].UID(testSource.InstanceUUID), uids[i], "order")
		}
	}
}

func TestBatchOfNoEventsIsEmpty(t *testing.T) {
	logs, taken := Batch(testSource, nil, Context{}, nil, 1)
	assert.Zero(t, taken)
	assert.Zero(t, logs.ResourceLogs().Len())
}

func TestRecordsOfAPageShareOneResource(t *testing.T) {
	logs := Events(testSource, testCatalog, Context{}, page(t, 100))
	require.Equal(t, 1, logs.ResourceLogs().Len())
	resource := logs.ResourceLogs().At(0)
	require.Equal(t, 1, resource.ScopeLogs().Len())
	assert.Equal(t, map[string]any{
		"service.name":          "vcenter",
		"service.instance.id":   testSource.InstanceUUID,
		"service.version":       "8.0.3",
		"server.address":        "vc.example.com",
		"vcenter.instance.uuid": testSource.InstanceUUID,
		"vcenter.instance.name": "dc1",
	}, resource.Resource().Attributes().AsRaw())
	assert.Equal(t, metadata.ScopeName, resource.ScopeLogs().At(0).Scope().Name())
	assert.Equal(t, "0.1.0", resource.ScopeLogs().At(0).Scope().Version())
}

func TestBatchesAtTheSameTimeAreTheSame(t *testing.T) {
	events := page(t, 200)
	results := make(chan plog.Logs)
	for range 4 {
		go func() { results <- Events(testSource, testCatalog, Context{}, events) }()
	}
	expected := marshal(t, Events(testSource, testCatalog, Context{}, events))
	for range 4 {
		assert.Equal(t, expected, marshal(t, <-results))
	}
}
