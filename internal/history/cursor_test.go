package history_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// kind is the history of events.
var kind = history.Kind{Create: event.CreateCollector, ReadNext: event.ReadNext}

// place is a simulated vCenter behind a line that can break, and a session with it.
type place struct {
	sim     *simulator.Simulator
	proxy   *fault.Proxy
	session *vsphere.Session
}

func newPlace(t *testing.T) *place {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	proxy, err := fault.New(sim.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	sessions := vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: proxy.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
		APITimeout: 5 * time.Second, Wait: time.Second,
	})
	t.Cleanup(func() { assert.NoError(t, sessions.Close(context.Background())) })
	session, err := sessions.Acquire(t.Context())
	require.NoError(t, err)
	return &place{sim: sim, proxy: proxy, session: session}
}

// open begins a cursor with the oldest event.
func (p *place) open(t *testing.T, settings history.Settings) *history.Cursor {
	t.Helper()
	settings.PageSize, settings.APITimeout = 1000, 5*time.Second
	cursor, err := history.Open(t.Context(), p.session, kind, time.Time{}, settings)
	require.NoError(t, err)
	return cursor
}

// drain reads to the tail and counts.
func drain(t *testing.T, c *history.Cursor) (count int) {
	t.Helper()
	for {
		page, err := c.Read(t.Context())
		require.NoError(t, err)
		events, err := event.Decode(page.Body)
		require.NoError(t, err)
		if len(events) == 0 {
			return count
		}
		count += len(events)
	}
}

func (p *place) append(n int) {
	for range n {
		p.sim.Append(&types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Message: "hello"}})
	}
}

func TestACursorReadsToTheTailAndGoesOn(t *testing.T) {
	p := newPlace(t)
	p.append(2500)
	c := p.open(t, history.Settings{Poll: time.Minute, Wait: time.Second})
	assert.Equal(t, p.sim.Journal().Len(), drain(t, c))
	p.append(7)
	assert.Equal(t, 7, drain(t, c))
	require.NoError(t, c.Close(t.Context()))
}

// vCenter has moved the collector's position though the answer was lost: a cursor that read on would skip it.
func TestAReadThatFailedIsNotReadOn(t *testing.T) {
	p := newPlace(t)
	p.append(10)
	c := p.open(t, history.Settings{Poll: time.Minute, Wait: time.Second})
	p.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.Lose()})
	_, err := c.Read(t.Context())
	require.Error(t, err)
	assert.True(t, vsphere.IsTransport(err))
	_, err = c.Read(t.Context())
	require.ErrorIs(t, err, history.ErrBroken)
	require.NoError(t, c.Close(t.Context()))
}

func TestTheDoorbellRingsForABurst(t *testing.T) {
	p := newPlace(t)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second})
	defer func() { require.NoError(t, c.Close(t.Context())) }()
	drain(t, c)
	for range 3 {
		p.append(5000)
		got := 0
		for got < 5000 {
			require.NoError(t, c.Wait(within(t, 5*time.Second)))
			got += drain(t, c)
		}
		assert.Equal(t, 5000, got)
	}
	assert.Less(t, p.sim.Stats().Calls["WaitForUpdatesEx"], 100, "a burst is one ring, or a few")
}

func TestThePollIsDueWithoutADoorbell(t *testing.T) {
	p := newPlace(t)
	p.sim.SetDoorbell(false)
	c := p.open(t, history.Settings{Poll: 30 * time.Millisecond, Wait: time.Second})
	defer func() { require.NoError(t, c.Close(t.Context())) }()
	drain(t, c)
	p.append(1)
	got := 0
	for got == 0 {
		require.NoError(t, c.Wait(within(t, 5*time.Second)))
		got = drain(t, c)
	}
	assert.Equal(t, 1, got)
}

// A doorbell whose line breaks is built anew, and rings again.
func TestABrokenDoorbellIsMended(t *testing.T) {
	p := newPlace(t)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second})
	defer func() { require.NoError(t, c.Close(t.Context())) }()
	drain(t, c)
	for range 5 {
		p.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1, Fault: fault.Lose()})
		p.append(1)
		for got := 0; got == 0; got = drain(t, c) {
			require.NoError(t, c.Wait(within(t, 10*time.Second)))
		}
		p.proxy.Clear()
	}
	assert.LessOrEqual(t, p.sim.Stats().Objects.PropertyCollectors, 1)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	p := newPlace(t)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 { // a ring may be waiting
		if err := c.Wait(ctx); err != nil {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	require.NoError(t, c.Close(ctx), "on a context of its own")
	assert.Zero(t, p.sim.Stats().Objects)
}

// The second opinion is the newest event, whatever was read.
func TestLatest(t *testing.T) {
	p := newPlace(t)
	p.append(20)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second})
	defer func() { require.NoError(t, c.Close(t.Context())) }()
	body, err := c.Latest(t.Context())
	require.NoError(t, err)
	latest, err := event.DecodeLatestPage(body)
	require.NoError(t, err)
	require.Len(t, latest, 1)
	assert.Equal(t, p.sim.Stats().LastKey, latest[0].Key)

	for _, want := range []int{7, 1} { // and back to what the doorbell needs
		if want > 1 {
			body, err = c.LatestOf(t.Context(), int32(want))
		} else {
			body, err = c.Latest(t.Context())
		}
		require.NoError(t, err)
		latest, err = event.DecodeLatestPage(body)
		require.NoError(t, err)
		require.Len(t, latest, want)
	}
}

// To a session that is lost, vCenter answers with an object whose properties are missing: that is not an empty
// history.
func TestLatestOfALostSessionIsAnError(t *testing.T) {
	p := newPlace(t)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second})
	defer func() { _ = c.Close(t.Context()) }() // there is nothing left to destroy
	p.sim.KillSessions()
	body, err := c.Latest(t.Context())
	if err == nil {
		_, err = event.DecodeLatestPage(body)
	}
	require.Error(t, err)
}

// What could not be made leaves nothing behind.
func TestOpenThatFailsLeavesNothing(t *testing.T) {
	for _, method := range []string{"CreateCollectorForEvents", "SetCollectorPageSize"} {
		t.Run(method, func(t *testing.T) {
			p := newPlace(t)
			p.proxy.Add(fault.Rule{Method: method, Count: 1, Fault: fault.ResetBefore()})
			_, err := history.Open(t.Context(), p.session, kind, time.Time{}, history.Settings{PageSize: 1, Poll: time.Second, Wait: time.Second, APITimeout: time.Second})
			require.Error(t, err)
			assert.Zero(t, p.sim.Stats().Objects)
		})
	}
}

// A collector begins with everything of its begin, whose precision is that of a vCenter.
func TestBeginIsInclusive(t *testing.T) {
	p := newPlace(t)
	now := p.sim.Now().UTC().Truncate(time.Millisecond).Add(time.Hour)
	p.sim.Append(&types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Event: types.Event{CreatedTime: now}, Message: "on the dot"}})
	c, err := history.Open(t.Context(), p.session, kind, now.Add(900*time.Microsecond), history.Settings{PageSize: 10, Poll: time.Second, Wait: time.Second, APITimeout: time.Second})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close(t.Context())) }()
	assert.Equal(t, 1, drain(t, c), "a begin is floored to milliseconds")
}

var _ history.Session = (*vsphere.Session)(nil)

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
