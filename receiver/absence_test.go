package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// vCenter's clock is set back while the receiver is stopped, and has caught up with the position when it starts again: what was
// created in between with times that were read before is delivered.
func TestAClockThatWasSetBackAndHasCaughtUp(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		r := l.fromTheBeginning().start()
		l.catchUp()
		l.wantEachOnce()
		r.stop()

		readTo := l.readTo()
		l.sim.SetClockOffset(-8 * time.Second)
		l.append(5)
		eventually(t, "vCenter's clock behind the position and the overlap", func() bool { return l.now().After(readTo.Add(2 * time.Second)) })
		r = l.start()
		l.wantAll()
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("clock was set back").Len())
		l.committed()
		r.stop()

		l.start()
		l.append(1)
		l.wantAll()
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("clock was set back").Len(), "that is known")
	})
}

// The same while the receiver runs, and a batch is held for so long that no pass has begun meanwhile.
func TestAClockThatWasSetBackWhileABatchWasHeld(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap = time.Second
		l.fromTheBeginning().start()
		l.catchUp()
		l.sink.obey(func(int, plog.Logs) error { return errRefused })
		tried := l.sink.tried()
		l.append(1)
		eventually(t, "a refusal", func() bool { return l.sink.tried() > tried })

		held := l.now()
		l.sim.SetClockOffset(-8 * time.Second)
		l.append(5)
		eventually(t, "vCenter's clock ahead again", func() bool { return l.now().After(held.Add(3 * time.Second)) })
		l.sink.obey(nil)
		l.wantAll()
	})
}

// catchUp waits until nearly the present was read, and that is stored.
func (l *lab) catchUp() {
	l.t.Helper()
	begun := l.now()
	eventually(l.t, "a position that is nearly the present", func() bool {
		l.append(1)
		l.quiet(300 * time.Millisecond)
		return l.readTo().After(begun)
	})
}
