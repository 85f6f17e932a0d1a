package main

import (
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
)

// backend is an OTLP/HTTP back end for logs that accepts all, and remembers when each record of an event came.
type backend struct {
	url    string
	server *http.Server

	mu       sync.Mutex // guards the field below
	arrivals []arrival
}

// arrival is one record.
type arrival struct {
	created time.Time // by vCenter's clock, to the microsecond
	at      time.Time // when the request that it came in had been read to its end
}

func (a arrival) latency() time.Duration { return a.at.Sub(a.created) }

func listen() (*backend, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &backend{url: "http://" + listener.Addr().String()}
	b.server = &http.Server{Handler: b}
	go func() { _ = b.server.Serve(listener) }() // it returns when close is called
	return b, nil
}

func (b *backend) close() { _ = b.server.Close() }

// ServeHTTP takes an export request in protobuf, which has the same one field as the message that plog reads.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	at := time.Now()
	if err != nil {
		return
	}
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.add(logs, at)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (b *backend) add(logs plog.Logs, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, resource := range logs.ResourceLogs().All() {
		if service, ok := resource.Resource().Attributes().Get("service.name"); ok && service.Str() == "vcenter.inventory" {
			continue
		}
		for _, scope := range resource.ScopeLogs().All() {
			for _, record := range scope.LogRecords().All() {
				b.arrivals = append(b.arrivals, arrival{record.Timestamp().AsTime(), at})
			}
		}
	}
}

// count is the number of records so far.
func (b *backend) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.arrivals)
}

// since are the records after the first n.
func (b *backend) since(n int) []arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.arrivals[n:])
}
