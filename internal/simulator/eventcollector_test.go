package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

var onlyVMs = types.EventFilterSpec{EventTypeId: []string{"VmEvent"}}

func TestEventsAreReadAsTheyWereAppended(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	hc := collector(t, login(t, sim), onlyVMs)
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	on := &types.VmPoweredOnEvent{}
	on.Key, on.ChainId, on.CreatedTime, on.UserName, on.Template = -5, 9, at, "VSPHERE.LOCAL\\Administrator", true
	on.FullFormattedMessage = `a "quoted" <message> & more`
	on.Vm = &types.VmEventArgument{Vm: types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-1"}}
	on.Vm.Name = "web"
	sim.Append(on)

	got, err := hc.ReadNextEvents(ctx(t), 10)
	require.NoError(t, err)
	assert.Equal(t, []types.BaseEvent{on}, got)
}

func TestABurstIsReadWholeInPages(t *testing.T) {
	t.Parallel()
	for _, order := range []journal.Order{journal.Insertion, journal.Creation} {
		t.Run(order.String(), func(t *testing.T) {
			sim := start(t, simulator.Settings{Order: order})
			hc := collector(t, login(t, sim), onlyVMs)
			sim.Append(poweredOn(2500)...)
			var sizes []int
			seen := map[int32]bool{}
			for {
				page, err := hc.ReadNextEvents(ctx(t), 5000)
				require.NoError(t, err)
				if len(page) == 0 {
					break
				}
				sizes = append(sizes, len(page))
				for _, key := range keys(page) {
					assert.False(t, seen[key], "event %d twice", key)
					seen[key] = true
				}
			}
			assert.Equal(t, []int{1000, 1000, 500}, sizes)
			assert.Len(t, seen, 2500)
		})
	}
}

func TestALateEventIsSeenOnlyByInsertion(t *testing.T) {
	t.Parallel()
	for order, seen := range map[journal.Order]int{journal.Insertion: 1, journal.Creation: 0} {
		t.Run(order.String(), func(t *testing.T) {
			sim := start(t, simulator.Settings{Order: order})
			hc := collector(t, login(t, sim), onlyVMs)
			sim.Append(poweredOn(3)...)
			_, err := hc.ReadNextEvents(ctx(t), 10)
			require.NoError(t, err)

			late := &types.VmPoweredOffEvent{}
			late.CreatedTime = time.Now().Add(-time.Hour)
			sim.Append(late)
			page, err := hc.ReadNextEvents(ctx(t), 10)
			require.NoError(t, err)
			assert.Len(t, page, seen)
		})
	}
}

func TestACollectorIsRewoundResetAndReadBackward(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	hc := collector(t, login(t, sim), onlyVMs)
	sim.Append(poweredOn(5)...)
	all := keys(sim.Journal().Events()[1:])
	back := []int32{all[4], all[3], all[2], all[1], all[0]}

	require.NoError(t, hc.Reset(ctx(t)))
	page, err := hc.ReadPreviousEvents(ctx(t), 3)
	require.NoError(t, err)
	assert.Equal(t, back[:3], keys(page))
	page, err = hc.ReadPreviousEvents(ctx(t), 3)
	require.NoError(t, err)
	assert.Equal(t, back[3:], keys(page))

	require.NoError(t, hc.Rewind(ctx(t)))
	page, err = hc.ReadNextEvents(ctx(t), 10)
	require.NoError(t, err)
	assert.Equal(t, all, keys(page))
}

func TestLatestPageIsNewestFirst(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	hc := collector(t, login(t, sim), onlyVMs)
	sim.Append(poweredOn(12)...)
	all := keys(sim.Journal().Events()[1:])
	for _, size := range []int32{10, 1, 3, 1000} {
		want := min(int(size), 12)
		if size != 10 { // which is the default
			require.NoError(t, hc.SetPageSize(ctx(t), size))
		}
		page, err := hc.LatestPage(ctx(t))
		require.NoError(t, err)
		require.Len(t, page, want)
		assert.Equal(t, all[11], page[0].GetEvent().Key)
	}
}

func TestWhatACollectorRefuses(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, types.EventFilterSpec{})
	for name, err := range map[string]error{
		"read none":      second(hc.ReadNextEvents(ctx(t), 0)),
		"read back none": second(hc.ReadPreviousEvents(ctx(t), -1)),
		"page too large": hc.SetPageSize(ctx(t), 1001),
		"maxCount too large": second(event.NewManager(c).CreateCollectorForEvents(ctx(t), types.EventFilterSpec{
			MaxCount: 1001,
		})),
	} {
		assert.True(t, fault.Is(err, &types.InvalidArgument{}), "%s: %v", name, err)
	}
	require.NoError(t, hc.Destroy(ctx(t)))
	_, err := hc.ReadNextEvents(ctx(t), 1)
	assert.True(t, fault.Is(err, &types.ManagedObjectNotFound{}), "%v", err)
}

func second[T any](_ T, err error) error { return err }

func TestASessionHasOnlySoManyCollectors(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{MaxCollectors: 3})
	c := login(t, sim)
	m := event.NewManager(c)
	for range 3 {
		collector(t, c, types.EventFilterSpec{})
	}
	_, err := m.CreateCollectorForEvents(ctx(t), types.EventFilterSpec{})
	assert.True(t, fault.Is(err, &types.InvalidState{}), "%v", err)

	collector(t, login(t, sim), types.EventFilterSpec{}) // another session has its own
	assert.Equal(t, 4, sim.Stats().Objects.EventCollectors)
}

func TestAHiddenPageIsNotTheEnd(t *testing.T) {
	t.Parallel()
	for hiding, want := range map[journal.Hiding][]int{journal.Passes: {0, 5}, journal.Sticks: {0, 0}} {
		t.Run(fmt.Sprint(hiding), func(t *testing.T) {
			sim := start(t, simulator.Settings{})
			hc := collector(t, login(t, sim), onlyVMs)
			sim.Append(poweredOn(10)...)
			last := sim.Journal().Events()[10].GetEvent().Key
			sim.Journal().Hide(func(e types.BaseEvent) bool { return e.GetEvent().Key <= last-5 }, hiding)
			var got []int
			for range 2 {
				page, err := hc.ReadNextEvents(ctx(t), 5)
				require.NoError(t, err)
				got = append(got, len(page))
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestAnEventOfAnUnknownClassIsTold(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, types.EventFilterSpec{EventTypeId: []string{"VmTeleportedEvent"}})
	require.NoError(t, sim.AppendRaw("VmTeleportedEvent",
		`<key>77</key><createdTime>2026-05-01T00:00:00Z</createdTime><userName>me</userName><warp xsi:type="xsd:int">9</warp>`))

	res, err := methods.ReadNextEvents(ctx(t), c, &types.ReadNextEvents{This: hc.Reference(), MaxCount: 10})
	require.NoError(t, err)
	assert.Equal(t, []types.BaseEvent{nil}, res.Returnval, "govmomi does not know it")
	last := sim.Journal().Last()
	assert.Equal(t, int32(77), last.Key())
	assert.Equal(t, "me", last.Event.GetEvent().UserName)
	assert.Contains(t, string(last.XML()), "<warp")
}

func TestFullMessagesCanBeLeftOut(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	hc := collector(t, login(t, sim), types.EventFilterSpec{
		EventTypeId: []string{"VmEvent"}, DisableFullMessage: types.NewBool(true),
	})
	e := &types.VmPoweredOnEvent{}
	e.FullFormattedMessage = "on"
	sim.Append(e)
	page, err := hc.ReadNextEvents(ctx(t), 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Empty(t, page[0].GetEvent().FullFormattedMessage)
	assert.Equal(t, "on", sim.Journal().Last().Event.GetEvent().FullFormattedMessage)
}
