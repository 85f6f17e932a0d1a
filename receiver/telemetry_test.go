package receiver_test

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadatatest"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// gauges are what a lab's receiver tells of itself.
type gauges struct {
	*lab
	telemetry *componenttest.Telemetry
}

// observe lets the next start tell of itself.
func (l *lab) observe() *gauges {
	telemetry := componenttest.NewTelemetry()
	settings := metadatatest.NewSettings(telemetry).TelemetrySettings
	settings.Logger = l.settings.Telemetry.Logger
	l.settings.Telemetry = settings
	l.t.Cleanup(func() { assert.NoError(l.t, telemetry.Shutdown(context.Background())) })
	return &gauges{l, telemetry}
}

// series is one series of a metric.
type series struct {
	metric     string // without our prefix
	attributes attribute.Set
	value      float64 // of a histogram: how many values it has
}

func (s series) attribute(key string) string {
	value, _ := s.attributes.Value(attribute.Key(key))
	return value.AsString()
}

// all are the series as they are now.
func (g *gauges) all() (all []series) {
	g.t.Helper()
	var resource metricdata.ResourceMetrics
	require.NoError(g.t, g.telemetry.Reader.Collect(g.t.Context(), &resource))
	for _, scope := range resource.ScopeMetrics {
		for _, m := range scope.Metrics {
			if name, ours := strings.CutPrefix(m.Name, "otelcol_receiver_vcenter_stream_"); ours {
				all = append(all, seriesOf(name, m.Data)...)
			}
		}
	}
	return all
}

func seriesOf(name string, data metricdata.Aggregation) (all []series) {
	switch data := data.(type) {
	case metricdata.Sum[int64]:
		return points(name, data.DataPoints)
	case metricdata.Gauge[int64]:
		return points(name, data.DataPoints)
	case metricdata.Gauge[float64]:
		return points(name, data.DataPoints)
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			all = append(all, series{name, p.Attributes, float64(p.Count)})
		}
	}
	return all
}

func points[N int64 | float64](name string, points []metricdata.DataPoint[N]) (all []series) {
	for _, p := range points {
		all = append(all, series{name, p.Attributes, float64(p.Value)})
	}
	return all
}

// value is the sum over the series of a metric that have some attributes: key, value, key, value.
func (g *gauges) value(metric string, attributes ...string) (sum float64) {
	g.t.Helper()
	for _, s := range g.all() {
		if s.metric == metric && s.has(attributes) {
			sum += s.value
		}
	}
	return sum
}

func (s series) has(attributes []string) bool {
	for pair := range slices.Chunk(attributes, 2) {
		if s.attribute(pair[0]) != pair[1] {
			return false
		}
	}
	return true
}

// phase is the one of the events that has 1.
func (g *gauges) phase() string {
	g.t.Helper()
	var present []string
	for _, s := range g.all() {
		if s.metric == "phase" && s.value == 1 && s.attribute("stream") == "events" {
			present = append(present, s.attribute("phase"))
		}
	}
	return strings.Join(present, ", ")
}

func (g *gauges) awaitPhase(phase string) {
	g.t.Helper()
	eventually(g.t, phase, func() bool { return g.phase() == phase })
}

// names are those of all metrics in metadata.yaml, without our prefix.
func names(t *testing.T) (names []string) {
	t.Helper()
	metadata, err := os.ReadFile("../metadata.yaml")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`(?m)^ {4}receiver_vcenter_stream_(\w+):$`).FindAllSubmatch(metadata, -1) {
		names = append(names, string(found[1]))
	}
	require.NotEmpty(t, names)
	return names
}

// cause is what moves a metric.
type cause struct {
	before   func(g *gauges) // the start; may be nil
	then     func(g *gauges)
	ordinary bool // it has moved already when nothing special has happened
	stock    bool // it takes an inventory that changes
}

// causes of each metric that counts. Gauges have tests of their own.
func causes() map[string]cause {
	news := cause{ordinary: true, then: func(g *gauges) { g.append(5) }}
	anotherPass := cause{ordinary: true, then: func(g *gauges) { g.sim.KillSessions() }}
	refused := func(err error) cause {
		return cause{then: func(g *gauges) {
			g.sink.obey(func(int, plog.Logs) error { return err })
			g.append(10)
		}}
	}
	return map[string]cause{
		"api_bytes_received": news,
		"api_bytes_sent":     news,
		"api_calls":          news,
		"api_duration":       news,
		"api_failures": {then: func(g *gauges) {
			g.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.Status(503, "busy")})
		}},
		"batch_tries_held":    refused(tooLarge),
		"batch_tries_refused": refused(errRefused),
		"changes_delivered":   {stock: true, then: happens("rename", 5)},
		"changes_refused": {stock: true, then: func(g *gauges) {
			g.sink.obey(refusingOne())
			happens("rename", 30)(g)
		}},
		"checkpoint_commit_duration": news,
		"checkpoint_commit_failures": {then: func(g *gauges) { g.disk.obey(func(int) error { return errDisk }); g.append(1) }},
		"checkpoint_commits":         news,
		"checkpoints_damaged": {
			before: func(g *gauges) { g.disk.content["v1/events/another"] = []byte("not what was stored") },
			then:   func(g *gauges) { g.sim.SetInstanceUUID("another"); g.sim.KillSessions() },
		},
		"dead_letters_dropped": {
			before: func(g *gauges) { g.settings.Drop = true },
			then:   func(g *gauges) { g.sink.obey(func(int, plog.Logs) error { return tooLarge }); g.append(2000) },
		},
		"doorbells":        news,
		"events_bare":      {stock: true, ordinary: true, then: news.then},
		"events_delivered": news,
		"events_duplicate": {then: func(g *gauges) { g.sim.KillSessions() }},
		"events_filtered": {
			before: func(g *gauges) { g.filter(event.FilterSettings{ExcludeUsers: []string{"bob"}}) },
			then:   func(g *gauges) { g.sim.Append(g.poweredOff("bob")) },
		},
		"events_read": news,
		"events_refused": {then: func(g *gauges) {
			g.sink.obey(func(int, plog.Logs) error { return errRefused })
			g.append(10)
			g.sink.obey(refusing(tooLarge, g.dead(5)))
		}},
		"events_unidentified": {then: func(g *gauges) {
			keyless, err := journal.NewRaw("GeneralUserEvent", "<createdTime>"+g.now().Format(time.RFC3339Nano)+"</createdTime>")
			require.NoError(g.t, err)
			g.sim.Append(keyless)
		}},
		"events_unreadable": {then: func(g *gauges) {
			g.sim.Append(journal.NewMalformed("VmPoweredOnEvent", types.Event{CreatedTime: g.now()}))
		}},
		"gaps": {
			before: func(g *gauges) { g.settings.Events.Overlap, g.settings.Events.MaxAge = time.Minute, 10*time.Minute },
			then:   theVCenterGoesOnAlone,
		},
		"inventory_objects": {stock: true, ordinary: true, then: happens("clone", 5)},
		"inventory_reads":   {stock: true, ordinary: true, then: anotherPass.then},
		"inventory_updates": {stock: true, ordinary: true, then: happens("rename", 5)},
		"key_resets": {then: func(g *gauges) {
			g.append(5)
			g.wantAll()
			g.sim.Journal().SetNextKey(-1000)
			g.append(5)
		}},
		"logins":         anotherPass,
		"pages":          news,
		"session_losses": {then: func(g *gauges) { g.sim.KillSessions() }},
		"stalls":         {then: everythingIsHidden},
	}
}

// happens lets something happen to some machines.
func happens(script string, to int) func(*gauges) {
	return func(g *gauges) {
		_, err := g.sim.Large().Play(script, to)
		require.NoError(g.t, err)
	}
}

// theVCenterGoesOnAlone makes what has happened in the last hours too old while nobody listens.
func theVCenterGoesOnAlone(g *gauges) {
	require.NoError(g.t, g.proxy.Listen(fault.Refusing))
	g.proxy.Reset()
	g.awaitPhase("backing_off")
	g.append(5)
	g.sim.SetClockOffset(3 * time.Hour)
	g.sim.KillSessions()
	require.NoError(g.t, g.proxy.Listen(fault.Open))
}

// everythingIsHidden hides what is next, but for the last, and the cursor stays there.
func everythingIsHidden(g *gauges) {
	last := g.sim.Stats().LastKey
	g.sim.Journal().Hide(func(e types.BaseEvent) bool {
		key := e.GetEvent().Key
		return key > last && key < last+2000
	}, journal.Sticks)
	g.append(2000)
	g.append(5)
}

// Each metric moves for its own reason, and not before.
func TestEachMetricMovesForItsReason(t *testing.T) {
	all := causes()
	for _, name := range names(t) {
		if slices.Contains([]string{"clock_skew", "lag", "phase"}, name) {
			continue // TestClockSkew, TestLag, TestPhases
		}
		t.Run(name, func(t *testing.T) {
			cause, known := all[name]
			require.True(t, known, "what makes it move?")
			var stock *stock
			var g *gauges
			if cause.stock {
				stock = newStock(t, 50)
				g = stock.observe()
			} else {
				g = newLab(t, byInsertion).observe()
			}
			if cause.before != nil {
				cause.before(g)
			}
			g.append(5)
			g.fromTheBeginning().start()
			g.wantEachOnce()
			g.awaitPhase("tailing")
			if cause.stock {
				stock.synced()
			}
			g.committed()
			before := g.value(name)
			assert.Equal(t, cause.ordinary, before > 0, "%v before", before)
			cause.then(g)
			eventually(t, "it moves", func() bool { return g.value(name) > before })
			g.wantOwnAttributes()
		})
	}
}

// wantOwnAttributes holds that each series says whose it is.
func (g *gauges) wantOwnAttributes() {
	g.t.Helper()
	for _, s := range g.all() {
		assert.Equal(g.t, "vcenter_stream/lab", s.attribute("receiver"), s.metric)
		assert.Equal(g.t, "lab", s.attribute("vcenter.instance.name"), s.metric)
	}
}

// What is counted is what there was.
func TestCountsAreRight(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 100
		g := l.observe()
		g.append(950)
		bad := g.dead(500)
		g.sink.obey(refusing(tooLarge, bad))
		r := g.fromTheBeginning().start()
		g.wantEachOnce()
		g.wantRefused(bad)
		g.sim.KillSessions() // everything is read again
		g.append(50)
		g.wantEachOnce()
		g.wantRefused(bad)
		g.committed()
		r.stop()

		delivered := g.value("events_delivered")
		assert.EqualValues(t, g.sink.count(), delivered+1, "and the record of the refusal")
		assert.EqualValues(t, 1, g.value("events_refused"))
		assert.EqualValues(t, delivered+1, g.value("events_read")-g.value("events_duplicate"))
		assert.GreaterOrEqual(t, g.value("events_duplicate"), 950.0)
		assert.GreaterOrEqual(t, g.value("pages"), 20.0)
		assert.EqualValues(t, 2, g.value("logins"))
		assert.EqualValues(t, 1, g.value("session_losses"))
		assert.EqualValues(t, g.disk.written(), g.value("checkpoint_commits")+1, "and the pin")
		assert.Equal(t, g.value("checkpoint_commits"), g.value("checkpoint_commit_duration"))
		for _, method := range []string{"Login", "Logout", "ReadNextEvents", "CreateCollectorForEvents"} {
			assert.EqualValues(t, g.calls(method), g.value("api_calls", "method", method), method)
			assert.EqualValues(t, g.calls(method), g.value("api_duration", "method", method), method)
		}
		assert.Greater(t, g.value("api_bytes_received", "method", "ReadNextEvents"), 1900*300.0)
		assert.Greater(t, g.value("api_bytes_sent", "method", "ReadNextEvents"), 20*300.0)
	})
}

// Each kind of failure has its own type, out of few.
func TestFailuresByType(t *testing.T) {
	for want, trouble := range map[string]fault.Fault{
		"http_503": fault.Status(503, "busy"), "not_vcenter": fault.HTML(), "transport": fault.ResetAfter(), "timeout": fault.BlackHoleAfter(),
	} {
		t.Run(want, func(t *testing.T) {
			l := newLab(t, byInsertion)
			l.settings.APITimeout = time.Second
			g := l.observe()
			g.start()
			g.pinned()
			g.proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: trouble})
			g.append(1)
			eventually(t, "the failure", func() bool { return g.value("api_failures", "method", "ReadNextEvents", "error.type", want) == 1 })
			g.wantEachOnce()
			assert.Equal(t, g.value("api_failures"), g.value("api_failures", "error.type", want))
		})
	}
}

// Whoever is woken up for a gap is told why it is there, as its record says.
func TestGapsByReason(t *testing.T) {
	causes := map[string]func(*gauges, *running){
		"max_age": func(g *gauges, r *running) {
			g.settings.Events.MaxAge = 24 * time.Hour
			g.away(r, 3*24*time.Hour)
			g.appendAt(g.now().Add(-2*24*time.Hour), 5)
			g.forget()
		},
		"retention": func(g *gauges, r *running) {
			g.away(r, 45*24*time.Hour)
			g.sim.Journal().PruneCreatedBefore(g.now())
		},
		"possible": func(g *gauges, r *running) { // for vCenter keeps them for longer than that
			g.away(r, 3*24*time.Hour)
			g.sim.Journal().PruneCreatedBefore(g.now())
		},
	}
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	told := regexp.MustCompile("(?m)^\\| `gaps` \\|.*by `reason` \\(([^)]*)\\)").FindSubmatch(page)
	require.NotNil(t, told)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(causes)), strings.Split(strings.ReplaceAll(string(told[1]), "`", ""), ", "))
	for reason, cause := range causes {
		t.Run(reason, func(t *testing.T) {
			g := newLab(t, byInsertion).observe()
			record := g.watchGaps()
			r := g.start()
			g.pinned()
			g.append(5)
			g.wantEachOnce()
			cause(g, r)
			g.append(5)
			r = g.start()
			g.wantEachOnce()
			eventually(t, "the count", func() bool { return g.value("gaps") > 0 })
			r.stop()
			assert.EqualValues(t, 1, g.value("gaps", "reason", reason))
			assert.EqualValues(t, 1, g.value("gaps"))
			assert.Equal(t, reason, record.reason)
		})
	}
}

// A long poll that ends with its pass was given up by us.
func TestWhatWeGiveUpIsNoFailure(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.Events.Overlap, l.settings.Events.PollInterval = 400*time.Millisecond, 20*time.Millisecond
	g := l.observe()
	r := g.start()
	g.pinned()
	eventually(t, "three passes", func() bool { return g.calls("CreateCollectorForEvents") >= 3 })
	r.stop()
	assert.Zero(t, g.value("api_failures"))
	assert.GreaterOrEqual(t, g.value("api_calls", "method", "WaitForUpdatesEx"), 2.0)
}

func TestClockSkew(t *testing.T) {
	l := newLab(t, byInsertion)
	l.sim.SetClockOffset(-3 * time.Hour)
	g := l.observe()
	g.start()
	g.pinned()
	assert.InDelta(t, -3*3600, g.value("clock_skew"), 10)
}

// The lag of a backlog is known before it is read, and an event from the future does not hide it.
func TestLagOfABacklog(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.sink.obey(func(int, plog.Logs) error { return errRefused })
		l.appendAt(l.now().Add(-2*time.Hour), 500)
		l.appendAt(l.now().Add(48*time.Hour), 1) // by a host with a wrong clock
		l.settings.Events.Lookback = 3 * time.Hour
		g := l.observe()
		g.start()
		eventually(t, "the lag of a backlog", func() bool { return g.value("lag") > 2.9*3600 })
		assert.Less(t, g.value("lag"), 3.1*3600)
		g.sink.obey(nil)
		g.wantEachOnce()
		eventually(t, "no lag", func() bool { return g.phase() == "tailing" && g.value("lag") < 1 })
	})
}

// The doorbell tells how far behind a stream is that reads nothing more.
func TestLagOfAHold(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		g := l.observe()
		g.start()
		g.pinned()
		g.append(5)
		g.wantEachOnce()
		g.sink.obey(func(int, plog.Logs) error { return errRefused })
		g.append(5)
		g.awaitPhase("held")
		g.quiet(2 * time.Second)
		g.append(5)
		eventually(t, "the lag of a hold", func() bool { return g.value("lag") >= 2 })
		g.sink.obey(nil)
		g.wantEachOnce()
		eventually(t, "no lag", func() bool { return g.value("lag") < 1 })
	})
}

// The phase says what the stream does, and the status says it, too.
func TestPhases(t *testing.T) {
	l := newLab(t, byInsertion)
	g := l.observe()
	require.NoError(t, g.proxy.Listen(fault.Silent))
	r := g.start()
	g.awaitPhase("connecting")
	assert.ErrorContains(t, g.host.last(), "connecting: ")

	require.NoError(t, g.proxy.Listen(fault.Refusing))
	g.proxy.Reset()
	g.awaitPhase("backing_off")
	eventually(t, "why", func() bool { return g.host.told("connecting", "transport") })

	gate := fault.NewGate()
	g.proxy.Add(fault.Rule{Method: "CreateCollectorForEvents", Count: 1, Fault: fault.Hold(gate)})
	require.NoError(t, g.proxy.Listen(fault.Open))
	g.awaitPhase("resuming")

	taking := make(chan struct{})
	g.sink.obey(func(int, plog.Logs) error { <-taking; return nil })
	gate.Release()
	g.append(2000)
	g.awaitPhase("catching_up")
	close(taking)
	g.wantEachOnce()
	g.awaitPhase("tailing")
	eventually(t, "OK", func() bool { return g.host.ok() && g.host.told("tailing", "") })

	g.sink.obey(func(int, plog.Logs) error { return errRefused })
	g.append(1)
	g.awaitPhase("held")
	assert.ErrorContains(t, g.host.last(), "held: the pipeline refused a batch")
	assert.True(t, g.host.told("held", "refused"))
	g.sink.obey(func(int, plog.Logs) error { return unauthorized })
	eventually(t, "the hold", func() bool { return g.host.told("held", "refused_for_good") })
	g.sink.obey(nil)
	g.wantEachOnce()
	g.awaitPhase("tailing")

	g.disk.obey(func(int) error { return errDisk })
	g.append(1)
	g.awaitPhase("held")
	assert.True(t, g.host.told("held", "storage"))
	g.disk.obey(nil)
	g.awaitPhase("tailing")

	r.stop()
	assert.Empty(t, g.phase(), "of a receiver that is gone")
	assert.NotContains(t, g.metrics(), "lag")
}

// metrics are the names of those that have a series.
func (g *gauges) metrics() (names []string) {
	for _, s := range g.all() {
		names = append(names, s.metric)
	}
	return names
}

// told says that a status had these attributes.
func (h *host) told(phase, reason string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		attributes := e.Attributes().AsRaw()
		if attributes["phase"] == phase && (reason == "" || attributes["reason"] == reason) {
			return true
		}
	}
	return false
}

// A start that fails leaves nothing that observes.
func TestAStartThatFailsIsNotObserved(t *testing.T) {
	l := newLab(t, byInsertion)
	l.settings.TLS.CAFile = "no such file"
	g := l.observe()
	require.Error(t, vcreceiver.New(l.settings).Start(t.Context(), l.host))
	assert.Empty(t, g.all())
}

// What is counted is of no use to somebody who is not told what it means.
func TestEachMetricIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	for _, name := range names(t) {
		assert.Regexp(t, "(?m)^\\|[^|]*`"+name+"`[^|]*\\|", string(page))
	}
}

// So is a span, with what it says of itself.
func TestEachSpanIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	g := newLab(t, byInsertion).observe()
	r := g.start()
	g.pinned()
	g.append(5)
	g.wantEachOnce()
	r.stop()
	names := map[string]bool{}
	for _, span := range g.telemetry.SpanRecorder.Ended() {
		if !strings.HasPrefix(span.Name(), "vcenter_stream/") {
			continue // the collector's own
		}
		row := regexp.MustCompile("(?m)^\\| `" + span.Name() + "` .*$").Find(page)
		require.NotNil(t, row, span.Name())
		names[span.Name()] = true
		for _, a := range span.Attributes() {
			if name := string(a.Key); name != "receiver" && name != "vcenter.instance.name" {
				assert.Contains(t, string(row), "`"+name+"`", span.Name())
			}
		}
	}
	assert.Len(t, names, strings.Count(string(page), "\n| `vcenter_stream/"))
}

// So is a phase.
func TestEachPhaseIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	metadata, err := os.ReadFile("../metadata.yaml")
	require.NoError(t, err)
	phases := regexp.MustCompile(`enum: \[(backing_off[^]]*)\]`).FindSubmatch(metadata)
	require.NotNil(t, phases)
	told := newLab(t, byInsertion).observe()
	told.start()
	eventually(t, "phases", func() bool { return told.value("phase") == 1 })
	var known []string
	for _, s := range told.all() {
		if s.metric == "phase" {
			known = append(known, s.attribute("phase"))
		}
	}
	assert.ElementsMatch(t, strings.Split(string(phases[1]), ", "), known)
	for _, phase := range known {
		assert.Contains(t, string(page), "\n| `"+phase+"` |")
	}
}
