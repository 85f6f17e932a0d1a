package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event/eventtest"
)

// A processor that changes data in place must not see its own output when a batch is sent again.
func TestPayloadIsBuiltAnew(t *testing.T) {
	events, err := event.Decode(eventtest.Answer(20, 1))
	require.NoError(t, err)
	payload, taken := Payload(testSource, testCatalog, Context{}, events, 8<<10)
	n := taken.Events
	require.Positive(t, n)
	require.Less(t, n, 20)
	var sent [3]string
	for i := range sent {
		logs := payload()
		bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
		require.NoError(t, err)
		sent[i] = string(bytes)
		logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Body().SetStr("changed")
		assert.Equal(t, n, logs.LogRecordCount())
	}
	assert.Equal(t, sent[0], sent[1])
	assert.Equal(t, sent[0], sent[2])
}
