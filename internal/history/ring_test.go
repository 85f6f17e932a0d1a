package history_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
)

// A ring says which event is the newest: at first that of the history, and then each that comes, though nobody reads.
func TestARingShowsTheNewestEvent(t *testing.T) {
	p := newPlace(t)
	p.append(3)
	rings := make(chan []event.Event, 10)
	c := p.open(t, history.Settings{Poll: time.Hour, Wait: time.Second, Rung: func(answer []byte) {
		newest, err := event.DecodeRing(answer)
		assert.NoError(t, err)
		rings <- newest
	}})
	for range 3 {
		select {
		case newest := <-rings:
			require.Len(t, newest, 1)
			assert.Equal(t, p.sim.Stats().LastKey, newest[0].Key)
		case <-time.After(10 * time.Second):
			t.Fatal("no ring")
		}
		p.append(1)
	}
	require.NoError(t, c.Close(t.Context()))
}
