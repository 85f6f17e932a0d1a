package event_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// Another filter holds from the position on: the overlap before it is not read again, also after a second restart.
func TestAnotherFilterHoldsFromThePositionOn(t *testing.T) {
	p := event.Cold("uuid", noon, noon).Advance(noon.Add(time.Hour)).Refilter("new")
	assert.Equal(t, "new", p.Filter)
	assert.Equal(t, noon.Add(time.Hour), p.Begin(10*time.Minute))
	head, parts, err := p.Encode()
	assert.NoError(t, err)
	p, err = event.DecodePosition(event.PositionVersion, head, parts)
	assert.NoError(t, err)
	assert.Equal(t, "new", p.Filter)
	assert.Equal(t, noon.Add(time.Hour), p.Begin(10*time.Minute))
	assert.Equal(t, noon.Add(80*time.Minute), p.Advance(noon.Add(90*time.Minute)).Begin(10*time.Minute), "and then the overlap is whole again")
}

// An event is stamped before it is inserted. What came right after a read that found nothing, stamped a moment before it, does not
// lie before the position: another filter begins there, without the overlap.
func TestWhatIsInsertedRightAfterAnEmptyRead(t *testing.T) {
	asked := noon.Add(time.Hour)
	p := event.Cold("uuid", noon, noon).Advance(event.TailAt(asked)).Refilter("new")
	late := event.Event{Key: 7, Keyed: true, Timed: true, Created: asked.Add(-2 * time.Second)}
	assert.True(t, p.Begin(10*time.Minute).Before(late.Created))
	assert.False(t, p.Has(&late))
}
