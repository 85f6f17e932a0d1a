package receiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// appendMalformed appends an event that is not well-formed XML.
func (l *lab) appendMalformed() {
	l.add(journal.NewMalformed("VmPoweredOnEvent", types.Event{CreatedTime: l.now(), FullFormattedMessage: "on"}))
}

// An event that is not well-formed XML condemns every page that it is on. It is read around, one event at a time, and
// delivered with what can be told of it; the stream goes on at its pace, in every pass that meets the event again, and after
// a restart.
func TestAnEventThatIsNotWellFormed(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 10
		l.settings.Events.Overlap = 4 * time.Second
		l.appendSpread(25, time.Second)
		l.appendMalformed()
		l.append(25)
		r := l.fromTheBeginning().start()
		l.wantEachOnce()
		for range 5 {
			l.quiet(600 * time.Millisecond) // a pass or two
			l.append(1)
			l.wantEachOnce()
		}
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("not well-formed").Len())
		reads := l.reads()
		l.append(100)
		l.wantEachOnce()
		assert.Less(t, l.reads()-reads, 60, "page by page again")
		r.stop()
		l.append(5)
		l.start()
		l.wantEachOnce()
		l.wantInOrder()
	})
}

// More than one of them, and at the places where pages begin and end.
func TestEventsThatAreNotWellFormed(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 5
		for range 6 {
			l.appendMalformed()
			l.append(4)
		}
		l.appendMalformed()
		l.fromTheBeginning().start()
		l.wantEachOnce()
		l.appendMalformed()
		l.append(1)
		l.wantEachOnce()
	})
}

// Its record says that fields of it are missing, and why.
func TestTheRecordOfAnEventThatIsNotWellFormed(t *testing.T) {
	l := newLab(t, byInsertion)
	l.appendMalformed()
	var why, name string
	l.watch(func(record plog.LogRecord) {
		if told, is := record.Attributes().Get("vcenter.event.unreadable"); is {
			why, name = told.Str(), record.EventName()
		}
	}, accept)
	r := l.fromTheBeginning().start()
	l.wantEachOnce()
	r.stop()
	assert.Contains(t, why, "malformed XML")
	assert.Equal(t, "vim.event.VmPoweredOnEvent", name)
}

// The line breaks while an event that is not well-formed is read around: the way around goes on where it was.
func TestACutOnTheWayAroundAnEventThatIsNotWellFormed(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 60
		l.appendSpread(105, time.Second)
		l.appendMalformed()
		l.quiet(2 * time.Millisecond)
		l.append(5)
		l.proxy.Add(fault.Rule{Method: "ReadNextEvents", Probability: 1. / 5, Fault: fault.Cut(-1)})
		l.fromTheBeginning().start()
		l.wantEachOnce()
	})
}
