package receiver_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/scraper/scraperhelper"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// meter is a consumer of metrics with a memory.
type meter struct {
	mu       sync.Mutex // guards the fields below
	payloads []pmetric.Metrics
	obeys    func(context.Context) error // nil: it takes all
}

// obey has the next payloads answered by a function.
func (m *meter) obey(f func(context.Context) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.obeys = f
}

func (m *meter) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (m *meter) ConsumeMetrics(ctx context.Context, all pmetric.Metrics) error {
	m.mu.Lock()
	obeys := m.obeys
	m.mu.Unlock()
	var err error
	if obeys != nil {
		err = obeys(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	m.payloads = append(m.payloads, all)
	return nil
}

func (m *meter) all() []pmetric.Metrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.payloads[:len(m.payloads):len(m.payloads)]
}

// point is a point of a series, which a reader knows by its name.
type point struct {
	value float64
	ended bool // by the flag that says that there is no value
}

// pointsIn are the series of a payload: object, name and attributes. One that is told twice is no metric: a back end refuses it, or takes
// either value.
func pointsIn(all pmetric.Metrics) map[string]point {
	points, told := map[string]point{}, map[string]bool{}
	for _, resource := range all.ResourceMetrics().All() {
		id, _ := resource.Resource().Attributes().Get("service.instance.id")
		_, moref, _ := strings.Cut(id.Str(), "/")
		for _, metric := range resource.ScopeMetrics().At(0).Metrics().All() {
			var slice pmetric.NumberDataPointSlice
			if metric.Type() == pmetric.MetricTypeSum {
				slice = metric.Sum().DataPoints()
			} else {
				slice = metric.Gauge().DataPoints()
			}
			for _, p := range slice.All() {
				name := moref + " " + metric.Name()
				for _, value := range p.Attributes().All() {
					name += " " + value.AsString()
				}
				if told[id.Str()+name] {
					panic("told twice: " + id.Str() + name)
				}
				told[id.Str()+name] = true
				value := p.DoubleValue()
				if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
					value = float64(p.IntValue())
				}
				points[name] = point{value, p.Flags().NoRecordedValue()}
			}
		}
	}
	return points
}

// last is what was told last.
func (m *meter) last() map[string]point {
	if all := m.all(); len(all) > 0 {
		return pointsIn(all[len(all)-1])
	}
	return nil
}

const up = " vcenter.up"

// ups are the values of vcenter.up, in order.
func (m *meter) ups() (all []float64) {
	for _, payload := range m.all() {
		if p, told := pointsIn(payload)[up]; told {
			all = append(all, p.value)
		}
	}
	return all
}

// of are the series of an object in a payload.
func of(all map[string]point, moref string) map[string]point {
	found := map[string]point{}
	for name, p := range all {
		if strings.HasPrefix(name, moref+" ") {
			found[name] = p
		}
	}
	return found
}

// measured is a stock with a pipeline of metrics.
type measured struct {
	*stock
	meter *meter
	vms   []string // morefs
}

func newMeasured(t *testing.T, vms int) *measured {
	t.Helper()
	m := &measured{stock: newStock(t, vms), meter: &meter{}}
	for _, ref := range m.sim.Large().Of("VirtualMachine") {
		m.vms = append(m.vms, ref.Value)
	}
	m.settings.Metrics.Controller = scraperhelper.ControllerConfig{CollectionInterval: 100 * time.Millisecond}
	m.settings.Metrics.Builder = metadata.NewDefaultMetricsBuilderConfig()
	m.settings.Metrics.Next = m.meter
	return m
}

// alone takes away the pipeline of logs.
func (l *measured) alone() *measured {
	l.settings.Logs = nil
	return l
}

// complete waits until all virtual machines are told of, with what was polled of them.
func (l *measured) complete() {
	l.t.Helper()
	l.eventually("all virtual machines", func() bool {
		last := l.meter.last()
		for _, vm := range l.vms {
			if _, told := last[vm+" vcenter.vm.memory.usage"]; !told {
				return false
			}
		}
		return last[up].value == 1
	})
}

// only switches on some metrics alone.
func (l *measured) only(names ...string) {
	switches := reflect.ValueOf(&l.settings.Metrics.Builder.Metrics).Elem()
	for i := range switches.NumField() {
		name := switches.Type().Field(i).Tag.Get("mapstructure")
		on := false
		for _, wanted := range names {
			on = on || wanted == name
		}
		switches.Field(i).FieldByName("Enabled").SetBool(on)
	}
}

// Metrics alone need no storage, no event and no state: one session, one property collector, one view to watch and one to poll.
func TestMetricsAlone(t *testing.T) {
	l := newMeasured(t, 30).alone()
	nowhere := noID
	l.settings.Storage = &nowhere
	r := l.start()
	l.complete()
	eventually(t, "status OK", l.host.ok)
	stats := l.sim.Stats()
	assert.Equal(t, 1, stats.Logins)
	assert.Equal(t, simulator.Objects{PropertyCollectors: 1, Filters: 1, Views: 2}, stats.Objects)
	assert.Zero(t, l.calls("ReadNextEvents"))
	r.stop()
	l.wantNothingLeftInVCenter()
	assert.NotContains(t, l.meter.ups(), 0.0, "the beginning does not mean that vCenter is down")
	assert.Zero(t, l.sink.count())
	assert.Equal(t, 1, l.logs.FilterMessageSnippet("vcenter.event.count has no series").Len())
}

// With logs and metrics there is still one session, and the inventory is watched once.
func TestLogsAndMetricsShareWhatIsKnown(t *testing.T) {
	l := newMeasured(t, 30)
	next := l.settings.Metrics.Next
	l.settings.Metrics.Next = nil
	r := l.start()
	l.synced()
	eventually(t, "status OK", l.host.ok)
	l.useful()
	alone := l.sim.Stats()
	r.stop()
	assert.Empty(t, l.meter.all())

	l.settings.Metrics.Next = next
	r = l.start()
	l.complete()
	l.useful()
	both := l.sim.Stats()
	assert.Equal(t, 2, both.Logins)
	assert.Len(t, both.Sessions, 1)
	assert.Equal(t, alone.Objects.PropertyCollectors, both.Objects.PropertyCollectors)
	assert.Equal(t, alone.Objects.Views+1, both.Objects.Views)
	from := l.world()
	l.play("power", 3)
	l.arrives(from)
	r.stop()
	l.wantNothingLeftInVCenter()
}

// What a vCenter was like is told for three intervals after its last answer, and no longer; that it is lost is told at once, and always.
func TestAVCenterThatIsLostIsNotRepeated(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.settings.APITimeout = 2 * time.Second
	l.start()
	l.complete()
	require.NoError(t, l.sim.Suspend())
	l.eventually("vcenter.up alone", func() bool {
		last := l.meter.last()
		return len(last) == 1 && last[up] == point{}
	})
	for _, payload := range l.meter.all() {
		for name, p := range pointsIn(payload) {
			require.False(t, p.ended, "%s: what is not known any more has not ended", name)
		}
	}
	require.NoError(t, l.sim.Resume())
	l.complete()
}

// A vCenter that hangs is lost as soon as its long poll is over time, and its state is as old as its last answer: all that it was given to
// answer lies in between.
func TestTheStateOfAVCenterThatHangsIsAsOldAsItsLastAnswer(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.settings.APITimeout, l.settings.Metrics.Controller.Timeout = time.Second, 500*time.Millisecond
	l.start()
	l.eventually("machines", func() bool { return l.meter.objects() > len(l.vms) })
	l.proxy.Add(fault.Rule{Count: 1 << 20, Fault: fault.BlackHole()})
	l.eventually("the loss", func() bool { return l.meter.last()[up] == point{} && len(l.meter.last()) > 0 })
	for _, payload := range l.meter.all() {
		if points := pointsIn(payload); points[up].value == 0 {
			assert.Len(t, points, 1, "it has not answered for three seconds, which are thirty intervals")
		}
	}
}

// That vCenter is lost is told before what is left in it is destroyed, for which it may take its time.
func TestALossIsToldBeforeTheViewIsDestroyed(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.start()
	l.complete()
	gate := fault.NewGate()
	defer gate.Release()
	l.proxy.Add(fault.Rule{Method: "DestroyPropertyCollector", Count: 1 << 20, Fault: fault.HoldRequest(gate)})
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1 << 20, Fault: fault.Lose()})
	l.play("power", 1) // ends the wait that is under way
	<-gate.Arrived()
	began := time.Now()
	l.eventually("the loss", func() bool { return l.meter.last()[up].value == 0 })
	assert.Less(t, time.Since(began), 4*time.Second, "the destruction is given five")
}

// A stop tells nothing: that we do not ask any more does not mean that vCenter is down, nor that something is missing.
func TestAStopDuringAPollTellsNothing(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.BlackHole()})
	r := l.start()
	l.eventually("a poll", func() bool { return l.proxy.Count("RetrievePropertiesEx").Requests > 0 })
	began := time.Now()
	r.stop()
	assert.Less(t, time.Since(began), 9*time.Second, "less than the poll was given")
	assert.Empty(t, l.meter.all())
	assert.Zero(t, l.logs.FilterMessageSnippet("metrics are told without").Len())
	l.wantNothingLeftInVCenter()
}

// A poll that the user gives little time says nothing of the session, which is not probed for that.
func TestAPollThatIsCutOffLeavesNoDoubtOfTheSession(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.settings.Metrics.Controller.Timeout = 200 * time.Millisecond
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.BlackHole()})
	l.start()
	l.eventually("collections", func() bool {
		return l.logs.FilterMessageSnippet("metrics are told without").Len() > 0 && len(l.meter.all()) > 2
	})
	probed, filters := l.calls("RetrieveServiceContent"), l.calls("CreateFilter")
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Fault: fault.Answer(500, "text/xml; charset=utf-8", soapFault)})
	l.play("power", 1) // ends the wait that is under way
	l.eventually("another watch", func() bool { return l.calls("CreateFilter") > filters })
	assert.Equal(t, probed, l.calls("RetrieveServiceContent"))
}

// What is told is of the time after the answers, and not of that before the questions.
func TestALossDuringAPollIsToldWithIt(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.settings.APITimeout, l.settings.Metrics.Controller.Timeout = 30*time.Second, 30*time.Second
	l.start()
	l.complete()
	gate := fault.NewGate()
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.HoldRequest(gate)})
	<-gate.Arrived()
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1 << 20, Fault: fault.Lose()})
	l.play("power", 1)
	l.eventually("the loss", func() bool { return l.logs.FilterMessageSnippet("vCenter stream interrupted").Len() > 0 })
	before := len(l.meter.all())
	gate.Release()
	l.eventually("a collection", func() bool { return len(l.meter.all()) > before })
	assert.Equal(t, point{}, pointsIn(l.meter.all()[before])[up])
}

// A virtual machine that is removed ends each of the series that it had, once, also where a poll knows that it is gone before that is
// pushed.
func TestTheSeriesOfARemovedMachineEnd(t *testing.T) {
	for name, early := range map[string]bool{"the push is first": false, "the poll is first": true} {
		t.Run(name, func(t *testing.T) {
			l := newMeasured(t, 30).alone()
			l.settings.Metrics.Builder.Metrics.VcenterVMPowerStatus.Enabled = true // which is pushed: there is always something to end
			l.start()
			l.complete()
			gate := fault.NewGate()
			if early {
				l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 1 << 20, Fault: fault.HoldRequest(gate)})
				l.play("power", 1) // ends the wait that is under way
				<-gate.Arrived()
			}
			gone := l.play("delete", 1)[0]
			if early {
				l.eventually("the poll", func() bool {
					last := of(l.meter.last(), gone)
					_, told := last[gone+" vcenter.vm.memory.usage"] // 0 while it is off
					return !told && len(last) > 0
				})
			}
			l.proxy.Clear()
			gate.Release()
			l.eventually("the end", func() bool { return len(of(l.meter.last(), gone)) == 0 })
			ends := l.meter.endsOf(t, gone)
			assert.True(t, ends > 0 && (!early || ends > 1), "what was polled before the rest, where the poll is first")
		})
	}
}

// endsOf holds that each series of an object has ended once, and for good, and returns how many collections have ended some.
func (m *meter) endsOf(t *testing.T, moref string) (collections int) {
	t.Helper()
	over := map[string]bool{}
	all := map[string]bool{}
	for _, payload := range m.all() {
		ended := 0
		for name, p := range of(pointsIn(payload), moref) {
			assert.False(t, over[name], "%s has ended already", name)
			all[name] = true
			if p.ended {
				over[name] = true
				ended++
			}
		}
		if ended > 0 {
			collections++
		}
	}
	assert.Equal(t, all, over, "each series that it had")
	return collections
}

// A virtual machine that is switched on while nothing can be asked has no use of CPU that anybody was told of, though what was answered of
// it while it was off would make one. When it is off again, that does not end.
func TestWhatWasNeverToldIsNotEnded(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.settings.Metrics.Builder.Metrics.VcenterVMPowerStatus.Enabled = true // which is pushed
	l.start()
	l.complete()
	power := func() (states []float64) {
		last := l.meter.last()
		for _, vm := range l.vms {
			states = append(states, last[vm+" vcenter.vm.power.status on"].value)
		}
		return states
	}
	before := power()
	require.Contains(t, before, 0.0, "one that is off")
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.Status(500, "<html>no</html>")})
	for range 2 {
		want := power()
		for i := range want {
			want[i] = 1 - want[i]
		}
		l.play("power", len(l.vms))
		l.eventually("all are switched", func() bool { return slices.Equal(want, power()) })
	}
	require.Equal(t, before, power())
	l.proxy.Clear()
	l.complete()

	open := map[string]bool{}
	for _, payload := range l.meter.all() {
		for name, p := range pointsIn(payload) {
			assert.True(t, !p.ended || open[name], "%s ends, and is not open", name)
			open[name] = !p.ended
		}
	}
}

// What is switched off costs no call: neither a question, nor a view to ask it of.
func TestMetricsThatAreOffCostNoCall(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.only("vcenter.up", "vcenter.vm.power.status", "vcenter.vm.snapshot.count")
	l.start()
	told := func(n int) {
		l.eventually("collections", func() bool { return len(l.meter.all()) >= n && len(l.meter.last()) > len(l.vms) })
	}
	told(1)
	before := l.sim.Stats()
	told(len(l.meter.all()) + 5)
	after := l.sim.Stats()
	assert.Equal(t, before.Calls["RetrievePropertiesEx"], after.Calls["RetrievePropertiesEx"])
	assert.Equal(t, 1, after.Objects.Views)
	for name := range l.meter.last() {
		assert.Regexp(t, `vcenter\.(up|vm\.power\.status|vm\.snapshot\.count)`, name)
	}
	eventually(t, "status OK", l.host.ok)
}

// When vCenter's own certificate ends is known from the connection: no host is asked for its own.
func TestTheCertificateOfTheConnectionCostsNoCall(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.only("vcenter.up", "vcenter.certificate.expiry")
	l.start()
	l.eventually("collections", func() bool { return len(l.meter.all()) > 3 && l.meter.last()[up].value == 1 })
	assert.Zero(t, l.calls("RetrievePropertiesEx"))
	assert.Equal(t, 1, l.sim.Stats().Objects.Views)
}

// A session that is lost in the middle of a poll costs one login, and no view is left behind.
func TestASessionThatIsLostDuringAPoll(t *testing.T) {
	l := newMeasured(t, 30).alone()
	r := l.start()
	l.complete()
	l.sim.KillSessionDuring("RetrievePropertiesEx")
	l.eventually("another session", func() bool { return l.calls("Login") == 2 })
	l.complete()
	eventually(t, "one session", func() bool { return len(l.sim.Stats().Sessions) == 1 })
	eventually(t, "two views", func() bool { return l.sim.Stats().Objects.Views == 2 })
	eventually(t, "status OK", l.host.ok)
	r.stop()
	l.wantNothingLeftInVCenter()
}

// What cannot be asked for is not told; all else is, and the status says what is missing.
func TestAPollThatFailsCostsItsOwnMetrics(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.settings.Metrics.Builder.Metrics.VcenterVMPowerStatus.Enabled = true // which is pushed
	l.start()
	l.complete()
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.Status(500, "<html>no</html>")})
	vm := l.vms[0]
	l.eventually("what is pushed alone", func() bool {
		last := of(l.meter.last(), vm)
		_, polled := last[vm+" vcenter.vm.memory.usage"]
		return len(last) > 0 && !polled
	})
	eventually(t, "a status", func() bool {
		return l.logs.FilterMessageSnippet("metrics are told without").Len() > 0 && l.host.last() != nil
	})
	l.proxy.Clear()
	l.complete()
	eventually(t, "status OK", l.host.ok)
}

// Metrics that are refused are lost, which is told; they are not sent again, for by then they are old, and what follows is not held.
func TestMetricsThatAreRefusedAreLostAndTold(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.start()
	l.complete()
	eventually(t, "status OK", l.host.ok)
	l.meter.obey(func(context.Context) error { return errRefused })
	eventually(t, "a status", func() bool {
		return l.host.last() != nil && l.logs.FilterMessageSnippet("the pipeline refused metrics: they are lost").Len() == 1
	})
	before := len(l.meter.all())
	l.meter.obey(nil)
	l.eventually("collections", func() bool { return len(l.meter.all()) > before+2 })
	eventually(t, "status OK", l.host.ok)
	seen := map[pcommon.Timestamp]int{}
	for _, payload := range l.meter.all() {
		at := payload.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
		seen[at.At(at.Len()-1).Gauge().DataPoints().At(0).Timestamp()]++
	}
	for at, n := range seen {
		assert.Equal(t, 1, n, "%s", at)
	}
}

// The time that a collection may take is over when vCenter has not answered: what is known all the same is delivered in a time of its own.
func TestTheTimeForVCenterIsNotThatForTheDelivery(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.settings.Metrics.Controller.Timeout = 300 * time.Millisecond
	l.meter.obey(context.Context.Err)
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Count: 1 << 20, Fault: fault.BlackHole()})
	l.start()
	host := l.sim.Large().Of("HostSystem")[0].Value
	l.eventually("what is pushed", func() bool { return l.meter.last()[host+" vcenter.host.cpu.capacity"].value > 0 })
}

// A short timeout is for what a collection asks: it is no time for the first reading, or the first thing told would be at each start that
// vCenter is down.
func TestAShortTimeoutIsNotThatOfTheFirstReading(t *testing.T) {
	l := newMeasured(t, 10).alone()
	l.settings.Metrics.Controller.Timeout = 100 * time.Millisecond
	l.proxy.Add(fault.Rule{Method: "CreateFilter", Fault: fault.Rewrite(func(body []byte) []byte {
		time.Sleep(time.Second)
		return body
	})})
	l.start()
	l.eventually("a collection", func() bool { return l.meter.last()[up].value == 1 })
	assert.NotContains(t, l.meter.ups(), 0.0)
}

// A consumer of metrics that does not answer is given the grace that one of logs has.
func TestAStuckConsumerOfMetricsIsGivenItsGrace(t *testing.T) {
	l := newMeasured(t, 30).alone()
	entered := make(chan struct{})
	l.meter.obey(func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	})
	r := l.start()
	<-entered
	began := time.Now()
	r.stop()
	assert.GreaterOrEqual(t, time.Since(began), 9*time.Second)
	assert.Less(t, time.Since(began), 20*time.Second)
	l.wantNothingLeftInVCenter()
}

// Events are counted once they are delivered, each once.
func TestDeliveredEventsAreCounted(t *testing.T) {
	l := newMeasured(t, 30)
	l.start()
	l.pinned()
	counted := func() float64 { return l.meter.last()[" vcenter.event.count VmPoweredOnEvent info"].value }
	l.append(7)
	l.eventually("all of them", func() bool { return counted() == 7 })
	l.sink.obey(func(int, plog.Logs) error { return errRefused })
	l.append(5)
	seen := len(l.meter.all())
	l.eventually("collections", func() bool { return len(l.meter.all()) > seen+3 })
	assert.Equal(t, 7.0, counted(), "what is refused is not delivered")
	l.sink.obey(nil)
	l.eventually("all of them", func() bool { return counted() == 12 })
}

// Alarms are read again when an event tells of them, and not before ten minutes otherwise.
func TestAlarmsAreReadWhenAnEventTells(t *testing.T) {
	l := newMeasured(t, 30)
	l.only("vcenter.up", "vcenter.alarm.active")
	l.start()
	l.pinned()
	l.eventually("a collection", func() bool { return l.meter.last()[up].value == 1 })
	alarmed := l.play("alarm", 1)[0]
	l.eventually("the alarm", func() bool { return len(of(l.meter.last(), alarmed)) > 0 })
}

// Where no event tells of an alarm, it is read all the same: events are not read, are held, or are narrowed in vCenter.
func TestAlarmsAreReadWhereNoEventTells(t *testing.T) {
	narrow, err := event.NewFilter(event.FilterSettings{Types: []string{"VmEmigratingEvent"}})
	require.NoError(t, err)
	for name, begin := range map[string]func(*measured){
		"a pipeline of metrics alone": func(l *measured) {
			l.alone().start()
		},
		"a filter that vCenter applies": func(l *measured) {
			l.settings.Events.Filter = narrow
			l.start()
			l.synced()
		},
		"logs that are held": func(l *measured) {
			l.start()
			l.pinned()
			l.sink.obey(func(int, plog.Logs) error { return errRefused })
			l.append(3)
			l.eventually("the hold", func() bool { return l.host.last() != nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newMeasured(t, 30)
			l.only("vcenter.up", "vcenter.alarm.active")
			begin(l)
			l.eventually("a collection", func() bool { return l.meter.last()[up].value == 1 })
			alarmed := l.play("alarm", 1)[0]
			l.eventually("the alarm", func() bool { return len(of(l.meter.last(), alarmed)) > 0 })
		})
	}
}

// Tags are told without a pipeline of logs, too.
func TestTagsAreMetrics(t *testing.T) {
	l := newMeasured(t, 30).alone()
	l.only("vcenter.up", "vcenter.tag.info")
	r := l.start()
	l.eventually("tags", func() bool { return len(l.meter.last()) > 1 })
	r.stop()
	assert.Zero(t, l.sim.Tagging().Stats().Sessions)
}

// An object outside of the selection has neither metrics nor changes. Who comes in is told from then on.
func TestASelectionHoldsForMetricsAndChanges(t *testing.T) {
	l := newMeasured(t, 30)
	only, err := inventory.NewSelection(nil, []inventory.SelectionRule{{Types: []string{"VirtualMachine"}}})
	require.NoError(t, err)
	l.settings.Inventory.Selection = only
	l.start()
	l.synced()
	l.eventually("hosts", func() bool {
		_, told := l.meter.last()[l.sim.Large().Of("HostSystem")[0].Value+" vcenter.host.memory.usage"]
		return told
	})
	l.play("power", 5)
	l.play("maintenance", 1)
	l.eventually("what hosts do", func() bool { return len(ofKind(l.told(), "changed")) > 0 })
	for name := range l.meter.last() {
		assert.NotContains(t, name, "vcenter.vm.")
	}
	for _, c := range l.told() {
		assert.NotEqual(t, "VirtualMachine", c.class)
	}
}

// Where tags decide of whom is told, nothing is told before they were read: neither too much nor too little. The status says what is
// missing.
func TestASelectionByTagsWaitsForThem(t *testing.T) {
	l := newMeasured(t, 30)
	l.settings.Inventory.Selection = taggedMachines(t)
	l.sim.Tagging().SetAbsent(true)
	r := l.start()
	l.eventually("a collection", func() bool { return l.meter.last()[up].value == 1 })
	l.play("power", len(l.vms))
	l.eventually("a status", func() bool {
		return l.host.last() != nil && l.logs.FilterMessageSnippet("metrics of objects are not told").Len() > 0 && l.interrupted("inventory::exclude ask for") > 0
	})
	assert.Empty(t, l.told())
	assert.Zero(t, l.meter.objects())
	assert.Equal(t, 1, l.calls("Login"), "the session has nothing to do with it")
	r.stop()
	l.sim.Tagging().SetAbsent(false)
	l.start()
	l.synced()
	l.eventually("tagged machines", func() bool { return l.meter.objects() > 0 })
	l.play("power", len(l.vms))
	l.eventually("their changes", func() bool { return len(ofKind(l.told(), "changed")) > 0 })
	eventually(t, "status OK", l.host.ok)
}

// A vCenter that has no tagging API for good holds nothing up for good: then nothing has a tag, and that is said.
func TestASelectionByTagsWhereThereAreNone(t *testing.T) {
	l := newMeasured(t, 30)
	hosts := inventory.SelectionRule{Types: []string{"HostSystem"}}
	machines := inventory.SelectionRule{Types: []string{"VirtualMachine"}, Tags: []string{"*"}}
	selection, err := inventory.NewSelection([]inventory.SelectionRule{hosts, machines}, []inventory.SelectionRule{{Tags: []string{"*"}}})
	require.NoError(t, err)
	l.settings.Inventory.Selection, l.settings.Inventory.TagPatience = selection, time.Second
	l.sim.Tagging().SetAbsent(true)
	l.start()
	l.eventually("hosts", func() bool { return l.meter.objects() == len(l.sim.Large().Of("HostSystem")) })
	assert.Equal(t, 1, l.logs.FilterMessageSnippet("has no tagging API").Len())
	l.synced()
	l.play("power", 3)
	l.play("maintenance", 1)
	l.eventually("what hosts do", func() bool { return len(ofKind(l.told(), "changed")) > 0 })
	for _, c := range ofKind(l.told(), "changed") {
		assert.Equal(t, "HostSystem", c.class)
	}
	eventually(t, "status OK", l.host.ok)
}

func taggedMachines(t *testing.T) *inventory.Selection {
	t.Helper()
	tagged, err := inventory.NewSelection([]inventory.SelectionRule{{Types: []string{"VirtualMachine"}, Tags: []string{"*"}}}, nil)
	require.NoError(t, err)
	return tagged
}

// interrupted is how often a stream was interrupted for a reason.
func (l *measured) interrupted(why string) (n int) {
	for _, line := range l.logs.FilterMessageSnippet("vCenter stream interrupted").All() {
		if strings.Contains(fmt.Sprint(line.ContextMap()["error"]), why) {
			n++
		}
	}
	return n
}

// objects is of how many objects was told last.
func (m *meter) objects() int {
	all := map[string]bool{}
	for name := range m.last() {
		if moref, _, _ := strings.Cut(name, " "); moref != "" {
			all[moref] = true
		}
	}
	return len(all)
}
