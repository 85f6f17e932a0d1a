package control_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

func newLargePanel(t *testing.T) panel {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Inventory: property.Settings{VMs: 100, Hosts: 4}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	c := control.New(control.Settings{Simulator: sim, Traffic: sim.Traffic(1)})
	t.Cleanup(c.Close)
	return panel{sim: sim, handler: c}
}

func (p panel) facts(t *testing.T) map[string]property.Fact {
	t.Helper()
	status, body := p.do(t, "GET /inventory", "")
	require.Equal(t, http.StatusOK, status, body)
	var all []property.Fact
	require.NoError(t, json.Unmarshal([]byte(body), &all))
	by := map[string]property.Fact{}
	for _, f := range all {
		by[f.MoRef] = f
	}
	return by
}

func TestScriptsChangeTheLargeInventory(t *testing.T) {
	p := newLargePanel(t)
	before := p.facts(t)
	status, body := p.do(t, "POST /rename?vms=7", "")
	require.Equal(t, http.StatusOK, status, body)
	var renamed struct {
		Rename  int
		Objects []string
	}
	require.NoError(t, json.Unmarshal([]byte(body), &renamed))
	assert.Equal(t, 7, renamed.Rename)
	changed := map[string]bool{}
	for _, ref := range renamed.Objects {
		changed[ref] = true
	}
	for ref, f := range p.facts(t) {
		assert.Equal(t, changed[ref], f.Name != before[ref].Name, ref)
	}
	assert.Equal(t, 7, p.sim.Journal().Len())
}

func TestEveryScriptHasAnEndpoint(t *testing.T) {
	p := newLargePanel(t)
	for name, of := range property.Scripts() {
		if name == "host-recovery" {
			continue // after a failure
		}
		status, body := p.do(t, "POST /"+name, "")
		assert.Equal(t, http.StatusOK, status, body)
		if name == "define" {
			continue // there is no end to them
		}
		status, _ = p.do(t, "POST /"+name+"?"+of+"=100000", "")
		assert.Equal(t, http.StatusBadRequest, status, name)
	}
	status, body := p.do(t, "POST /host-recovery?hosts=1", "")
	assert.Equal(t, http.StatusOK, status, body)
	_, body = p.do(t, "POST /changes?rate=2.5", "")
	assert.Equal(t, `{"changes":2.5}`, body)
	assert.Equal(t, 2.5, p.sim.Large().Rate())
	for _, request := range []string{"POST /rename?vms=many", "POST /rename?vms=0", "POST /changes"} {
		status, _ := p.do(t, request, "")
		assert.Equal(t, http.StatusBadRequest, status, request)
	}
}

func TestTheSmallInventoryDoesNotChange(t *testing.T) {
	p := newPanel(t)
	for _, request := range []string{"GET /inventory", "POST /storm?vms=1", "POST /changes?rate=1"} {
		status, _ := p.do(t, request, "")
		assert.Equal(t, http.StatusBadRequest, status, request)
	}
}
