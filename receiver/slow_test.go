package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// A consumer that is slower than vCenter must not fill the memory with what it has not taken yet: there is one page beside
// the one that is being delivered, however long the backlog is.
func TestASlowConsumerDoesNotFillTheMemory(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 50
		l.appendSpread(2000, time.Hour)
		most := 0
		l.sink.obey(func(try int, _ plog.Logs) error {
			time.Sleep(10 * time.Millisecond)
			most = max(most, l.reads()-try)
			return nil
		})
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		r.stop()
		assert.LessOrEqual(t, most, 1, "pages that were asked for, beyond those that are delivered or on their way")
	})
}
