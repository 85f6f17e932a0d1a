package receiver_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

// vCenter counts what it compresses in a burst, and does not store it: that its keys have holes is usual, and no reason to
// tell of a gap, of a stall, or of keys that begin anew.
func TestHolesInTheKeysAreNoGap(t *testing.T) {
	test := func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 10
		r := l.fromTheBeginning().start()
		for range 5 {
			l.append(7)
			l.sim.Journal().SkipKeys(100_000)
			l.append(7)
			l.wantEachOnce()
		}
		r.stop()
		l.sim.Journal().SkipKeys(100_000)
		l.append(7)
		r = l.start()
		l.wantEachOnce()
		r.stop()
		assert.Empty(t, l.gaps())
		for _, alarm := range []string{"counts its events anew", "stalled", "returns nothing", "gap"} {
			assert.Zero(t, l.logs.FilterMessageSnippet(alarm).Len(), alarm)
		}
		l.wantInOrder()
	}
	onBothOrders(t, test)
	t.Run("read by key", func(t *testing.T) { test(t, newLabOf(t, simulator.Settings{Version: "9.0.0"})) })
}
