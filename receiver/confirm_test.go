package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// Where a filter in vCenter matches nothing, the position moves because vCenter has other events to show. They are looked at with
// the one event collector that there may be at a time: a vCenter that gives out no second one is no obstacle.
func TestAFilterThatMatchesNothingTakesNoSecondCollector(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 10
		l.sim.SetMaxCollectors(1)
		l.filter(event.FilterSettings{Types: []string{"esx.problem.x"}}).fromTheBeginning()
		l.start()
		l.pinned()
		for day := 1; !l.readTo().After(l.now().Add(-time.Hour)); day++ {
			require.Less(t, day, 10, "the position must move: %s", l.log())
			l.sim.SetClockOffset(time.Duration(day) * 24 * time.Hour)
			l.sim.KillSessions()
			l.pinned()
			for range 15 {
				l.addUnwanted(l.poweredOff("bob"))
			}
			l.quiet(2 * time.Second)
		}
		l.add(l.problem()) // and nothing is overlooked
		l.wantEachOnce()
		assert.NotContains(t, l.log(), "stalled")
	})
}
