package vcenterstreamreceiver

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// With on_permanent_error: drop the collector's own check of receivers holds: what a consumer has taken or refused for good is
// never sent again, everything else until it is taken.
//
// The check knows a record by an attribute of its own, and none but those that it made: an operator gives them the one and
// leaves out the others, which are our login and the records of refusals.
func TestTheCollectorsContractOfConsumers(t *testing.T) {
	for _, order := range []journal.Order{journal.Insertion, journal.Creation} {
		t.Run(order.String(), func(t *testing.T) {
			sim, err := simulator.New(simulator.Settings{Order: order})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, sim.Close()) })
			receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
				T: t, Factory: NewFactory(), Signal: pipeline.SignalLogs, Config: contractConfig(t, sim),
				Generator: &generator{t: t, sim: sim}, GenerateCount: 200,
			})
		})
	}
}

func contractConfig(t *testing.T, sim *simulator.Simulator) *Config {
	t.Helper()
	cfg, err := load(t, map[string]any{
		"endpoint": sim.URL().String(), "username": "user", "password": "pass",
		"on_permanent_error": "drop",
		"retry_on_failure":   map[string]any{"initial_interval": "1ms", "max_interval": "1ms"},
		"events":             map[string]any{"page_size": 10, "poll_interval": "100ms"},
		"operators": []any{
			map[string]any{"type": "filter", "expr": `attributes["vcenter.event.type"] != "VmPoweredOnEvent"`},
			map[string]any{"type": "copy", "from": `attributes["log.record.uid"]`, "to": `attributes["` + receivertest.UniqueIDAttrName + `"]`},
		},
	})
	require.NoError(t, err)
	return cfg
}

// generator makes events happen in a vCenter, from the moment that a receiver reads from there.
type generator struct {
	t          *testing.T
	sim        *simulator.Simulator
	collectors int // made before
}

func (g *generator) Start() {
	made := func() int { return g.sim.Stats().Calls["CreateCollectorForEvents"] }
	require.Eventually(g.t, func() bool { return made() > g.collectors }, 20*time.Second, time.Millisecond)
}

func (g *generator) Stop() { g.collectors = g.sim.Stats().Calls["CreateCollectorForEvents"] }

func (g *generator) Generate() []receivertest.UniqueIDAttrVal {
	event := &types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: types.Event{FullFormattedMessage: "web-01 is powered on"}}}
	g.sim.Append(event)
	uid := fmt.Sprintf("%s:%d:%d", g.sim.InstanceUUID(), event.Key, event.CreatedTime.UnixMilli())
	return []receivertest.UniqueIDAttrVal{receivertest.UniqueIDAttrVal(uid)}
}
