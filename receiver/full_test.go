package receiver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The disk is full at the very first start, for hours: not even the pin of the start can be stored. What happens meanwhile
// happens after the first connect, and is delivered once the disk takes the record; also when the session is lost on top.
func TestAFullDiskAtTheFirstStartLosesNothing(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.disk.obey(func(int) error { return errDisk })
		l.start()
		eventually(t, "the reason", func() bool { return l.host.last() != nil && strings.Contains(l.host.last().Error(), errDisk.Error()) })
		l.append(20)
		l.sim.KillSessions()
		l.append(20)
		written := l.disk.written()
		eventually(t, "another try", func() bool { return l.disk.written() > written })
		assert.Zero(t, l.sink.count())
		l.disk.obey(nil)
		l.wantEachOnce()
		eventually(t, "status OK", l.host.ok)
	})
}
