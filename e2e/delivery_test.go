package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// batchLimit is the most bytes of one batch.
const batchLimit = 512 << 10

// orders are those that a vCenter's collector may read events in: by insertion, or by creation time.
var orders = map[string]robustness.Order{"insertion": robustness.Insertion, "creation": robustness.Creation}

// Bursts of 20,000 events, three kills, and a back end that refuses for a while, in each way it can: every event arrives,
// in order, and a kill repeats at most the batch that was in flight.
func TestKillsLoseNothing(t *testing.T) {
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			vc, back := simulate(t, name), newSink(t)
			c := install(t, vc.endpoint, back.url())
			counted := vc.counted(t)

			c.start(t)
			vc.awaitCollector(t)
			c.kill() // the position is pinned, and no event was read yet
			vc.burst(t, 5000)

			c.start(t)
			back.onAccept(killAt(c.process, 3000))
			vc.burst(t, 5000)
			await(t, "killed between the back end's acceptance and its answer", c.done)
			vc.burst(t, 5000)

			back.answers(refuseInTurn(3))
			c.start(t)
			eventually(t, "half of the events have arrived", func() bool { return back.recorded(t).distinct() >= 10_000 })
			c.kill() // anywhere

			c.start(t)
			vc.burst(t, 5000)
			want := vc.wanted(t)
			require.GreaterOrEqual(t, len(want), 20_000)
			eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil })
			until := time.Now() // the end of the collector is an event, too
			assert.Equal(t, 0, c.stop(t))

			r := back.recorded(t)
			assert.NoError(t, reliable(r, want))
			assert.NoError(t, ordered(r, order))
			judged := c.judged(t, vc, r)
			judged.Censuses = counted()
			judged.Settings = robustness.Settings{Order: order, Since: vc.first(t), Until: until, Limit: batchLimit}
			assert.NoError(t, robustness.Judge(judged))
			kills, _ := judged.Kills()
			assert.Equal(t, 3, kills)
			assert.Positive(t, r.repeats()[3], "the kill before the answer came in time")
			assert.Subset(t, r.statuses(), []int{200, 429, 500, 503})
			t.Logf("%d requests, the largest of %d records; repeats by life: %v", len(r), r.largest(), r.repeats())
		})
	}
}

// killAt kills a process when so many records have been accepted, before their acceptance is answered.
func killAt(p *process, records int) func(run) {
	var once sync.Once
	return func(r run) {
		if r.distinct() >= records {
			once.Do(p.kill)
		}
	}
}

// refuseInTurn answers 503, 429 and 500, each to a few requests, and then accepts.
func refuseInTurn(each int) func(delivery) int {
	statuses := []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusInternalServerError}
	n := -1
	return func(delivery) int {
		if n++; n < each*len(statuses) {
			return statuses[n/each]
		}
		return http.StatusOK
	}
}

// A stop while a batch is in flight waits for its answer: nothing is lost, nothing is repeated.
func TestGracefulStopRepeatsNothing(t *testing.T) {
	vc, back := simulate(t, "insertion"), newSink(t)
	c := install(t, vc.endpoint, back.url())
	c.start(t)
	vc.awaitCollector(t)

	held := make(chan struct{})
	release := make(chan struct{})
	var once sync.Once
	back.onAccept(func(r run) {
		if r.distinct() >= 1000 {
			once.Do(func() { close(held); <-release })
		}
	})
	vc.burst(t, 5000)
	await(t, "a batch is in flight", held)
	time.AfterFunc(500*time.Millisecond, func() { close(release) }) // well after the signal was heard
	require.Equal(t, 0, c.stop(t))
	assert.Less(t, back.recorded(t).distinct(), 5000, "it was stopped on the way")
	vc.assertLeft(t)

	vc.burst(t, 1000)
	c.start(t)
	want := vc.wanted(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil })
	require.Equal(t, 0, c.stop(t))
	vc.assertLeft(t)

	r := back.recorded(t)
	assert.NoError(t, reliable(r, want))
	assert.NoError(t, unique(r))
	assert.NoError(t, ordered(r, orders["insertion"]))
}
