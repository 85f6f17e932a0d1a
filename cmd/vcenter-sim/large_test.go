package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

func TestALargeInventoryChangesByItself(t *testing.T) {
	p := launch(t, "-large", "-vms", "120", "-hosts", "5", "-rate", "0", "-changes", "50")
	_, _, control := p.fields(t)
	names := func() (machines int, names map[string]string) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, control+"/inventory", nil)
		require.NoError(t, err)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		var all []property.Fact
		require.NoError(t, json.Unmarshal(body, &all))
		names = map[string]string{}
		for _, f := range all {
			names[f.MoRef] = f.Name
			if f.Type == "VirtualMachine" {
				machines++
			}
		}
		return machines, names
	}
	machines, before := names()
	assert.InDelta(t, 120, machines, 20)
	require.Eventually(t, func() bool {
		_, now := names()
		for ref, name := range before {
			if now[ref] != name {
				return true
			}
		}
		return false
	}, 30*time.Second, 50*time.Millisecond)
	p.end(t)
}

func TestTheSizeOfALargeInventoryIsWhatWasGiven(t *testing.T) {
	o, err := parse([]string{"-large", "-vms", "10000", "-hosts", "50"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, property.Settings{VMs: 10_000, Hosts: 50, Seed: 1}, o.settings.Inventory)
	_, err = parse([]string{"-changes", "1"}, io.Discard)
	assert.ErrorIs(t, err, errNotLarge)
}
