package receiver

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// Keys are given up in the middle of a pass, over their limit. The collector that goes on after a cut does not return their events
// once more, though the pass has begun before them.
func TestACutAfterKeysWereGivenUp(t *testing.T) {
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, sim.Close()) }()
	sessions := vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: sim.URL(), Username: "user", APITimeout: time.Minute, Wait: time.Second,
		Password: func() (string, error) { return "pass", nil },
	})
	defer func() { assert.NoError(t, sessions.Close(context.Background())) }()
	session, err := sessions.Acquire(t.Context())
	require.NoError(t, err)

	const overlap = 10 * time.Minute
	s := newEventStream(Settings{
		APITimeout: time.Minute, Wait: time.Second,
		Events: EventSettings{Overlap: overlap, PageSize: 1000, PollInterval: time.Minute},
	}, nil, newOwnTelemetry(t), zap.NewNop())
	present := session.Now()
	s.session, s.now, s.leftOut = session, session.Now, dedup.NewWindow(event.WindowLimit)
	s.position = event.Cold(sim.InstanceUUID(), present.Add(-time.Hour), present).Advance(present)
	s.pass = event.NewPass(s.position.Begin(overlap), time.Now(), present, overlap)
	for range 5 {
		sim.Append(&types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Event: types.Event{CreatedTime: present.Add(-overlap / 2)}}})
	}
	first := readPage(t, s)
	require.GreaterOrEqual(t, len(first.fresh), 5)
	s.settled(first, s.batch(first.fresh), true, s.position)
	require.Empty(t, readPage(t, s).fresh, "they are known")

	more := event.WindowLimit - s.position.Delivered.Len() + 1
	for i := range more {
		s.position.Delivered.Mark(dedup.Key{ID: math.MaxInt32 + 1 + int64(i), Created: present.Add(-overlap / 5)})
	}
	require.Equal(t, 5, s.position.Delivered.Dropped())
	s.cut()
	assert.Empty(t, readPage(t, s).fresh)
}

// readPage is the first page of the pass's next collector.
func readPage(t *testing.T, s *eventStream) page[event.Event] {
	t.Helper()
	src, err := s.open(t.Context(), s.session)
	require.NoError(t, err)
	defer func() { assert.NoError(t, src.Close(context.Background())) }()
	raw, err := src.Read(t.Context())
	require.NoError(t, err)
	p, err := s.decode(raw)
	require.NoError(t, err)
	return p
}
