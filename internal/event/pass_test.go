package event_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at makes events created that many seconds after noon.
func at(seconds ...float64) []event.Event {
	events := make([]event.Event, len(seconds))
	for i, s := range seconds {
		events[i] = event.Event{Key: int32(i + 1), Keyed: true, Timed: true, Created: after(s)}
	}
	return events
}

func after(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

func TestFrontier(t *testing.T) {
	type read struct {
		created []float64
		asked   float64
	}
	tests := map[string]struct {
		begin float64
		reads []read
		want  float64
	}{
		"nothing read":                   {begin: 0, want: 0},
		"one page proves its begin":      {reads: []read{{[]float64{1, 2, 3}, 100}}, want: 0},
		"the next page proves the first": {reads: []read{{[]float64{1, 2, 3}, 100}, {[]float64{4, 5}, 100}}, want: 3},
		"equal times across two pages":   {reads: []read{{[]float64{1, 3}, 100}, {[]float64{3, 3}, 100}}, want: 3},
		"an event from the future at the end of a page does not count": {
			reads: []read{{[]float64{1, 3600}, 100}, {[]float64{2, 3}, 100}}, want: 2},
		"nor does a page of them": {
			reads: []read{{[]float64{1, 2}, 100}, {[]float64{3600}, 100}, {[]float64{3700}, 100}}, want: 100},
		"an old event inserted late does not move it back": {
			reads: []read{{[]float64{1, 9}, 100}, {[]float64{10, 20}, 100}, {[]float64{2, 30}, 100}}, want: 9},
		"an event without a time is passed over": {
			reads: []read{{[]float64{1, 9}, 100}, {nil, 100}, {[]float64{10}, 100}}, want: 9},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pass := newPass(after(test.begin))
			for _, r := range test.reads {
				pass = pass.Settle(at(r.created...), after(r.asked), true)
			}
			assert.Equal(t, after(test.want), pass.Frontier())
		})
	}
}

// Events that are read one by one are no pages of their own.
func TestFrontierOverAPageInParts(t *testing.T) {
	pass := newPass(noon).Settle(at(1, 2), after(100), true)
	for _, created := range []float64{3600, 3601, 3, 4} {
		pass = pass.Part(at(created), after(5000), true, 10)
	}
	assert.Equal(t, noon, pass.Frontier())
	assert.Equal(t, after(3601), pass.Edge())
	assert.Equal(t, after(2), pass.Part(at(5), after(5000), true, 5).Frontier(), "they are one, once they are as many")
	pass = pass.Settle(at(5), after(5000), true)
	assert.Equal(t, after(2), pass.Frontier(), "the parts are one page with what ends it")
	pass = pass.Settle(at(6), after(5000), true)
	assert.Equal(t, after(6), pass.Frontier())
}

// A collector that breaks among events that are read one by one is followed by one that begins near the last of them. The position
// stays where the pages are.
func TestACutAmongEventsThatAreReadOneByOne(t *testing.T) {
	pass := newPass(noon).Settle(at(1, 2), after(5000), true)
	for _, created := range []float64{3000, 3001, 3002} {
		pass = pass.Part(at(created), after(5000), true, 10)
	}
	pass = pass.Cut()
	assert.WithinRange(t, pass.Reopen(), after(2400), after(3001))
	assert.Equal(t, noon, pass.Proven(after(5000)))
}

// What a pass has not come to can be older than its edge, by as much as that is dated ahead.
func TestUnread(t *testing.T) {
	pass := newPass(time.Time{}).Settle(at(3, 3600), after(5000), true)
	assert.Equal(t, after(3), pass.Unread())
	assert.Equal(t, after(3600), pass.Edge())
	assert.Equal(t, after(3), pass.Settle(at(3, 4), after(5000), true).Unread())
}

func TestFrontierFromTheBeginningOfTheHistory(t *testing.T) {
	pass := newPass(time.Time{})
	assert.True(t, pass.Reopen().IsZero())
	pass = pass.Settle(at(1, 2), after(100), true)
	assert.True(t, pass.Frontier().IsZero(), "the first page may end with an event from the future")
	assert.True(t, pass.Cut().Reopen().IsZero())
	pass = pass.Settle(at(3, 4), after(100), true)
	assert.Equal(t, after(2), pass.Frontier())
}

// A pass that is cut goes on an overlap before its frontier, where nothing can be left out. Where that brings nothing
// new, it goes on ever nearer: on a bad line, or with a burst in the slack, the same pages would be read for ever.
func TestACutPassGoesOn(t *testing.T) {
	pass := newPass(noon).
		Settle(at(3600), after(9000), true).Settle(at(3601), after(9000), true)
	var reopened []float64
	for range 10 {
		pass = pass.Cut()
		reopened = append(reopened, pass.Reopen().Sub(noon).Seconds())
	}
	assert.Equal(t, []float64{3000, 3595, 3597.5, 3598.75, 3599.375, 3599.6875, 3599.84375, 3599.921875, 3601, 3601}, reopened)
}

func TestACutPassNeverGoesBehindItsBegin(t *testing.T) {
	assert.Equal(t, noon, newPass(noon).Cut().Reopen())
}

// In order of insertion, what was inserted late after a cut is behind a collector that goes on with little slack. The
// next pass must be able to find it: the position waits there.
func TestThePositionWaitsAtTheFirstHole(t *testing.T) {
	pass := newPass(noon).Settle(at(10), after(1000), true).Settle(at(20), after(1000), true).Cut()
	assert.Equal(t, after(50), pass.Proven(after(50)), "the collector that goes on reads the whole overlap again")
	pass = pass.Cut().Settle(at(30), after(1000), true).Settle(at(40), after(1000), true).Cut()
	assert.Equal(t, after(10), pass.Proven(pass.Frontier()))
	assert.Equal(t, after(10), pass.Proven(event.TailAt(after(1000))))
}

// A collector that broke before it brought anything has left nothing out.
func TestACutBeforeTheFirstPageIsNoHole(t *testing.T) {
	pass := newPass(noon).Cut().Cut().Cut()
	assert.Equal(t, noon, pass.Reopen())
	assert.Equal(t, after(50), pass.Proven(after(50)))
}

// A batch is refused for hours, and what is inserted late meanwhile is behind the cursor: the next pass must not begin
// after it.
func TestThePositionWaitsForTheNextPass(t *testing.T) {
	pass := newPass(noon).Settle(at(10), after(9000), true).Settle(at(8000), after(9000), true)
	assert.Equal(t, after(10), pass.Proven(pass.Frontier()))
	pass = pass.Tail(after(9000))
	assert.Equal(t, after(overlap.Seconds()/2), pass.Proven(pass.Frontier()))
}

// After a confirmed tail a collector that breaks costs one overlap, and not the whole pass.
func TestACutAtTheTailGoesOnThere(t *testing.T) {
	pass := newPass(noon).Settle(at(10), after(9000), true).Tail(after(8995)).Cut()
	assert.Equal(t, after(8995).Add(-overlap), pass.Reopen())
}

// Nor does it go on in vCenter's future, or in its present, where an event that is dated ahead stands before others that are still to
// be read.
func TestACutPassDoesNotGoOnInTheFuture(t *testing.T) {
	pass := newPass(noon).Settle(at(3600, 1, 2), after(10), true)
	for range 12 {
		pass = pass.Cut()
	}
	assert.Equal(t, after(2), pass.Reopen())
}

func TestPassDue(t *testing.T) {
	assert.False(t, event.Pass{}.Running())
	pass := newPass(noon)
	assert.True(t, pass.Running())
	assert.False(t, pass.Due(after(overlap.Seconds()/2-1)))
	assert.True(t, pass.Due(after(overlap.Seconds()/2)))
}

const overlap = 10 * time.Minute

// newPass starts at noon, by all clocks.
func newPass(begin time.Time) event.Pass { return event.NewPass(begin, noon, noon, overlap) }
