package receiver_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

var (
	errRefused = errors.New("back end is down")
	errDisk    = errors.New("no space left on device")
)

// The sink fails for good and the process ends: nothing of it may be remembered.
func TestRefusedBatchIsNotRemembered(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sink.obey(func(int, plog.Logs) error { return consumererror.NewPermanent(errRefused) })
		r := l.start()
		l.pinned()
		l.append(100)
		eventually(t, "tries", func() bool { return l.sink.tried() > 2 })
		r.stop()

		l.sink.obey(nil)
		l.append(100)
		l.start()
		l.wantEachOnce()
	})
}

// The process is killed when the sink has taken a batch and the position is not stored: that one batch is
// repeated, the same byte for byte, and nothing is missing.
func TestKilledBetweenAcceptAndCommit(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		r := l.start()
		l.pinned()
		l.append(300)
		l.wantEachOnce()
		l.committed()
		killed := l.disk.copy()
		l.append(40)
		l.wantEachOnce()
		r.stop()

		l.disk = killed // as if the commit of the last 40 had not happened
		l.start()
		l.append(1)
		l.wantAll()
		repeated := l.repeated()
		assert.LessOrEqual(t, len(repeated), 40+l.ownNoise())
		assert.NotEmpty(t, repeated)
		l.wantSameBytes()
	})
}

// The commit of an accepted batch fails, and the session is lost on top: the batch must not be delivered again.
func TestFailedCommitAndLostSessionDoNotDouble(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.start()
		l.pinned()
		l.append(50)
		l.wantEachOnce()
		l.committed()
		l.disk.obey(func(int) error { return errDisk })
		l.append(50)
		eventually(t, "the sink to have them", func() bool { return l.missing() == 0 })
		eventually(t, "the status to say so", func() bool { return l.host.last() != nil })
		before := l.sink.tried()
		l.sim.KillSessions()
		l.append(50)
		l.quiet(300 * time.Millisecond)
		assert.Equal(t, before, l.sink.tried(), "nothing is delivered while the position cannot be stored")
		l.disk.obey(nil)
		l.wantEachOnce()
		eventually(t, "status OK", l.host.ok)
	})
}

// A processor changes data in place before an exporter refuses it: the next try must not carry its output.
func TestTheSameBatchAgain(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(200)
	l.sink.obey(func(try int, logs plog.Logs) error {
		for _, record := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
			record.Body().SetStr("hash of " + record.Body().Str())
			record.Attributes().Clear()
		}
		if try <= 4 {
			return errRefused
		}
		return nil
	})
	l.fromTheBeginning().start()
	l.wantEachOnce()
	offered, _ := l.sink.seen()
	require.Greater(t, len(offered), 4)
	for _, again := range offered[1:5] {
		assert.Equal(t, offered[0].bytes, again.bytes)
	}
}

// While a batch is refused nothing else is read: vCenter's history is the buffer.
func TestARefusedBatchStopsReading(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(5000)
	l.sink.obey(func(int, plog.Logs) error { return errRefused })
	l.settings.Events.PageSize = 100
	l.fromTheBeginning().start()
	eventually(t, "tries", func() bool { return l.sink.tried() > 5 })
	assert.LessOrEqual(t, l.reads(), 2, "the page of the batch, and one read ahead")
	assert.ErrorIs(t, l.host.last(), errRefused)
	l.sink.obey(nil)
	l.wantEachOnce()
	eventually(t, "status OK", l.host.ok)
}

// A backlog leaves oldest first, in the order of the cursor, in batches that back ends take.
func TestOrderAndSizeOfABacklog(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.append(3000)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.wantInOrder()
		_, batches := l.sink.seen()
		for _, b := range batches {
			assert.LessOrEqual(t, b.size, 512<<10)
		}
	})
}

// A consumer that answers within the grace: its batch is not repeated by the next start.
func TestGracefulStopRepeatsNothing(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		held, release := make(chan struct{}), make(chan struct{})
		l.sink.obey(func(try int, _ plog.Logs) error {
			if try == 1 {
				close(held)
				<-release
			}
			return nil
		})
		l.append(100)
		r := l.fromTheBeginning().start()
		<-held
		stopped := make(chan struct{})
		go func() { r.stop(); close(stopped) }()
		l.quiet(50 * time.Millisecond)
		close(release)
		<-stopped
		assert.Zero(t, l.sink.busy(), "no Consume is in flight after Shutdown")
		assert.NotZero(t, l.sink.count())
		l.wantNothingLeftInVCenter()

		l.append(100)
		l.start()
		l.wantEachOnce()
	})
}

// A consumer that never answers: Shutdown waits for the grace, and gives the batch back.
func TestAStuckConsumerIsGivenItsGrace(t *testing.T) {
	l := newLab(t, byInsertion)
	stuck := &stuckSink{entered: make(chan struct{})}
	l.settings.Logs = stuck
	l.append(1)
	r := l.fromTheBeginning().start()
	<-stuck.entered
	began := time.Now()
	r.stop()
	assert.GreaterOrEqual(t, time.Since(began), 9*time.Second)
	assert.Less(t, time.Since(began), 20*time.Second)
	l.settings.Logs = l.sink
	l.start()
	l.wantEachOnce()
}

// The redelivered record is the same record, also from another process.
func TestSameUIDAndBytesAcrossRestarts(t *testing.T) {
	l := newLab(t, byInsertion)
	l.append(500)
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	r.stop()
	l.settings.Events.Position = "again" // a new name starts over
	l.start()
	eventually(t, "all of it again", func() bool { return len(l.repeated()) >= 500 })
	l.wantSameBytes()
}

// Some answers are cut while batches are refused and the disk is full at times, all by seed.
func TestEverythingAtOnce(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		seed := l.seed()
		l.sink.obey(func(try int, _ plog.Logs) error {
			if (uint64(try)+seed)%3 == 0 {
				return errRefused
			}
			return nil
		})
		l.disk.obey(func(write int) error {
			if write > 1 && (uint64(write)+seed)%4 == 0 {
				return errDisk
			}
			return nil
		})
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Probability: 0.3, Fault: fault.Cut(1000)})
		l.settings.Events.PageSize = 50
		l.appendSpread(500, time.Minute)
		l.fromTheBeginning().start()
		for i := range 10 {
			l.append(20)
			l.useful()
			l.pinned() // it has read something
			if i%2 == 0 {
				l.sim.KillSessions()
			}
		}
		l.wantEachOnce()
	})
}

// stuckSink ends only with its context.
type stuckSink struct {
	sink
	entered chan struct{}
}

func (s *stuckSink) ConsumeLogs(ctx context.Context, _ plog.Logs) error {
	close(s.entered)
	<-ctx.Done()
	return fmt.Errorf("gave up: %w", ctx.Err())
}

// Killed in the middle of a backlog that is far older than the overlap, and that a host with a fast clock leads: the position is no
// further than what was accepted, and the next start goes on there.
func TestKilledInABacklogBeyondTheOverlap(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 10
		l.append(1)
		l.appendSpread(100, time.Hour)
		l.sink.obey(func(try int, _ plog.Logs) error {
			if try > 3 {
				return errRefused
			}
			return nil
		})
		r := l.fromTheBeginning().start()
		eventually(t, "the fourth batch", func() bool { return l.sink.tried() > 4 })
		killed := l.disk.copy()
		r.stop()
		l.disk = killed
		l.sink.obey(nil)
		l.start()
		l.wantAll()
	})
}

// A pass begins where the position is, and not where the first one began.
func TestPassesDoNotReadTheHistoryAllOver(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 10
		l.appendSpread(500, time.Hour)
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.passes(2)
		reads := l.reads()
		l.passes(3)
		assert.Less(t, l.reads()-reads, 50, "less than the history has pages")
	})
}
