package e2e

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// post sends records of these uids as the collector does.
func post(t *testing.T, s *sink, life string, uids ...string) int {
	t.Helper()
	logs := plog.NewLogs()
	records := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i, uid := range uids {
		log := records.AppendEmpty()
		log.SetTimestamp(pcommon.NewTimestampFromTime(time.Unix(1_700_000_000, 0)))
		log.Attributes().PutStr("log.record.uid", uid)
		log.Attributes().PutStr("vcenter.event.type", "VmPoweredOnEvent")
		log.Attributes().PutInt("vcenter.event.key", int64(i+1))
	}
	body, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url()+"/v1/logs", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set(lifeHeader, life)
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func TestSinkRemembersWhatItWasSent(t *testing.T) {
	s := newSink(t)
	s.answers(func(d delivery) int {
		if d.records[0].uid == "b" {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	assert.Equal(t, http.StatusOK, post(t, s, "1", "a"))
	assert.Equal(t, http.StatusServiceUnavailable, post(t, s, "2", "b", "c"))

	got := s.recorded(t)
	require.Len(t, got, 2)
	assert.Equal(t, []int{1, 2}, []int{got[0].life, got[1].life})
	assert.True(t, got[0].accepted())
	assert.False(t, got[1].accepted())
	second := got[1].records[1]
	assert.Equal(t, "c", second.uid)
	assert.Equal(t, "VmPoweredOnEvent", second.kind)
	assert.Equal(t, int64(2), second.key)
	assert.Equal(t, int64(1_700_000_000), second.created.Unix())
	assert.NotEqual(t, got[1].records[0].bytes, second.bytes)
}
