package receiver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// A page that is not full is the last one if it is young, and the pass has come beyond where the position was. An event of a host whose
// clock is ahead makes a page young that was delivered long ago.
func TestAPageThatIsNotFull(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	pageOf := func(n int, ages ...time.Duration) (events []event.Event) {
		for i := range n {
			events = append(events, event.Event{Key: int32(i), Created: now.Add(-ages[i%len(ages)]), Timed: true})
		}
		return events
	}
	const overlap = 8 * time.Minute
	begun := event.NewPass(now.Add(-15*time.Minute), now, now, overlap)
	beyond := begun.Settle(pageOf(9, 4*time.Minute), now, true).Settle(pageOf(9, 3*time.Minute), now, true)
	for name, c := range map[string]struct {
		events []event.Event
		pass   event.Pass
		ends   bool
	}{
		"empty":                           {pageOf(0), begun, true},
		"full":                            {pageOf(10, time.Minute), beyond, false},
		"old":                             {pageOf(9, 3*time.Minute), beyond, false},
		"young":                           {pageOf(9, time.Minute), beyond, true},
		"young, by a clock that is ahead": {pageOf(9, 10*time.Minute, time.Minute), begun, false},
	} {
		s := &eventStream{settings: Settings{Events: EventSettings{Overlap: overlap}}, pass: c.pass, from: now.Add(-7 * time.Minute)}
		assert.Equal(t, c.ends, s.ends(c.events, history.Page{Size: 10, Asked: now}), name)
	}
}
