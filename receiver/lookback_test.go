package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// vCenter's clock is an hour wrong, and ours is not: a start with a lookback goes by vCenter's all the same. By ours it would
// lie in vCenter's future, or bring an hour too much.
func TestALookbackOnAVCenterWithAWrongClock(t *testing.T) {
	for name, offset := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.settings.Events.Overlap, l.settings.Events.Lookback = time.Minute, 10*time.Minute
			l.sim.SetClockOffset(offset)
			l.appendAt(l.now().Add(-30*time.Minute), 5)
			l.forget()
			l.appendAt(l.now().Add(-5*time.Minute), 5)
			l.start()
			l.wantEachOnce()
			for _, uid := range l.forgotten() {
				assert.NotContains(t, l.sink.uids(), uid)
			}
		})
	}
}
