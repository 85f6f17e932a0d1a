package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inventory simulates a vCenter with so many virtual machines, which change when they are told to.
func inventory(t *testing.T, vms int) *vcenter {
	t.Helper()
	return simulate(t, "insertion", "-large", "-vms", fmt.Sprint(vms), "-seed", fmt.Sprint(time.Now().UnixNano()))
}

// play lets something happen to so many virtual machines, and returns which.
func (v *vcenter) play(t *testing.T, script string, n int) []string {
	t.Helper()
	var played struct {
		Objects []string `json:"objects"`
	}
	v.call(t, http.MethodPost, fmt.Sprintf("/%s?vms=%d", script, n), &played)
	require.Len(t, played.Objects, n, script)
	return played.Objects
}

// follow starts a collector that tells of changes and gives events their context, as is the default, and waits until the inventory
// was told to be read, and that is stored.
func follow(t *testing.T, vc *vcenter, back *sink) *collector {
	t.Helper()
	c := install(t, vc.endpoint, back.url()).metered(t)
	c.Receiver = ""
	c.follow(t, vc, back)
	return c
}

// follow begins the first life.
func (c *collector) follow(t *testing.T, vc *vcenter, back *sink) {
	t.Helper()
	c.start(t)
	vc.awaitCollector(t)
	eventually(t, "the inventory was read", func() bool { return len(back.all(t).ofChanges()) > 0 })
	c.awaitMetric(t, "checkpoint_commits", `stream="changes"`, 0)
}

// awaitWorld waits until what was told leads from one world to another, and returns it.
func (c *collector) awaitWorld(t *testing.T, back *sink, from, to world) (told []change) {
	t.Helper()
	var err error
	eventually(t, "what has changed is told", func() bool {
		told = back.all(t).told()
		err = from.leadsTo(to, told)
		return err == nil || c.ended()
	})
	require.NoError(t, err)
	return told
}

// Fifty virtual machines are renamed, switched, moved, deleted and made while the collector is down: it was killed. The next life
// tells of each, once, and of nothing else.
func TestChangesWhileDownAreToldOnce(t *testing.T) {
	vc, back := inventory(t, 1000), newSink(t)
	c := follow(t, vc, back)
	c.kill()

	before := vc.world(t)
	played := map[string][]string{}
	for _, script := range []string{"rename", "power", "move", "delete", "clone"} {
		played[script] = vc.play(t, script, 10)
	}
	c.start(t)
	c.awaitWorld(t, back, before, vc.world(t))
	vc.play(t, "rename", 1)
	live := func() bool {
		return slices.ContainsFunc(back.all(t).told(), func(c change) bool { return c.origin == "live" })
	}
	eventually(t, "what changes now is told, and nothing before it", func() bool { return live() || c.ended() })
	assert.Equal(t, 0, c.stop(t))

	all := back.all(t).told()
	told := all[:len(all)-1]
	touched, steps := slices.Concat(slices.Collect(maps.Values(played))...), map[string]bool{}
	for _, c := range told {
		assert.Contains(t, touched, c.moref, "%v", c)
		assert.Equal(t, "resume", c.origin, "%v", c)
		assert.False(t, steps[c.moref+c.property], "%v", c)
		steps[c.moref+c.property] = true
	}
	left := func(script string) []string {
		return slices.DeleteFunc(played[script], func(moref string) bool { return slices.Contains(played["delete"], moref) })
	}
	assert.ElementsMatch(t, left("rename"), changed(told, "changed", "name"))
	assert.ElementsMatch(t, left("power"), changed(told, "changed", "runtime.powerState"))
	assert.ElementsMatch(t, left("move"), changed(told, "changed", "parent"))
	assert.ElementsMatch(t, played["clone"], changed(told, "created", ""))
	assert.ElementsMatch(t, played["delete"], changed(told, "removed", ""))
}

// fleet is how many virtual machines there are in a storm.
const fleet = 5000

// Most of a fleet changes again and again, first while the back end takes no change, then while it does. Every change is told once,
// or where several have led to it; and none of it takes memory, for what waits is no queue.
func TestAStormOfChanges(t *testing.T) {
	vc, back := inventory(t, fleet), newSink(t)
	c := follow(t, vc, back)
	before, read := vc.world(t), c.peak(t)

	const most = fleet * 8 / 10
	back.answers(refuse(http.StatusServiceUnavailable, func(rec record) bool { return rec.change != nil }))
	for range 3 {
		known := c.metric(t, "inventory_updates", "")
		vc.play(t, "address", most) // which is no event
		c.awaitMetric(t, "inventory_updates", "", known+most-1)
	}
	back.answers(nil)
	for range 2 {
		vc.play(t, "storm", most)
	}
	told := c.awaitWorld(t, back, before, vc.world(t))
	stormed := c.peak(t)
	assert.Equal(t, 0, c.stop(t))
	assert.GreaterOrEqual(t, len(told), 2*most)
	assert.Less(t, stormed, int64(512<<20))
	t.Logf("%d changes; a peak of %d MiB once all was read, and %d MiB in the end", len(told), read>>20, stormed>>20)
}

// Events of three hours are delivered while changes of now are: in streams of their own, of which Loki refuses nothing. In one stream it
// would refuse the events.
func TestChangesBesideABacklogForLoki(t *testing.T) {
	vc, back := inventory(t, 500), newSink(t)
	vc.setClock(t, -3*time.Hour)
	c := follow(t, vc, back)
	require.Equal(t, 0, c.stop(t))
	for _, age := range []time.Duration{175 * time.Minute, 2 * time.Hour, time.Hour, 0} {
		vc.setClock(t, -age)
		vc.burst(t, 1500)
	}

	var loki lokiRules
	changes := false // were taken: before that, no event is
	back.answers(func(d delivery) int {
		if !d.ofChanges() && !changes {
			return http.StatusServiceUnavailable
		}
		changes = true
		return loki.answer(d)
	})
	before := vc.world(t)
	vc.call(t, http.MethodPost, "/changes?rate=100", nil)
	c.start(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), vc.wanted(t)) == nil || c.ended() })
	vc.call(t, http.MethodPost, "/changes?rate=0", nil)
	want := vc.wanted(t)
	eventually(t, "the last events have arrived", func() bool { return reliable(back.recorded(t), want) == nil || c.ended() })
	c.awaitWorld(t, back, before, vc.world(t))
	assert.Equal(t, 0, c.stop(t))

	assert.NoError(t, genuine(back.recorded(t), vc.uids(t)))
	assert.NoError(t, unique(back.recorded(t)))
	assert.Empty(t, loki.refusals())
	assert.NotEmpty(t, refusalsInOneStream(back.all(t)), "in one stream")
}

// refusalsInOneStream are what Loki would have refused of what it took, had all been in one stream.
func refusalsInOneStream(r run) []string {
	var loki lokiRules
	for _, d := range r {
		if d.accepted() {
			d.records = slices.Clone(d.records)
			for i := range d.records {
				d.records[i].stream = ""
			}
			loki.answer(d)
		}
	}
	return loki.refusals()
}

// A process that is killed while it tells thousands of changes that were made while it was down repeats one batch, and no more.
func TestAKillAmongThousandsOfChangesRepeatsOneBatch(t *testing.T) {
	vc, back := inventory(t, 2000), newSink(t)
	c := follow(t, vc, back)
	require.Equal(t, 0, c.stop(t))
	before := vc.world(t)
	vc.play(t, "storm", 1800)

	c.start(t)
	process := c.process
	back.onAccept(func(r run) {
		if last := r[len(r)-1]; last.life == 2 && last.ofChanges() && len(r.ofChanges()) == 4 {
			process.kill() // between the back end's acceptance and its answer
		}
	})
	await(t, "killed in the middle", c.done)
	killed := back.all(t).ofChanges()
	back.onAccept(nil)
	c.start(t)

	var told []change
	var err error
	eventually(t, "what has changed is told", func() bool {
		told = once(back.all(t).told())
		err = before.leadsTo(vc.world(t), told)
		return err == nil || c.ended()
	})
	require.NoError(t, err)
	assert.Equal(t, 0, c.stop(t))
	r := back.all(t).ofChanges()
	inFlight := len(killed[len(killed)-1].records)
	assert.Equal(t, map[int]int{3: inFlight}, r.repeats(), "the batch that was in flight, and no more, with the same uids")
	assert.NoError(t, boundedRepeats(r, c.lives()))
	assert.NoError(t, small(r, batchLimit))
	assert.Greater(t, len(told), 3*inFlight, "it was in the middle")
	t.Logf("%d changes in %d requests, and %d of them again", len(told), len(r), inFlight)
}
