package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// A glance shows the ends of the history, and leaves nothing in vCenter: each session may have 32 collectors.
func TestAGlanceLeavesNothing(t *testing.T) {
	p := newPlace(t)
	p.append(30)
	all := p.sim.Journal().Events()
	settings := history.Settings{PageSize: 2, APITimeout: 5 * time.Second}
	for range 40 {
		page, err := history.Oldest(t.Context(), p.session, kind, time.Time{}, settings)
		require.NoError(t, err)
		oldest, err := event.Decode(page.Body)
		require.NoError(t, err)
		require.Len(t, oldest, 2)
		assert.Equal(t, all[0].GetEvent().Key, oldest[0].Key)

		body, err := history.Newest(t.Context(), p.session, kind, time.Time{}, settings)
		require.NoError(t, err)
		newest, err := event.DecodeLatestPage(body)
		require.NoError(t, err)
		require.Len(t, newest, 2)
		assert.Equal(t, all[len(all)-1].GetEvent().Key, newest[0].Key)
	}
	assert.Zero(t, p.sim.Stats().Objects)
}

func TestAGlanceThatFailsLeavesNothing(t *testing.T) {
	p := newPlace(t)
	p.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.Lose()})
	_, err := history.Oldest(t.Context(), p.session, kind, time.Time{}, history.Settings{PageSize: 2, APITimeout: 5 * time.Second})
	require.ErrorContains(t, err, "read history")
	assert.Zero(t, p.sim.Stats().Objects)
}
