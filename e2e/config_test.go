package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAReadyConfigurationIsRefused loads each file of config/ with the built collector, as an operator would who has set
// no more than what the file asks for.
func TestAReadyConfigurationIsRefused(t *testing.T) {
	for _, p := range pipelines(t) {
		t.Run(p.name(), func(t *testing.T) {
			// The storage extension looks for its directory, which in a container may not be made below /var/lib.
			environment := append(p.environment(likely), "STORAGE_DIR="+t.TempDir())
			assert.Empty(t, validate(t, environment, "--config", p.path))
		})
	}
}

// likely is a value as an operator would set. Passwords may contain what the collector expands elsewhere.
func likely(name string) string {
	switch {
	case strings.HasSuffix(name, "_URL"):
		return "https://host.example.com"
	case strings.HasSuffix(name, "_PASSWORD"):
		return "$0123"
	default:
		return "value"
	}
}

// A collector that takes anything would pass the test above.
func TestAMistypedKeyIsTaken(t *testing.T) {
	environment := []string{"VCENTER_PASSWORD=$0123"}
	minimal := []string{"--config", "../config/minimal.yaml", "--config"}
	assert.Contains(t, validate(t, environment, append(minimal, "yaml:receivers::vcenter_stream::usrname: x")...), "usrname")
	assert.Contains(t, validate(t, environment, append(minimal, "yaml:receivers::vcenter_stream::wait: 0s")...), "wait")
}

// A name that is missing from the environment must not become an empty address.
func TestAMissingVariableIsTaken(t *testing.T) {
	for _, p := range pipelines(t) {
		if slices.Contains(p.asks, "VCENTER_URL") {
			assert.Contains(t, validate(t, nil, "--config", p.path), "endpoint: required", p.path)
		}
	}
}

// validate returns what the collector has against a configuration.
func validate(t *testing.T, environment []string, arguments ...string) string {
	t.Helper()
	collector := exec.Command(binary(t, "OTELCOL", "otelcol-vcenter"), append([]string{"validate"}, arguments...)...)
	collector.Env = append(os.Environ(), environment...)
	output, err := collector.CombinedOutput()
	assert.Equal(t, err != nil, len(output) > 0, "%v", err)
	return string(output)
}

// outside are the exporters whose servers no test plays: their files are validated, and deliver nothing here.
var outside = []string{"kafka"}

// TestAReadyConfigurationLosesEvents runs each file between a vCenter and the back end that its exporter speaks to: the sink,
// or the console.
func TestAReadyConfigurationLosesEvents(t *testing.T) {
	for _, p := range pipelines(t) {
		if slices.ContainsFunc(p.exporters(), func(name string) bool { return slices.Contains(outside, name) }) {
			continue
		}
		t.Run(p.name(), func(t *testing.T) {
			vc, back, rules := simulate(t, "insertion"), newSink(t), &lokiRules{}
			back.answers(rules.answer)
			i := p.install(t, vc.endpoint, back.url())
			i.start(t)
			vc.awaitCollector(t)
			vc.burst(t, 500)
			want := vc.wanted(t)
			eventually(t, "all events have arrived", func() bool { return i.arrived(t, back, want) || i.ended() })
			assert.True(t, i.arrived(t, back, want))
			assert.Equal(t, 0, i.stop(t))
			assert.NoError(t, unique(back.recorded(t)))
			assert.Empty(t, rules.refusals())
			vc.assertLeft(t)
			assertClear(t, i.output(t))
		})
	}
}

// arrived tells whether all records are where the file sends them.
func (i *installation) arrived(t *testing.T, back *sink, want []string) bool {
	t.Helper()
	if !slices.Contains(i.exporters(), "debug") {
		return reliable(back.recorded(t), want) == nil
	}
	output := i.output(t)
	return !slices.ContainsFunc(want, func(uid string) bool { return !strings.Contains(output, uid) })
}

// What the queue on disk has accepted arrives, though the collector was killed while Loki was down, and vCenter is gone by
// the time Loki is back.
func TestKilledQueueLosesEvents(t *testing.T) {
	vc, address := simulate(t, "insertion"), freeAddress(t)
	i := load(t, "../config/loki-queue.yaml").install(t, vc.endpoint, "http://"+address)
	i.start(t)
	vc.awaitCollector(t)
	vc.burst(t, 3000)
	want := vc.wanted(t)
	i.awaitStored(t, want[len(want)-1])
	vc.burst(t, 1) // what can be seen in the file may not be committed yet: it is when the batch after it can be seen
	known := vc.uids(t)
	i.awaitStored(t, known[len(known)-1])
	i.kill()
	require.Zero(t, vc.stop(t))

	back, rules := newSinkAt(t, address), &lokiRules{}
	back.answers(rules.answer)
	i.start(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil || i.ended() })
	assert.Equal(t, 0, i.stop(t))
	r := back.recorded(t)
	assert.NoError(t, reliable(r, want))
	assert.NoError(t, genuine(r, known))
	assert.NoError(t, unique(r))
	assert.Empty(t, rules.refusals())
}

// awaitStored waits until a record is in a file of the storage extension.
func (i *installation) awaitStored(t *testing.T, uid string) {
	t.Helper()
	eventually(t, "a record is on the disk", func() bool {
		if _, err := os.Stat(i.storage); err != nil {
			return i.ended() // it is not there yet
		}
		for _, content := range contents(t, i.storage) {
			if strings.Contains(content, uid) {
				return true
			}
		}
		return i.ended()
	})
}

// A day of events, caught up with after Loki was away: through a queue whose consumers overtake each other, or with the live
// first, Loki would take most of them for too far behind.
func TestCatchingUpIsTooFarBehindForLoki(t *testing.T) {
	for _, name := range []string{"loki-sync", "loki-queue"} {
		t.Run(name, func(t *testing.T) {
			vc, back, rules := simulate(t, "insertion"), newSink(t), &lokiRules{}
			i := load(t, filepath.Join("../config", name+".yaml")).install(t, vc.endpoint, back.url())
			vc.setClock(t, -25*time.Hour)
			i.start(t)
			vc.awaitCollector(t)
			require.Equal(t, 0, i.stop(t))
			for age := 24 * time.Hour; age >= 0; age -= time.Hour {
				vc.setClock(t, -age)
				vc.burst(t, 100)
			}
			want := vc.wanted(t)
			back.answers(func(delivery) int { return 503 })
			i.start(t)
			eventually(t, "Loki was asked", func() bool { return len(back.recorded(t)) > 0 || i.ended() })
			back.answers(rules.answer)
			eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil || i.ended() })
			assert.Equal(t, 0, i.stop(t))
			r := back.recorded(t)
			assert.NoError(t, reliable(r, want))
			assert.NoError(t, ordered(r, orders["creation"]))
			assert.Empty(t, rules.refusals())
		})
	}
}
