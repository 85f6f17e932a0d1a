package control

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// Settings are what is controlled.
type Settings struct {
	Simulator *simulator.Simulator
	Traffic   *traffic.Producer
	Proxy     *fault.Proxy // before the simulator; may be nil
}

// Control is the handler of all requests.
type Control struct {
	sim      *simulator.Simulator
	producer *traffic.Producer
	proxy    *fault.Proxy
	stage    *accident.Stage
	mux      *http.ServeMux

	certified *tls.Certificate // what the proxy served at first

	mu      sync.Mutex // guards the fields below
	source  *accident.Source
	playing *playing // nil: nothing is played
}

// action does what a request says and returns what is to be answered.
type action func(*http.Request) (any, error)

// New returns a Control, which must be closed.
func New(s Settings) *Control {
	c := &Control{
		sim: s.Simulator, producer: s.Traffic, proxy: s.Proxy,
		stage: accident.NewStage(s.Simulator, s.Traffic, s.Proxy), mux: http.NewServeMux(),
	}
	if s.Proxy != nil {
		c.certified = s.Proxy.Certificate()
	}
	for _, room := range []map[string]action{c.ofEvents(), c.ofReading(), c.ofVCenter(), c.ofNetwork(), c.ofAccidents(), c.ofInventory()} {
		for pattern, do := range room {
			c.mux.Handle(pattern, do)
		}
	}
	return c
}

// ServeHTTP answers a request.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// Close ends the accidents that are played, mends what lasts, and waits for the requests that play one.
func (c *Control) Close() {
	c.stop()
	c.stage.Close()
}

func (c *Control) ofEvents() map[string]action {
	return map[string]action{
		"POST /burst":            c.burst,
		"POST /append":           c.append,
		"POST /hidden":           c.playNumber("hidden"),
		"POST /compressed-burst": c.playNumber("compressed"),
		"POST /prune":            c.prune,
		"POST /retention":        c.retention,
		"POST /next-key":         c.nextKey,
		"POST /rate":             c.rate,
		"GET /events":            c.events,
		"GET /recording":         func(*http.Request) (any, error) { return c.sim.Recording(), nil },
	}
}

func (c *Control) ofReading() map[string]action {
	return map[string]action{
		"POST /doorbell":       c.doorbell,
		"POST /order":          c.order,
		"POST /hiding":         c.hiding,
		"POST /stall":          c.stall,
		"POST /max-collectors": c.maxCollectors,
	}
}

func (c *Control) ofVCenter() map[string]action {
	return map[string]action{
		"POST /kill-sessions": c.killSessions,
		"POST /idle-timeout":  c.idleTimeout,
		"POST /password":      c.password,
		"POST /restart":       c.restart,
		"POST /clock":         c.clock,
		"POST /instance":      c.instance,
		"GET /stats":          func(*http.Request) (any, error) { return c.sim.Stats(), nil },
	}
}

// did is what an action answers.
type did map[string]any

// ServeHTTP answers in JSON. All that can fail is understanding the request, but for a restart.
func (do action) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	result, err := do(r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		result = did{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(result) // a client that is gone
}

// parameter parses a parameter that must be given.
func parameter[T any](r *http.Request, name string, parse func(string) (T, error)) (T, error) {
	v, err := parse(r.URL.Query().Get(name))
	if err != nil {
		return v, fmt.Errorf("parameter %s: %w", name, err)
	}
	return v, nil
}
