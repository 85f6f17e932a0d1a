package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// hidden appends events that the account may not see, evenly spread from one time to another, without the latter.
func (p *place) hidden(n int, from, to time.Time) {
	for i := range n {
		created := from.Add(to.Sub(from) * time.Duration(i) / time.Duration(n))
		p.sim.Append(journal.Hidden{BaseEvent: &types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Event: types.Event{CreatedTime: created}}}})
	}
}

func (p *place) visible(created time.Time) {
	p.sim.Append(&types.GeneralUserEvent{GeneralEvent: types.GeneralEvent{Event: types.Event{CreatedTime: created}}})
}

// Behind pages that are hidden as a whole is the first begin that answers, to the millisecond, and not the one that the
// search happens to meet.
func TestTheEarliestBeginThatAnswers(t *testing.T) {
	p := newPlace(t)
	p.sim.Journal().SetHiding(journal.Sticks)
	start := p.sim.Now().UTC().Truncate(time.Millisecond).Add(time.Hour) // behind what the simulator said itself
	first, last := start.Add(40*time.Second), start.Add(100*time.Second)
	p.hidden(400, start, first)
	p.visible(first)
	p.hidden(600, first.Add(time.Millisecond), last)
	p.visible(last)
	settings := history.Settings{PageSize: 20, APITimeout: 5 * time.Second}
	where := history.Search{After: start, To: last, Step: 500 * time.Millisecond}
	again := where
	begin, found, err := where.Earliest(t.Context(), p.session, kind, settings, answers)
	require.NoError(t, err)
	require.True(t, found)
	page, err := history.Oldest(t.Context(), p.session, kind, begin, settings)
	require.NoError(t, err)
	events, err := event.Decode(page.Body)
	require.NoError(t, err)
	assert.Equal(t, first, events[0].Created)
	assert.LessOrEqual(t, first.Sub(begin), 20*100*time.Millisecond, "no more than the page before it takes")
	assert.Zero(t, p.sim.Stats().Objects, "nothing is left")

	p.sim.Journal().SetStalled(true)
	_, found, err = again.Earliest(t.Context(), p.session, kind, settings, answers)
	require.NoError(t, err)
	assert.False(t, found)
}

// Over a line that breaks again and again a search gets ahead all the same: what was found out is not asked again.
func TestASearchOverABadLine(t *testing.T) {
	p := newPlace(t)
	p.sim.Journal().SetHiding(journal.Sticks)
	start := p.sim.Now().UTC().Truncate(time.Millisecond).Add(time.Hour)
	first := start.Add(30 * time.Second)
	p.hidden(400, start, first)
	p.visible(first)
	p.proxy.Add(fault.Rule{Probability: 1. / 3, Fault: fault.ResetBefore()})
	where := history.Search{After: start, To: first, Step: time.Second}
	for attempts := 1; ; attempts++ {
		require.Less(t, attempts, 60)
		after := where.After
		begin, found, err := where.Earliest(t.Context(), p.session, kind, history.Settings{PageSize: 20, APITimeout: 5 * time.Second}, answers)
		if err != nil {
			require.False(t, where.After.Before(after))
			continue
		}
		require.True(t, found)
		assert.WithinRange(t, begin, first.Add(-2*time.Second), first)
		return
	}
}

func answers(body []byte) (bool, error) {
	events, err := event.Decode(body)
	return len(events) > 0, err
}
