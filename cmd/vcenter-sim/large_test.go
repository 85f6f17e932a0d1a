package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

func inventoryOf(t *testing.T, control string) (all []property.Fact) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, control+"/inventory", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NoError(t, json.NewDecoder(res.Body).Decode(&all))
	return all
}

func TestALargeInventoryChangesByItself(t *testing.T) {
	p := launch(t, "-large", "-vms", "120", "-hosts", "5", "-rate", "0", "-changes", "50")
	_, _, control := p.fields(t)
	names := func() (machines int, names map[string]string) {
		names = map[string]string{}
		for _, f := range inventoryOf(t, control) {
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

// Otherwise the second run of a demo would tell that all was undone.
func TestALargeInventorySurvives(t *testing.T) {
	args := []string{"-large", "-vms", "60", "-hosts", "5", "-rate", "0", "-state", filepath.Join(t.TempDir(), "state")}
	fresh := launch(t, args...)
	_, _, control := fresh.fields(t)
	before := inventoryOf(t, control)
	for _, script := range []string{"storm?vms=40", "clone?vms=3", "delete?vms=2", "host-failure?hosts=1", "rename-folder?folders=1", "storm?vms=40"} {
		post(t, control+"/"+script, "")
	}
	after := inventoryOf(t, control)
	fresh.end(t)
	require.NotEqual(t, before, after)

	again := launch(t, args...)
	_, _, control = again.fields(t)
	assert.Equal(t, after, inventoryOf(t, control))
	post(t, control+"/storm?vms=40", "")
	later := inventoryOf(t, control)
	again.end(t)

	file, err := os.OpenFile(args[len(args)-1]+".played", os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"Script":"st`) // a kill
	require.NoError(t, errors.Join(err, file.Close()))
	last := launch(t, args...)
	_, _, control = last.fields(t)
	assert.Equal(t, later, inventoryOf(t, control))
	last.end(t)
}

func TestTheSizeOfALargeInventoryIsWhatWasGiven(t *testing.T) {
	o, err := parse([]string{"-large", "-vms", "10000", "-hosts", "50"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, property.Settings{VMs: 10_000, Hosts: 50, Seed: 1}, o.settings.Inventory)
	_, err = parse([]string{"-changes", "1"}, io.Discard)
	assert.ErrorIs(t, err, errNotLarge)
}
