package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

func TestQueryEventsReturnsTheNewestFirst(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	m := event.NewManager(login(t, sim))
	sim.Append(poweredOn(20)...)
	all := keys(sim.Journal().Events()[1:])
	page, err := m.QueryEvents(ctx(t), types.EventFilterSpec{EventTypeId: []string{"VmEvent"}, MaxCount: 2})
	require.NoError(t, err)
	assert.Equal(t, []int32{all[19], all[18]}, keys(page))
}

func TestTheDescriptionHasARowForEveryType(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	var m mo.EventManager
	require.NoError(t, property.DefaultCollector(c).RetrieveOne(ctx(t), *c.ServiceContent.EventManager, nil, &m))
	rows := map[string]string{}
	for _, info := range m.Description.EventInfo {
		id, _, _ := strings.Cut(info.FullFormat, "|")
		if info.Key != "EventEx" {
			id = info.Key
		}
		rows[id] = info.Category
	}
	assert.Greater(t, len(rows), 450)
	assert.Equal(t, "info", rows["VmPoweredOnEvent"])
	assert.Equal(t, "error", rows["esx.problem.net.connectivity.lost"])
	assert.Equal(t, int32(32), m.MaxCollector)
	assert.IsType(t, &types.UserLoginSessionEvent{}, m.LatestEvent)

	category, err := event.NewManager(c).EventCategory(ctx(t), &types.VmPoweredOnEvent{})
	require.NoError(t, err)
	assert.Equal(t, "info", category)
}

func TestAPostedEventIsTheSessions(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	posted := &types.GeneralUserEvent{}
	posted.Message, posted.UserName = "hello", "somebody else"
	require.NoError(t, event.NewManager(c).PostEvent(ctx(t), posted))
	_, err := methods.LogUserEvent(ctx(t), c, &types.LogUserEvent{
		This: *c.ServiceContent.EventManager, Entity: c.ServiceContent.RootFolder, Msg: "there",
	})
	require.NoError(t, err)

	events := sim.Journal().Events()
	require.Len(t, events, 3)
	for i, message := range []string{"hello", "there"} {
		e := events[i+1].(*types.GeneralUserEvent)
		assert.Equal(t, message, e.Message)
		assert.Equal(t, "user", e.UserName)
		assert.Equal(t, int32(i+2), e.Key)
		assert.WithinDuration(t, time.Now(), e.CreatedTime, time.Minute)
	}
}
