package receiver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// onVCenter9 is for what only a vCenter does whose history can be read by key.
func onVCenter9(t *testing.T, test func(*testing.T, *lab)) {
	t.Parallel()
	for _, order := range []journal.Order{byInsertion, byCreation} {
		t.Run(order.String(), func(t *testing.T) {
			l := newLabOf(t, simulator.Settings{Order: order, Version: "9.0.0"})
			l.settings.Events.PageSize, l.settings.Events.Overlap = 10, 2*time.Second
			test(t, l)
		})
	}
}

// Inserted later than the overlap after its creation, an event is behind every collector: it is found by its key, while the
// receiver runs and across a stop, and delivered once.
func TestEventsLaterThanTheOverlap(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		r := l.fromTheBeginning().start()
		l.appendSpread(50, time.Hour)
		l.wantEachOnce()
		l.quiet(1500 * time.Millisecond) // a pass, which sweeps
		for range 3 {
			l.appendAt(l.now().Add(-30*time.Minute), 3)
			l.append(2)
			l.wantEachOnce()
		}
		r.stop()
		l.appendAt(l.now().Add(-20*time.Minute), 25)
		l.append(5)
		l.start()
		l.wantEachOnce()
	})
}

// A vCenter that goes silent is read by key.
func TestAStallIsPassedByKey(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.fromTheBeginning().start()
		l.append(25)
		l.wantEachOnce()
		l.sim.Journal().SetStalled(true)
		for range 3 {
			l.append(15)
			l.wantEachOnce()
		}
		l.sim.Journal().SetStalled(false)
		l.append(5)
		l.wantEachOnce()
		assert.NotZero(t, l.logs.FilterMessageSnippet("interrupted").Len(), "a stall is told")
	})
}

// Hidden pages are passed by key, too.
func TestHiddenPagesArePassedByKey(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetHiding(journal.Sticks)
		l.appendSpread(25, time.Minute)
		l.appendHidden(57, 10*time.Second)
		l.append(25)
		l.appendHidden(31, 0)
		l.append(1)
		l.fromTheBeginning().start()
		l.wantEachOnce()
	})
}

// A sweep that is interrupted goes on where it was, and delivers nothing twice.
func TestASweepOverABadLine(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.fromTheBeginning().start()
		l.appendSpread(30, time.Minute)
		l.wantEachOnce()
		l.proxy.Add(fault.Rule{Method: "QueryEvents", Probability: 1. / 3, Fault: fault.Cut(-1)})
		l.quiet(1500 * time.Millisecond)
		for range 4 {
			l.appendAt(l.now().Add(-30*time.Minute), 23)
			l.wantEachOnce()
		}
	})
}

// Keys that begin again do not hide what comes.
func TestKeysThatStartAgainUnderASweep(t *testing.T) {
	onVCenter9(t, func(t *testing.T, l *lab) {
		l.sim.Journal().SetNextKey(5000)
		l.fromTheBeginning().start()
		l.append(30)
		l.wantEachOnce()
		l.restored()
		l.sim.Journal().SetNextKey(100)
		l.append(30)
		l.wantEachOnce()
		l.quiet(1500 * time.Millisecond)
		l.append(30)
		l.wantEachOnce()
	})
}

// A vCenter that says it speaks the version, and refuses to read by key, is read as any other.
func TestAVCenter9ThatDoesNotReadByKey(t *testing.T) {
	l := newLabOf(t, simulator.Settings{Version: "9.0.0"})
	l.settings.Events.Overlap = time.Second
	l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.Status(http.StatusInternalServerError, "")})
	l.fromTheBeginning().start()
	l.append(5)
	eventually(t, "a try", func() bool { return l.proxy.Count("QueryEvents").Requests > 0 })
	l.append(5)
	l.wantEachOnce()
}
