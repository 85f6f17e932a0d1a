package control

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

func (c *Control) burst(r *http.Request) (any, error) {
	n, err := parameter(r, "n", strconv.Atoi)
	if err != nil {
		return nil, err
	}
	c.producer.Burst(n)
	return did{"appended": n}, nil
}

func (c *Control) nextKey(r *http.Request) (any, error) {
	key, err := parameter(r, "key", parseKey)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetNextKey(key)
	return did{"nextKey": key}, nil
}

func (c *Control) rate(r *http.Request) (any, error) {
	rate, err := parameter(r, "events", func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	if err != nil {
		return nil, err
	}
	c.producer.SetRate(rate)
	return did{"rate": rate}, nil
}

func parseKey(text string) (int32, error) {
	key, err := strconv.ParseInt(text, 10, 32)
	return int32(key), err
}

var errPrune = errors.New("one of before-key, older-than and oldest is needed")

func (c *Control) prune(r *http.Request) (any, error) {
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

func (c *Control) retention(r *http.Request) (any, error) {
	maxAge, err := parameter(r, "max-age", parseSpell)
	if err != nil {
		return nil, err
	}
	c.sim.SetRetention(maxAge)
	return did{"maxAge": maxAge.String()}, nil
}

func (c *Control) order(r *http.Request) (any, error) {
	order, err := parameter(r, "by", journal.ParseOrder)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetOrder(order)
	return did{"order": order.String()}, nil
}

func (c *Control) hiding(r *http.Request) (any, error) {
	then, err := parameter(r, "then", journal.ParseHiding)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetHiding(then)
	return did{"hiding": then.String()}, nil
}

// stall is for the cursors that there are, or with on for all while it is on.
func (c *Control) stall(r *http.Request) (any, error) {
	if !r.URL.Query().Has("on") {
		c.sim.Journal().StallCursors()
		return did{"stalled": "cursors that there are"}, nil
	}
	on, err := parameter(r, "on", strconv.ParseBool)
	if err != nil {
		return nil, err
	}
	c.sim.Journal().SetStalled(on)
	return did{"stalled": on}, nil
}

func (c *Control) maxCollectors(r *http.Request) (any, error) {
	n, err := parameter(r, "n", strconv.Atoi)
	if err != nil {
		return nil, err
	}
	c.sim.SetMaxCollectors(n)
	return did{"maxCollectors": n}, nil
}
