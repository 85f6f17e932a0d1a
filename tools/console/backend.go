package main

import (
	"encoding/json"
	"net"
	"net/http"
)

// backend is an OTLP/HTTP back end, in JSON, that prints each record of logs before it accepts it, and a line for each payload of
// metrics.
type backend struct {
	url    string
	server *http.Server
}

func listen(out *printer) (*backend, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &backend{url: "http://" + listener.Addr().String(), server: &http.Server{Handler: handler(out)}}
	go func() { _ = b.server.Serve(listener) }() // it returns when close is called
	return b, nil
}

func (b *backend) close() { _ = b.server.Close() }

func handler(out *printer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/logs", accepting(func(request logs) {
		for record := range request.records() {
			out.record(record)
		}
	}))
	mux.HandleFunc("POST /v1/metrics", accepting(func(request metrics) { out.collection(request.sum()) }))
	return mux
}

// accepting takes requests of a kind.
func accepting[T any](take func(T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request T
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		take(request)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}")) // a collector that went away sends the records again
	}
}
