package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// control is a simulator with its producer of events.
type control struct {
	sim      *simulator.Simulator
	producer *traffic.Producer
}

// action does what a request says and returns what is to be answered.
type action func(*http.Request) (any, error)

// Handler controls a simulator, and the producer of its events.
func Handler(sim *simulator.Simulator, producer *traffic.Producer) http.Handler {
	c := control{sim, producer}
	mux := http.NewServeMux()
	for pattern, do := range map[string]action{
		"POST /burst":         c.burst,
		"POST /append":        c.append,
		"POST /prune":         c.prune,
		"POST /next-key":      c.nextKey,
		"POST /kill-sessions": c.killSessions,
		"POST /restart":       c.restart,
		"POST /doorbell":      c.doorbell,
		"POST /clock":         c.clock,
		"POST /instance":      c.instance,
		"POST /order":         c.order,
		"POST /rate":          c.rate,
		"GET /stats":          func(*http.Request) (any, error) { return sim.Stats(), nil },
		"GET /events":         c.events,
	} {
		mux.Handle(pattern, do)
	}
	return mux
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

func (c control) burst(r *http.Request) (any, error) {
	n, err := parameter(r, "n", strconv.Atoi)
	if err != nil {
		return nil, err
	}
	c.producer.Burst(n)
	return did{"appended": n}, nil
}

var errPrune = errors.New("one of before-key, older-than and oldest is needed")

func (c control) prune(r *http.Request) (any, error) {
	j, q := c.sim.Journal(), r.URL.Query()
	switch {
	case q.Has("before-key"):
		key, err := parameter(r, "before-key", parseKey)
		return pruned(err, func() int { return j.PruneKeysBefore(key) })
	case q.Has("older-than"):
		age, err := parameter(r, "older-than", time.ParseDuration)
		return pruned(err, func() int { return j.PruneCreatedBefore(c.sim.Now().Add(-age)) })
	case q.Has("oldest"):
		n, err := parameter(r, "oldest", strconv.Atoi)
		return pruned(err, func() int { return j.PruneOldest(n) })
	}
	return nil, errPrune
}

func pruned(err error, prune func() int) (any, error) {
	if err != nil {
		return nil, err
	}
	return did{"pruned": prune()}, nil
}

func parseKey(text string) (int32, error) {
	key, err := strconv.ParseInt(text, 10, 32)
	return int32(key), err
}

func (c control) nextKey(r *http.Request) (any, error) {
	key, err := parameter(r, "key", parseKey)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetNextKey(key)
	return did{"nextKey": key}, nil
}

func (c control) killSessions(*http.Request) (any, error) {
	return did{"killed": c.sim.KillSessions()}, nil
}

func (c control) restart(r *http.Request) (any, error) {
	outage := time.Duration(0)
	if r.URL.Query().Has("outage") {
		var err error
		if outage, err = parameter(r, "outage", time.ParseDuration); err != nil {
			return nil, err
		}
	}
	if err := c.sim.Suspend(); err != nil {
		return nil, err
	}
	select {
	case <-time.After(outage):
	case <-r.Context().Done():
	}
	return did{"restarted": true, "outage": outage.String()}, c.sim.Resume()
}

func (c control) doorbell(r *http.Request) (any, error) {
	on, err := parameter(r, "on", strconv.ParseBool)
	if err != nil {
		return nil, err
	}
	c.sim.SetDoorbell(on)
	return did{"doorbell": on}, nil
}

func (c control) clock(r *http.Request) (any, error) {
	offset, err := parameter(r, "offset", time.ParseDuration)
	if err != nil {
		return nil, err
	}
	c.sim.SetClockOffset(offset)
	return did{"now": c.sim.Now().UTC()}, nil
}

func (c control) instance(r *http.Request) (any, error) {
	id := r.URL.Query().Get("uuid")
	if id == "" {
		id = uuid.NewString()
	}
	c.sim.SetInstanceUUID(id)
	return did{"instanceUuid": id}, nil
}

func (c control) order(r *http.Request) (any, error) {
	order, err := parameter(r, "by", journal.ParseOrder)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetOrder(order)
	return did{"order": order.String()}, nil
}

func (c control) rate(r *http.Request) (any, error) {
	rate, err := parameter(r, "events", func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	if err != nil {
		return nil, err
	}
	c.producer.SetRate(rate)
	return did{"rate": rate}, nil
}
