package simulator_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

func TestOnlyPagesWithAMalformedEventCannotBeRead(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	sim.Journal().PruneOldest(1) // the login
	sim.Append(poweredOn(2)...)
	sim.Append(journal.NewMalformed("VmPoweredOnEvent", types.Event{}))
	sim.Append(poweredOn(2)...)

	for range 2 { // always
		hc := collector(t, c, types.EventFilterSpec{})
		_, err := hc.ReadNextEvents(ctx(t), 5)
		require.Error(t, err)
		assert.False(t, fault.Is(err, &types.SystemError{}), "%v", err)
		require.NoError(t, hc.Destroy(ctx(t)))
	}
	hc := collector(t, c, types.EventFilterSpec{})
	var broken []int
	for i := range 5 {
		page, err := hc.ReadNextEvents(ctx(t), 1)
		if err != nil {
			broken = append(broken, i)
			continue
		}
		assert.Len(t, page, 1)
	}
	assert.Equal(t, []int{2}, broken)
}

func TestAnEventWithoutKeyAndTimeIsTold(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	hc := collector(t, login(t, sim), types.EventFilterSpec{EventTypeId: []string{"GeneralEvent"}})
	require.NoError(t, sim.AppendRaw("GeneralEvent", "<message>hi</message>"))
	page, err := hc.ReadNextEvents(ctx(t), 5)
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, &types.GeneralEvent{Message: "hi"}, page[0])
}

func TestWhatIsHiddenIsNotTheLatestEvent(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	latest := func() types.BaseEvent {
		var m mo.EventManager
		require.NoError(t, property.DefaultCollector(c).RetrieveOne(ctx(t), *c.ServiceContent.EventManager, []string{"latestEvent"}, &m))
		return m.LatestEvent
	}
	sim.Append(poweredOn(1)...)
	assert.NotNil(t, latest())
	sim.Append(journal.Hidden{BaseEvent: poweredOn(1)[0]})
	assert.Nil(t, latest())
	page, err := event.NewManager(c).QueryEvents(ctx(t), types.EventFilterSpec{MaxCount: 1})
	require.NoError(t, err)
	assert.Empty(t, page)
}

func TestEventsCreatedUnderAClockThatWasSetBackCarryItsTime(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	sim.Append(poweredOn(1)...)
	sim.SetClockOffset(-time.Hour)
	sim.Append(poweredOn(1)...)
	events := sim.Recording().Events
	assert.InDelta(t, time.Hour, events[0].Created.Sub(events[1].Created), float64(time.Minute))
	assert.InDelta(t, 0, events[0].Inserted.Sub(events[1].Inserted), float64(time.Minute))
	assert.WithinDuration(t, events[1].Created, events[1].Clock, time.Minute)
}

// options asks the OptionManager.
func options(t *testing.T, c *vim25.Client, name string) map[string]any {
	t.Helper()
	found, err := object.NewOptionManager(c, *c.ServiceContent.Setting).Query(ctx(t), name)
	if fault.Is(err, &types.InvalidName{}) {
		return nil
	}
	require.NoError(t, err)
	values := map[string]any{}
	for _, o := range found {
		values[o.GetOptionValue().Key] = o.GetOptionValue().Value
	}
	return values
}

func TestRetentionIsSaidByTheOptions(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	old := poweredOn(1)
	old[0].GetEvent().CreatedTime = time.Now().Add(-25 * time.Hour)
	sim.Append(old...)
	is := func(days int32, on bool) map[string]any {
		return map[string]any{"event.maxAge": days, "event.maxAgeEnabled": on}
	}
	assert.Equal(t, is(30, true), options(t, c, "event.maxAge"))
	before := sim.Journal().Len()

	sim.SetRetention(47 * time.Hour)
	assert.Equal(t, is(2, true), options(t, c, "event.maxAge"))
	assert.Equal(t, before, sim.Journal().Len())
	sim.SetRetention(time.Hour)
	assert.Equal(t, is(1, true), options(t, c, "event.maxAge"))
	assert.Equal(t, before-1, sim.Journal().Len())
	sim.SetRetention(0)
	assert.Equal(t, is(1, false), options(t, c, "event.maxAge"))
	assert.Equal(t, map[string]any{"event.maxAgeEnabled": false}, options(t, c, "event.maxAgeEnabled"))
	assert.Nil(t, options(t, c, "no.such"))
	assert.NotEmpty(t, options(t, c, "VirtualCenter."), "vcsim's own are there too")

	var m mo.OptionManager
	require.NoError(t, property.DefaultCollector(c).RetrieveOne(ctx(t), *c.ServiceContent.Setting, []string{"setting"}, &m))
	assert.Contains(t, m.Setting, types.BaseOptionValue(&types.OptionValue{Key: "event.maxAgeEnabled", Value: false}))

	young := start(t, simulator.Settings{MaxAge: 24 * time.Hour})
	assert.Equal(t, is(1, true), options(t, login(t, young), "event.maxAge"))
}

func byKey(c *vim25.Client, start int32, forward bool, n int32) (*types.QueryEvents, *vim25.Client) {
	return &types.QueryEvents{
		This: *c.ServiceContent.EventManager, Filter: types.EventFilterSpec{EventTypeId: []string{"VmEvent"}, MaxCount: n},
		EventViewSpec: &types.EventManagerViewByStartId{StartEventId: start, IsForward: forward},
	}, c
}

func TestANewVCenterIsReadByKey(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{Version: "9.0.0"})
	c := login(t, sim)
	assert.Equal(t, "9.0.0.0", c.ServiceContent.About.ApiVersion)
	sim.Journal().SetNextKey(100)
	sim.Append(poweredOn(5)...)
	sim.Journal().SetStalled(true)
	read := func(start int32, forward bool, n int32) []int32 {
		query, c := byKey(c, start, forward, n)
		res, err := methods.QueryEvents(ctx(t), c, query)
		require.NoError(t, err)
		return keys(res.Returnval)
	}
	assert.Equal(t, []int32{100, 101}, read(0, true, 2))
	assert.Equal(t, []int32{102, 103, 104}, read(101, true, 1000))
	assert.Nil(t, read(104, true, 0))
	assert.Equal(t, []int32{104, 103}, read(2147480000, false, 2))
	assert.Equal(t, []int32{100}, read(101, false, 0))

	query, _ := byKey(c, -1, true, 0)
	_, err := methods.QueryEvents(ctx(t), c, query)
	assert.True(t, fault.Is(err, &types.InvalidArgument{}), "%v", err)
	query.EventViewSpec = &types.EventManagerEventViewSpec{}
	_, err = methods.QueryEvents(ctx(t), c, query)
	assert.True(t, fault.Is(err, &types.InvalidArgument{}), "%v", err)
	assert.Equal(t, map[string]any{"config.vpxd.event.maxEventId": int32(2147480000)}, options(t, c, "config.vpxd.event."))
}

func TestAnOldVCenterDoesNotKnowTheViewByKey(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	query, c := byKey(login(t, sim), 0, true, 10)
	_, err := methods.QueryEvents(ctx(t), c, query)
	assert.True(t, fault.Is(err, &types.InvalidRequest{}), "%v", err)
	query.EventViewSpec = nil
	_, err = methods.QueryEvents(ctx(t), c, query)
	require.NoError(t, err)
}

func TestASessionIsKilledInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	hc := collector(t, c, types.EventFilterSpec{})
	sim.KillSessionDuring("ReadNextEvents")
	_, err := methods.GetCurrentTime(ctx(t), c)
	require.NoError(t, err, "another call")
	_, err = hc.ReadNextEvents(ctx(t), 1)
	require.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	assert.Empty(t, sim.Sessions())
	assert.Equal(t, 1, sim.Stats().Calls["ReadNextEvents"])

	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	_, err = collector(t, c, types.EventFilterSpec{}).ReadNextEvents(ctx(t), 1)
	require.NoError(t, err, "only once")
}

func TestAnIdleSessionEnds(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	idle, waits := login(t, sim), login(t, sim)
	ended := waiting(t, sim, waits, collector(t, waits, onlyVMs).Reference())
	sim.SetIdleTimeout(50 * time.Millisecond)
	require.Eventually(t, func() bool { return len(sim.Sessions()) == 1 }, time.Minute, 10*time.Millisecond)
	_, err := methods.GetCurrentTime(ctx(t), idle)
	assert.True(t, fault.Is(err, &types.NotAuthenticated{}), "%v", err)
	assert.Equal(t, 1, sim.Stats().LostSessions)
	assert.Equal(t, "the session was idle for too long", sim.Recording().Logins[0].Why)

	sim.SetIdleTimeout(0)
	sim.Append(poweredOn(1)...)
	require.NoError(t, <-ended, "a long poll is no idleness")
}

func TestLimitsChangeWhileItRuns(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	first := collector(t, c, types.EventFilterSpec{})
	sim.SetMaxCollectors(1)
	_, err := event.NewManager(c).CreateCollectorForEvents(ctx(t), types.EventFilterSpec{})
	assert.True(t, fault.Is(err, &types.InvalidState{}), "%v", err)
	sim.SetMaxCollectors(0)
	_, err = first.ReadNextEvents(ctx(t), 1)
	require.NoError(t, err, "those that are there live on")

	w := watch(t, c, first.Reference())
	w.next(t)
	sim.SetCoalesce(time.Hour)
	ended := w.hang(t, ctx(t), sim)
	sim.Append(poweredOn(1)...)
	select {
	case err := <-ended:
		t.Fatalf("it rang: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	sim.KillSessions()
	assert.True(t, fault.Is(<-ended, &types.NotAuthenticated{}))
}

func TestTheMostThatLivedIsCounted(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	first, second := login(t, sim), login(t, sim)
	hc := collector(t, first, types.EventFilterSpec{})
	collector(t, first, types.EventFilterSpec{})
	collector(t, second, types.EventFilterSpec{})
	require.NoError(t, hc.Destroy(ctx(t)))
	require.NoError(t, session.NewManager(first).Logout(ctx(t)))
	sim.KillSessions()
	require.Error(t, session.NewManager(first).Login(ctx(t), url.UserPassword("user", "guess")))

	stats := sim.Stats()
	assert.Equal(t, simulator.Peak{Sessions: 2, Objects: simulator.Objects{EventCollectors: 3}}, stats.Peak)
	assert.Equal(t, simulator.Objects{}, stats.Objects)
	assert.Equal(t, []int{2, 1, 1, 1}, []int{stats.Logins, stats.Logouts, stats.LostSessions, stats.RefusedLogins})
}

func TestTheRecordingTellsWhatHappened(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{InstanceUUID: "one"})
	c := login(t, sim)
	sim.SetInstanceUUID("two")
	sim.Append(poweredOn(1)...)
	require.NoError(t, session.NewManager(c).Logout(ctx(t)))
	require.Error(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "guess")))

	r := sim.Recording()
	require.Len(t, r.Instances, 2)
	assert.Equal(t, []string{"one", "two"}, []string{r.Instances[0].UUID, r.Instances[1].UUID})
	require.Len(t, r.Events, 4)
	assert.Equal(t, []string{"one", "two", "two", "two"},
		[]string{r.Events[0].InstanceUUID, r.Events[1].InstanceUUID, r.Events[2].InstanceUUID, r.Events[3].InstanceUUID})
	assert.Equal(t, "VmPoweredOnEvent", r.Events[1].Class)
	require.Len(t, r.Logins, 2)
	in, refused := r.Logins[0], r.Logins[1]
	assert.Equal(t, "the session was logged out", in.Why)
	assert.False(t, in.Ended.Before(in.At))
	assert.NotEmpty(t, in.Session)
	assert.True(t, refused.Refused && refused.Ended.IsZero())
}

func TestTheOriginalPasswordComesBack(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	sim.SetPassword("other")
	c := connect(t, sim)
	require.Error(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
	sim.SetPassword("")
	require.NoError(t, session.NewManager(c).Login(ctx(t), url.UserPassword("user", "pass")))
}
