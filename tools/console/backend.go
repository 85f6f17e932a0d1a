package main

import (
	"encoding/json"
	"net"
	"net/http"
)

// backend is an OTLP/HTTP back end for logs, in JSON, that prints each record before it accepts it.
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
	mux.HandleFunc("POST /v1/logs", func(w http.ResponseWriter, r *http.Request) {
		var request logs
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for record := range request.records() {
			out.record(record)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}")) // a collector that went away sends the records again
	})
	return mux
}
