package simulator_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

// start runs a simulator until the test ends.
func start(t *testing.T, settings simulator.Settings) *simulator.Simulator {
	t.Helper()
	sim, err := simulator.New(settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	return sim
}

// connect makes a client without a login.
func connect(t *testing.T, sim *simulator.Simulator) *vim25.Client {
	t.Helper()
	sc := soap.NewClient(sim.URL(), true)
	t.Cleanup(sc.CloseIdleConnections)
	c, err := vim25.NewClient(ctx(t), sc)
	require.NoError(t, err)
	return c
}

// login makes a client in a session of its own.
func login(t *testing.T, sim *simulator.Simulator) *vim25.Client {
	t.Helper()
	c := connect(t, sim)
	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	return c
}

// ctx ends a test that hangs.
func ctx(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func collector(t *testing.T, c *vim25.Client, spec types.EventFilterSpec) *event.HistoryCollector {
	t.Helper()
	hc, err := event.NewManager(c).CreateCollectorForEvents(ctx(t), spec)
	require.NoError(t, err)
	return hc
}

// poweredOn are n events that differ.
func poweredOn(n int) []types.BaseEvent {
	events := make([]types.BaseEvent, n)
	for i := range events {
		events[i] = &types.VmPoweredOnEvent{}
	}
	return events
}

func keys(events []types.BaseEvent) (all []int32) {
	for _, e := range events {
		all = append(all, e.GetEvent().Key)
	}
	return all
}
