package control

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

var errSmall = errors.New("there is no large inventory")

// ofInventory has an endpoint for each script of the large inventory: POST /rename?vms=50.
func (c *Control) ofInventory() map[string]action {
	actions := map[string]action{"GET /inventory": c.large(func(*http.Request) (any, error) { return c.sim.Large().Facts(), nil })}
	actions["POST /changes"] = c.large(c.changes)
	for name, of := range property.Scripts() {
		actions["POST /"+name] = c.large(c.script(name, of))
	}
	return actions
}

func (c *Control) large(do action) action {
	if c.sim.Large() != nil {
		return do
	}
	return func(*http.Request) (any, error) { return nil, errSmall }
}

// changes sets how often something happens by itself.
func (c *Control) changes(r *http.Request) (any, error) {
	rate, err := parameter(r, "rate", func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	if err != nil {
		return nil, err
	}
	c.sim.Large().SetRate(rate)
	return did{"changes": rate}, nil
}

// script tells what it was played with. One is enough where the request does not say how many.
func (c *Control) script(name, of string) action {
	return func(r *http.Request) (any, error) {
		n, err := optional(r, of, strconv.Atoi)
		if err != nil {
			return nil, err
		}
		if !r.URL.Query().Has(of) {
			n = 1
		}
		played, err := c.sim.Large().Play(name, n)
		if err != nil {
			return nil, err
		}
		refs := make([]string, len(played))
		for i, ref := range played {
			refs[i] = ref.Value
		}
		return did{name: len(refs), "objects": refs}, nil
	}
}
