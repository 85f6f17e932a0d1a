package event_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// An event without a time is lent that of its neighbours, which are others on another page: it is the same event.
func TestAnEventThatIsLentAnotherTimeIsKnown(t *testing.T) {
	untimed := func(created time.Time) []event.Event { return []event.Event{{Hash: 42, Created: created}} }
	p := event.Cold("uuid", noon, noon).Advance(after(1000))
	p = p.Mark(untimed(after(10)), after(1000)).Mark(at(990), after(1000))
	for _, lent := range []time.Time{after(10), after(0), after(999), {}} {
		assert.Empty(t, p.Fresh(untimed(lent)))
		assert.True(t, p.Has(&untimed(lent)[0]))
	}
	p.Prune(500*time.Second, after(800))
	assert.Empty(t, p.Fresh(untimed(after(600))), "its own time may be any up to that when it was read")
	assert.Len(t, p.Fresh([]event.Event{{Hash: 43, Created: after(10)}}), 1)
}

func TestAPageWithoutAnyTimeIsLentThatOfTheEventBefore(t *testing.T) {
	events := decode(t, `<returnval/><returnval><key>1</key></returnval>`)
	event.Lend(events, noon)
	assert.Equal(t, []time.Time{noon, noon}, []time.Time{events[0].Created, events[1].Created})
	events = decode(t, `<returnval/><returnval><key>1</key><createdTime>2026-11-02T08:00:00Z</createdTime></returnval>`)
	event.Lend(events, noon)
	assert.Equal(t, events[1].Created, events[0].Created)
}
