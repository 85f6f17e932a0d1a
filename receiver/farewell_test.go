package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Once a stop was asked for, nothing more is read: it could only be thrown away.
func TestNothingIsReadAfterAStop(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.PageSize = 10
	l.append(200)
	held, release := make(chan struct{}), make(chan struct{})
	l.sink.obey(func(try int, _ plog.Logs) error {
		if try == 1 {
			close(held)
			<-release
		}
		return nil
	})
	r := l.fromTheBeginning().start()
	<-held
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	l.quiet(100 * time.Millisecond)
	close(release)
	<-stopped
	assert.LessOrEqual(t, l.reads(), 2, "the page of the batch, and the one read ahead")
	assert.LessOrEqual(t, l.sink.tried(), 1, "and no other batch is sent")
	l.start()
	l.wantEachOnce()
}

// A consumer that gives the batch back when the grace ends: it is sent again by the next start, once, and as it was.
func TestABatchThatIsGivenBackIsSentOnceMore(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(10)
	entered := make(chan struct{})
	l.sink.obey(func(try int, _ plog.Logs) error {
		if try == 1 {
			close(entered)
		}
		return errRefused
	})
	r := l.fromTheBeginning().start()
	<-entered
	r.stop()
	l.wantNothingLeftInVCenter()
	l.sink.obey(nil)
	l.start()
	l.wantEachOnce()
	l.wantSameBytes()
}
