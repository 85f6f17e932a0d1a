package main

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

func TestTheBackEndRemembersWhenARecordCame(t *testing.T) {
	b, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	created := time.Now().Add(-time.Hour)
	logs := plog.NewLogs()
	records := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for range 3 {
		records.AppendEmpty().SetTimestamp(pcommon.NewTimestampFromTime(created))
	}
	inventory := logs.ResourceLogs().AppendEmpty() // which is none of the events
	inventory.Resource().Attributes().PutStr("service.name", "vcenter.inventory")
	inventory.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	body, err := (&plog.ProtoMarshaler{}).MarshalLogs(logs)
	if err != nil {
		t.Fatal(err)
	}
	for payload, status := range map[string]int{string(body): http.StatusOK, "no OTLP": http.StatusBadRequest} {
		answer, err := http.Post(b.url+"/v1/logs", "application/x-protobuf", bytes.NewReader([]byte(payload)))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != status {
			t.Errorf("%q: %s", payload, answer.Status)
		}
	}
	if b.count() != 3 || len(b.since(1)) != 2 {
		t.Fatal(b.count())
	}
	for _, a := range b.since(0) {
		if a.latency() < time.Hour || a.latency() > time.Hour+time.Minute {
			t.Error(a.latency())
		}
	}
}
