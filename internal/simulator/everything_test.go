package simulator_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// visit is what a client does again and again: log in, read all there is, watch for a moment, log out.
func visit(ctx context.Context, address *url.URL) (read int, err error) {
	sc := soap.NewClient(address, true)
	defer sc.CloseIdleConnections()
	c, err := vim25.NewClient(ctx, sc)
	if err != nil {
		return 0, err
	}
	m := session.NewManager(c)
	if err := m.Login(ctx, url.UserPassword("user", "pass")); err != nil {
		return 0, err
	}
	defer func() { _ = m.Logout(context.WithoutCancel(ctx)) }()
	hc, err := event.NewManager(c).CreateCollectorForEvents(ctx, types.EventFilterSpec{})
	if err != nil {
		return 0, err
	}
	for {
		page, err := hc.ReadNextEvents(ctx, 1000)
		if err != nil || len(page) == 0 {
			return read, err
		}
		read += len(page)
	}
}

func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	producer := sim.Traffic(1)
	busy, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for busy.Err() == nil {
				_, _ = visit(busy, sim.URL()) // it may be killed at any moment
			}
		})
	}
	for _, again := range []func(){
		func() { producer.Burst(50) },
		func() { sim.KillSessions() },
		func() { assert.NoError(t, sim.Restart()) },
		func() { sim.SetDoorbell(false); sim.SetDoorbell(true) },
		func() { sim.Stats(); sim.Calls(); sim.SetInstanceUUID("x") },
		func() { sim.Journal().SetOrder(journal.Creation); sim.Journal().PruneOldest(10) },
	} {
		all.Go(func() {
			clock := time.NewTicker(20 * time.Millisecond)
			defer clock.Stop()
			for busy.Err() == nil {
				again()
				<-clock.C
			}
		})
	}
	all.Wait()

	n := sim.Journal().Len()
	read, err := visit(ctx(t), sim.URL())
	require.NoError(t, err)
	assert.Equal(t, n+1, read, "and its own login")
	sim.KillSessions() // of visits that were cut off before they could log out
	assert.Equal(t, simulator.Objects{}, sim.Stats().Objects)
	assert.Empty(t, sim.Sessions())
}

func TestGovmomisOwnTailWorks(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	tail, cancel := context.WithCancel(ctx(t))
	defer cancel()
	seen := 0
	go func() {
		for tail.Err() == nil && sim.Stats().Calls["WaitForUpdatesEx"] < 2 {
			time.Sleep(5 * time.Millisecond)
		}
		sim.Append(poweredOn(3)...)
	}()
	err := event.NewManager(c).Events(tail, []types.ManagedObjectReference{c.ServiceContent.RootFolder}, 10, true, false,
		func(_ types.ManagedObjectReference, events []types.BaseEvent) error {
			if seen += len(events); seen >= 4 { // a login, and the three
				cancel()
			}
			return nil
		})
	if err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
	assert.Equal(t, 4, seen)
}

// BenchmarkReadNextEvents is what the simulator costs: a page of 1,000 typical events.
func BenchmarkReadNextEvents(b *testing.B) {
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(b, err)
	defer sim.Close()
	sim.Traffic(1).Burst(1000)
	c := sim.Journal().Cursor(types.EventFilterSpec{})
	b.ReportAllocs()
	for b.Loop() {
		c.Rewind()
		for _, e := range c.Next(1000) {
			_ = e.XML()
		}
	}
}
