package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// lifeHeader tells in which life of the collector a request was made: one that was on its way when the collector was
// killed may be read when the next one is alive.
const lifeHeader = "X-Life"

// sink is a back end for logs that remembers all it was sent, and answers as it is told.
type sink struct {
	server *httptest.Server

	mu     sync.Mutex // guards the fields below
	answer func(delivery) int
	accept func(run)
	run    run
	broken error // a request that was no OTLP
}

func newSink(t *testing.T) *sink {
	t.Helper()
	return newSinkAt(t, "127.0.0.1:0")
}

// newSinkAt listens at an address where nobody did so far: a back end that comes back.
func newSinkAt(t *testing.T, address string) *sink {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	s := &sink{}
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: s}}
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

func (s *sink) url() string { return s.server.URL }

// answers has every request answered by status from now on, which is called for one at a time; nil accepts.
func (s *sink) answers(status func(delivery) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = status
}

// onAccept has a function called with the run so far whenever a request was accepted, before that is answered.
func (s *sink) onAccept(accept func(run)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accept = accept
}

// recorded is the run so far, as far as it is of events.
func (s *sink) recorded(t *testing.T) run {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		t.Fatal(s.broken)
	}
	return s.run.ofEvents()
}

// ServeHTTP takes an export request of OTLP over HTTP, in protobuf.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		return // a collector that is killed may have sent half a request
	}
	d, err := newDelivery(r.Header, body)
	if err != nil {
		s.breakWith(err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	status := s.record(d)
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(status)
}

// read returns the body of a request as it was before it was compressed.
func read(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		return body, err
	}
	decompressed, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(decompressed)
}

func (s *sink) breakWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// record decides about a request, remembers both, and returns the status to answer.
func (s *sink) record(d delivery) int {
	s.mu.Lock()
	d.place, d.status = len(s.run), http.StatusOK
	if s.answer != nil {
		d.status = s.answer(d)
	}
	s.run = append(s.run, d)
	accept, so := s.accept, slices.Clone(s.run)
	s.mu.Unlock()
	if accept != nil && d.accepted() {
		accept(so)
	}
	return d.status
}

func newDelivery(header http.Header, body []byte) (delivery, error) {
	life, err := strconv.Atoi(header.Get(lifeHeader))
	if err != nil {
		return delivery{}, fmt.Errorf("read the header %s: %w", lifeHeader, err)
	}
	// An ExportLogsServiceRequest has the same one field as the message that plog reads.
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body)
	if err != nil {
		return delivery{}, fmt.Errorf("decode the request: %w", err)
	}
	records, err := flatten(logs)
	return delivery{life: life, at: time.Now(), size: len(body), records: records}, err
}

// flatten lists the records of logs in order.
func flatten(logs plog.Logs) (records []record, err error) {
	for _, resource := range logs.ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, log := range scope.LogRecords().All() {
				rec, err := newRecord(resource.Resource(), scope.Scope(), log)
				if err != nil {
					return nil, err
				}
				records = append(records, rec)
			}
		}
	}
	return records, nil
}

func newRecord(resource pcommon.Resource, scope pcommon.InstrumentationScope, log plog.LogRecord) (record, error) {
	alone := plog.NewLogs()
	parent := alone.ResourceLogs().AppendEmpty()
	resource.CopyTo(parent.Resource())
	inner := parent.ScopeLogs().AppendEmpty()
	scope.CopyTo(inner.Scope())
	log.CopyTo(inner.LogRecords().AppendEmpty())
	bytes, err := (&plog.ProtoMarshaler{}).MarshalLogs(alone)
	if err != nil {
		return record{}, fmt.Errorf("encode a record: %w", err)
	}
	return record{
		uid:     text(log, "log.record.uid"),
		kind:    text(log, "vcenter.event.type"),
		change:  told(log),
		key:     number(log, "vcenter.event.key"),
		created: log.Timestamp().AsTime(),
		stream:  stream(resource),
		gap:     gap(log),
		refused: text(log, "vcenter.refused.uid"),
		bytes:   string(bytes),
	}, nil
}

// gap is what a record tells of that tells of a gap.
func gap(log plog.LogRecord) *robustness.Gap {
	if text(log, "vcenter.event.type") != "vcenter.stream.gap" {
		return nil
	}
	told := &robustness.Gap{Reason: text(log, "vcenter.gap.reason")}
	told.From, _ = time.Parse(time.RFC3339Nano, text(log, "vcenter.gap.from")) // absent: from the beginning
	told.To, _ = time.Parse(time.RFC3339Nano, text(log, "vcenter.gap.to"))     // one without an end covers nothing
	return told
}

func text(log plog.LogRecord, name string) string {
	if v, ok := log.Attributes().Get(name); ok {
		return v.Str()
	}
	return ""
}

func number(log plog.LogRecord, name string) int64 {
	if v, ok := log.Attributes().Get(name); ok {
		return v.Int()
	}
	return 0
}
