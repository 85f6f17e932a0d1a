package traffic_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// places are four virtual machines on two hosts of one cluster.
func places() (all traffic.Inventory) {
	ref := func(kind, value string) types.ManagedObjectReference {
		return types.ManagedObjectReference{Type: kind, Value: value}
	}
	name := func(s string) types.EntityEventArgument { return types.EntityEventArgument{Name: s} }
	for i := range 4 {
		host := fmt.Sprintf("host-%d", i%2)
		all = append(all, traffic.Place{
			VM:              types.VmEventArgument{EntityEventArgument: name(fmt.Sprintf("web-%d", i)), Vm: ref("VirtualMachine", fmt.Sprintf("vm-%d", i))},
			Host:            types.HostEventArgument{EntityEventArgument: name(host), Host: ref("HostSystem", host)},
			ComputeResource: types.ComputeResourceEventArgument{EntityEventArgument: name("c"), ComputeResource: ref("ClusterComputeResource", "domain-c1")},
			Datacenter:      types.DatacenterEventArgument{EntityEventArgument: name("dc"), Datacenter: ref("Datacenter", "datacenter-1")},
			Datastore:       types.DatastoreEventArgument{EntityEventArgument: name("ds"), Datastore: ref("Datastore", "datastore-1")},
		})
	}
	return all
}

func TestTheSameSeedMakesTheSameEvents(t *testing.T) {
	make := func(seed uint64, bursts ...int) []types.BaseEvent {
		j := journal.New(journal.Settings{Now: func() time.Time { return time.Unix(0, 0) }})
		p := traffic.New(seed, places(), j.AppendChains)
		for _, n := range bursts {
			p.Burst(n)
		}
		return j.Events()
	}
	assert.Equal(t, make(7, 500), make(7, 500))
	assert.Len(t, make(7, 1, 2, 0, 97, 400), 500)
	assert.NotEqual(t, make(7, 500), make(8, 500))
}

func TestEventsAreOfManyKindsAndWhole(t *testing.T) {
	j := journal.New(journal.Settings{})
	traffic.New(1, places(), j.AppendChains).Burst(3000)
	classes := map[string]int{}
	chained := false
	for _, e := range j.Entries() {
		classes[e.Class()]++
		base := e.Event.GetEvent()
		assert.NotEmpty(t, base.FullFormattedMessage, e.Class())
		chained = chained || base.ChainId != base.Key
		if base.Vm != nil {
			for _, argument := range []any{base.Host, base.ComputeResource, base.Datacenter, base.Ds} {
				assert.False(t, reflect.ValueOf(argument).IsNil(), "%s: %T", e.Class(), argument)
			}
		}
		require.NotEmpty(t, e.XML())
	}
	assert.True(t, chained)
	assert.GreaterOrEqual(t, len(classes), 15, "%v", classes)
}

func TestHistoryIsSpreadOverItsTime(t *testing.T) {
	j := journal.New(journal.Settings{})
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	traffic.New(1, places(), j.AppendChains).History(100, end.Add(-time.Hour), end)
	entries := j.Entries()
	require.Len(t, entries, 100)
	assert.Equal(t, end.Add(-time.Hour), entries[0].Created())
	for i, e := range entries[1:] {
		assert.Equal(t, 36*time.Second, e.Created().Sub(entries[i].Created()))
	}
}

func TestTheRateIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.New(journal.Settings{})
		p := traffic.New(1, places(), j.AppendChains)
		p.SetRate(7.5)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second+time.Millisecond)
		defer cancel()
		p.Run(ctx)
		assert.InDelta(t, 750, j.Len(), 1)
	})
}

func TestABurstIsCompressed(t *testing.T) {
	p := traffic.New(1, places(), nil)
	first, told := p.Compressed(100)
	assert.Len(t, first, traffic.Stored)
	require.Len(t, told, 3)
	assert.Equal(t, "com.vmware.vc.EventBurstCompressedEvent", told[1].(*types.EventEx).EventTypeId)
	assert.Contains(t, told[1].(*types.EventEx).Arguments, types.KeyAnyValue{Key: "count", Value: "70"})
	first, _ = p.Compressed(3)
	assert.Len(t, first, 3)
}
