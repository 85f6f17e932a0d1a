package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// measure starts a collector with a pipeline of metrics beside that of logs, and waits until all virtual machines are told of.
func measure(t *testing.T, vc *vcenter, back *sink, meter *meter) *collector {
	t.Helper()
	c := install(t, vc.endpoint, back.url())
	c.Meter = meter.url()
	c.Receiver += `
    initial_delay: 0s
    collection_interval: 200ms
    metrics:
      vcenter.vm.power.status: {enabled: true}`
	c.start(t)
	vc.awaitCollector(t)
	c.awaitMachines(t, vc, meter)
	return c
}

func (c *collector) awaitMachines(t *testing.T, vc *vcenter, meter *meter) {
	t.Helper()
	world := vc.world(t)
	eventually(t, "all virtual machines are told of", func() bool {
		last := meter.last(t, c.Life)
		for moref := range world {
			if len(of(last, vc.uuid+"/"+moref)) == 0 {
				return c.ended()
			}
		}
		return last[vc.uuid+" vcenter.up"].value == 1
	})
}

// Metrics arrive beside events, of every object and with every event counted. A virtual machine that is removed ends each series that
// it had, once; one that is removed while the collector is down ends none, for after a restart nothing is known of it.
func TestMetricsArriveAndEnd(t *testing.T) {
	vc, back, meter := inventory(t, 200), newSink(t), newMeter(t)
	c := measure(t, vc, back, meter)
	power := fmt.Sprintf("%s/%s vcenter.vm.power.status power_state=", vc.uuid, vc.play(t, "power", 1)[0])
	eventually(t, "a switch is seen", func() bool {
		var was, is float64
		for _, payload := range meter.received(t) {
			if on, told := payload.points[power+"on"]; told {
				was, is = is, on.value
				if was != is && was+is == 1 && payload.points[power+"off"].value == 1-is {
					return true
				}
			}
		}
		return c.ended()
	})

	gone := vc.play(t, "delete", 3)
	eventually(t, "they are gone", func() bool {
		last := meter.last(t, c.Life)
		for _, moref := range gone {
			if len(of(last, vc.uuid+"/"+moref)) > 0 {
				return c.ended()
			}
		}
		return true
	})
	for _, moref := range gone {
		assertEnded(t, meter.received(t), vc.uuid+"/"+moref)
	}

	vc.burst(t, 300)
	want := vc.wanted(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil || c.ended() })
	events := back.recorded(t)
	delivered := 0
	for _, d := range events {
		delivered += len(d.records)
	}
	eventually(t, "all events are counted", func() bool { return counted(meter.last(t, c.Life), vc.uuid) == delivered || c.ended() })
	require.Equal(t, 0, c.stop(t))

	vc.play(t, "delete", 2)
	c.start(t)
	c.awaitMachines(t, vc, meter)
	c.awaitMachines(t, vc, meter)
	assert.Equal(t, 0, c.stop(t))
	for _, payload := range meter.received(t) {
		assert.Less(t, payload.size, 3<<20)
		for name, p := range payload.points {
			if p.ended && payload.life == 2 {
				assert.True(t, strings.HasPrefix(name, "127.0.0.1 "), "%s: only what was told before the first login ends", name)
			}
		}
	}
	vc.assertLeft(t)
}

// counted is how many events are counted in all.
func counted(points map[string]point, uuid string) (sum int) {
	for name, p := range points {
		if strings.HasPrefix(name, uuid+" vcenter.event.count ") {
			sum += int(p.value)
		}
	}
	return sum
}

// assertEnded asserts that each series of an instance has ended once, and for good.
func assertEnded(t *testing.T, all []payload, instance string) {
	t.Helper()
	told, over := map[string]bool{}, map[string]bool{}
	for _, payload := range all {
		for name, p := range of(payload.points, instance) {
			assert.False(t, over[name], "%s has ended already", name)
			told[name], over[name] = true, p.ended
		}
	}
	assert.NotEmpty(t, told)
	for name := range told {
		assert.True(t, over[name], "%s has not ended", name)
	}
}

// Metrics go on while the back end of the logs is down, and the logs while that of the metrics is: what is held holds no other.
func TestMetricsBesideLogsThatAreHeld(t *testing.T) {
	vc, back, meter := inventory(t, 50), newSink(t), newMeter(t)
	c := measure(t, vc, back, meter)
	back.answers(func(delivery) int { return http.StatusServiceUnavailable })
	vc.burst(t, 100)
	before := len(meter.received(t))
	eventually(t, "metrics go on", func() bool { return len(meter.received(t)) > before+3 || c.ended() })
	back.answers(nil)
	meter.server.Close()
	want := vc.wanted(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil || c.ended() })
	assert.Equal(t, 0, c.stop(t))
}

// The ready pipeline for metrics sends those of every object.
func TestTheReadyPipelineOfMetrics(t *testing.T) {
	vc, back, meter := inventory(t, 50), newSink(t), newMeter(t)
	t.Setenv("MIMIR_URL", meter.url())
	i := load(t, "../config/mimir.yaml").install(t, vc.endpoint, back.url())
	i.start(t)
	eventually(t, "a collection arrives", func() bool { return len(meter.received(t)) > 0 || i.ended() })
	assert.Equal(t, 0, i.stop(t))
	all := meter.received(t)[0].points
	for moref := range vc.world(t) {
		assert.Contains(t, all, vc.uuid+"/"+moref+" vcenter.vm.snapshot.count")
		assert.Contains(t, all, vc.uuid+"/"+moref+" vcenter.vm.memory.usage")
	}
	assert.Equal(t, point{value: 1}, all[vc.uuid+" vcenter.up"])
}
