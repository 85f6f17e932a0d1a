package receiver_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// latency is the median time from an event's creation to the sink, over some rounds of one event for each of several vCenters.
func latency(t *testing.T, labs []*lab, rounds int) time.Duration {
	var all []time.Duration
	for range rounds {
		for _, l := range labs {
			taken := l.sink.count()
			begun := time.Now()
			l.append(1)
			eventually(t, "the event", func() bool { return l.sink.count() > taken })
			all = append(all, time.Since(begun))
		}
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// One vCenter that swallows what it is sent, and one that takes 5 s for each answer, delay no other. The ratio of two medians
// wobbles with what else the machine does: what one vCenter shares with another would show in every try.
func TestASickVCenterDelaysNoOther(t *testing.T) {
	t.Parallel()
	labs := make([]*lab, 5)
	for i := range labs {
		labs[i] = assemble(t, simulator.Settings{})
		labs[i].settings.ID = component.MustNewIDWithName("vcenter_stream", string(rune('a'+i)))
		labs[i].settings.APITimeout = 20 * time.Second
	}
	well, sick := labs[:3], labs[3:]
	for _, l := range well {
		l.start()
		l.pinned()
	}
	sick[0].proxy.Add(fault.Rule{Fault: fault.BlackHole()})
	sick[1].proxy.Add(fault.Rule{Fault: fault.Hold(fault.After(5 * time.Second))})
	best := 100.
	for try := 0; try < 5 && best > 2; try++ {
		alone := latency(t, well, 15)
		var beside []*running
		for _, l := range sick {
			beside = append(beside, l.start())
		}
		together := latency(t, well, 15)
		for _, r := range beside {
			go r.stop()
		}
		best = min(best, float64(together)/float64(alone))
		t.Logf("median alone %s, beside two that are sick %s", alone, together)
		for _, r := range beside {
			r.stop()
		}
	}
	assert.LessOrEqual(t, best, 2.)
}
