package receiver_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// filter sets the filter of the next start.
func (l *lab) filter(settings event.FilterSettings) *lab {
	l.t.Helper()
	filter, err := event.NewFilter(settings)
	require.NoError(l.t, err)
	l.settings.Events.Filter = filter
	return l
}

// addUnwanted adds an event that must not be delivered.
func (l *lab) addUnwanted(e types.BaseEvent) {
	before := l.expects
	l.add(e)
	l.past = append(l.past, l.expects[len(before):]...)
	l.expects = before
}

// wantNothingUnwanted looks for what must not be delivered.
func (l *lab) wantNothingUnwanted() {
	l.t.Helper()
	taken := l.taken()
	for _, uid := range l.forgotten() {
		assert.NotContains(l.t, taken, uid)
	}
}

// readTo is the position as it is stored.
func (l *lab) readTo() (at time.Time) {
	for _, value := range l.disk.bytes() {
		if found := regexp.MustCompile(`"read_to":"([^"]+)"`).FindSubmatch(value); found != nil {
			at, _ = time.Parse(time.RFC3339Nano, string(found[1]))
		}
	}
	return at
}

func (l *lab) poweredOff(user string) types.BaseEvent {
	place := l.sim.Inventory()[1]
	return &types.VmPoweredOffEvent{VmEvent: types.VmEvent{Event: types.Event{CreatedTime: l.now(), UserName: user, Vm: &place.VM}}}
}

func (l *lab) poweredOnBy(user string) types.BaseEvent {
	place := l.sim.Inventory()[0]
	return &types.VmPoweredOnEvent{VmEvent: types.VmEvent{Event: types.Event{CreatedTime: l.now(), UserName: user, Vm: &place.VM}}}
}

func (l *lab) problem() types.BaseEvent {
	return &types.EventEx{Event: types.Event{CreatedTime: l.now(), UserName: "root"}, EventTypeId: "esx.problem.x", Severity: "error"}
}

// Each key of the filter makes a difference, whoever applies it.
func TestEachKeyOfTheFilter(t *testing.T) {
	on := func(l *lab) types.BaseEvent { return l.poweredOnBy("alice") }
	off := func(l *lab) types.BaseEvent { return l.poweredOff("bob") }
	problem := func(l *lab) types.BaseEvent { return l.problem() }
	type events = []func(*lab) types.BaseEvent
	tests := map[string]struct {
		settings         event.FilterSettings
		wanted, unwanted events
	}{
		"types, by vCenter": {event.FilterSettings{Types: []string{"esx.problem.x"}}, events{problem}, events{on, off}},
		"types, by us":      {event.FilterSettings{Types: []string{"vim.event.VmPoweredOnEvent", "esx.*"}}, events{on, problem}, events{off}},
		"exclude_types":     {event.FilterSettings{ExcludeTypes: []string{"VmEvent"}}, events{problem}, events{on, off}},
		"categories":        {event.FilterSettings{Categories: []string{"error"}}, events{problem}, events{on, off}},
		"users":             {event.FilterSettings{Users: []string{"ALICE", "root"}}, events{on, problem}, events{off}},
		"exclude_users":     {event.FilterSettings{ExcludeUsers: []string{"Bob"}}, events{on, problem}, events{off}},
		"entities":          {event.FilterSettings{Entities: []string{"/DC0/vm/DC0_C0_RP0_VM0"}}, events{on}, events{off, problem}},
		"exclude":           {event.FilterSettings{Exclude: []event.Rule{{Types: []string{"Vm*"}, Users: []string{"bob"}}}}, events{on, problem}, events{off}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				require.Equal(t, "DC0_C0_RP0_VM0", l.sim.Inventory()[0].VM.Name)
				l.filter(test.settings).fromTheBeginning()
				fill := func() {
					for range 3 {
						for _, make := range test.unwanted {
							l.addUnwanted(make(l))
						}
						for _, make := range test.wanted {
							l.add(make(l))
						}
					}
				}
				fill()
				r := l.start()
				l.wantEachOnce()
				fill()
				l.wantEachOnce()
				r.stop()
				fill()
				l.start()
				l.wantEachOnce()
				l.wantNothingUnwanted()
				assert.NotContains(t, l.log(), "stalled")
			})
		})
	}
}

// A filter that matches nothing for long must neither keep the position where it was nor look like a stall.
func TestAFilterThatMatchesNothing(t *testing.T) {
	filters := map[string]event.FilterSettings{
		"by us":      {Types: []string{"com.example.*"}},
		"by vCenter": {Types: []string{"com.example.NoSuchEvent"}},
		"an entity":  {Entities: []string{"/DC0/host"}, Types: []string{"com.example.NoSuchEvent"}},
	}
	for name, settings := range filters {
		t.Run(name, func(t *testing.T) {
			onBothOrders(t, func(t *testing.T, l *lab) {
				l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 10
				l.appendSpread(95, time.Hour)
				l.forget()
				l.filter(settings).fromTheBeginning()
				r := l.start()
				l.pinned()
				// Day after day the position is due to be stored. It is at most a page behind.
				began := l.now()
				for day := 1; !l.readTo().After(began.Add(48 * time.Hour)); day++ {
					require.Less(t, day, 30, "the position must move")
					l.sim.SetClockOffset(time.Duration(day) * 24 * time.Hour)
					l.lose()
					l.pinned()
					l.append(5)
					l.quiet(300 * time.Millisecond)
				}
				l.forget()
				l.quiet(2 * time.Second) // passes that find nothing
				r.stop()
				assert.Zero(t, l.sink.count())
				assert.NotContains(t, l.log(), "stalled")
				l.wantNothingLeftInVCenter()
			})
		})
	}
}

// With a filter in vCenter and nothing that is visible at all, nothing is known: the position stays.
func TestAFilterOverAHiddenHistory(t *testing.T) {
	l := newLab(t, byInsertion)
	l.sim.Journal().Hide(func(types.BaseEvent) bool { return true }, 0)
	l.filter(event.FilterSettings{Types: []string{"com.example.NoSuchEvent"}}).fromTheBeginning()
	l.append(10)
	l.start()
	l.pinned()
	l.sim.SetClockOffset(2 * time.Hour)
	l.sim.KillSessions()
	l.pinned()
	l.quiet(500 * time.Millisecond)
	assert.True(t, l.readTo().IsZero())
}

// A filter that is changed while the receiver is stopped holds from the position on: what the old one left out is not
// delivered as if it were late, and what the old one delivered is not delivered again.
func TestAFilterThatIsChanged(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.PageSize = 5
		at := func(ago time.Duration, e types.BaseEvent) types.BaseEvent {
			e.GetEvent().CreatedTime = l.now().Add(-ago)
			return e
		}
		for range 5 {
			l.addUnwanted(at(5*time.Minute, l.problem()))
		}
		l.appendAt(l.now().Add(-time.Minute), 5)
		l.append(5)
		r := l.filter(event.FilterSettings{Types: []string{"VmEvent"}}).fromTheBeginning().start()
		l.wantEachOnce()
		r.stop()

		l.settings.Events.Filter = nil
		r = l.start()
		l.add(l.problem())
		l.append(5)
		l.wantEachOnce()
		r.stop()
		assert.Equal(t, 1, l.logs.FilterMessageSnippet("the filter has changed").Len())

		r = l.filter(event.FilterSettings{ExcludeTypes: []string{"VmEvent"}}).start()
		l.add(l.problem())
		l.addUnwanted(poweredOn(l.now()))
		l.add(l.problem())
		l.wantEachOnce()
		r.stop()
		assert.Equal(t, 2, l.logs.FilterMessageSnippet("the filter has changed").Len())

		r = l.start()
		l.add(l.problem())
		l.wantEachOnce()
		r.stop()
		assert.Equal(t, 2, l.logs.FilterMessageSnippet("the filter has changed").Len(), "the record has the new one")
		l.wantNothingUnwanted()
	})
}

// A filter that is changed holds from the position on, also where the history is read by key, and after a kill before the first such
// reading: what the old one had vCenter leave out is not delivered as if it were late. What is late from then on is.
func TestAFilterThatIsChangedUnderASweep(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprint("killed ", killed), func(t *testing.T) {
			onVCenter9(t, func(t *testing.T, l *lab) {
				r := l.filter(event.FilterSettings{Types: []string{"esx.problem.x"}}).fromTheBeginning().start()
				l.add(l.problem())
				l.wantEachOnce()
				l.swept()
				l.passes(1)
				l.proxy.Add(fault.Rule{Method: "QueryEvents", Fault: fault.Status(http.StatusNotFound, "")})
				for range 5 {
					l.addUnwanted(l.poweredOff("bob"))
				}
				for last := l.now(); !l.readTo().After(last); l.passes(1) {
					l.add(l.problem())
				}
				l.wantEachOnce()
				l.committed()
				r.stop()
				l.settings.Events.Filter = nil
				if killed {
					r = l.start()
					l.passes(2)
					after := l.disk.copy()
					r.stop()
					l.disk = after
				}
				l.proxy.Clear()
				l.start()
				l.add(l.problem())
				l.wantEachOnce()
				l.swept()
				l.passes(2)
				l.wantNothingUnwanted()
				l.appendLate(3)
				l.wantEachOnce()
			})
		})
	}
}

// An entity that is not there is named by the status, costs no login, and streams as soon as it is there.
func TestAnEntityThatIsNotThereYet(t *testing.T) {
	l := newLab(t, byInsertion)
	l.filter(event.FilterSettings{Entities: []string{"/DC0/vm/not there"}}).start()
	eventually(t, "the reason", func() bool {
		return l.host.last() != nil && strings.Contains(l.host.last().Error(), "/DC0/vm/not there")
	})
	logins := l.calls("Login")
	l.quiet(500 * time.Millisecond)
	assert.Equal(t, logins, l.calls("Login"), fmt.Sprint(l.host.last()))
}

// What a filter leaves out is read once, not again with every pass since the last event that it wanted.
func TestAFilterThatMatchesRarelyIsNotReadAllOver(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 10
		at := func(ago time.Duration, e types.BaseEvent) types.BaseEvent {
			e.GetEvent().CreatedTime = l.now().Add(-ago)
			return e
		}
		l.add(at(2*time.Hour, l.poweredOnBy("alice")))
		for i := range 300 {
			l.addUnwanted(at(time.Hour-time.Duration(i)*time.Second, l.poweredOff("bob")))
		}
		l.filter(event.FilterSettings{Users: []string{"alice"}}).fromTheBeginning().start()
		l.wantEachOnce()
		l.passes(4) // the position is at the tail by then
		before := l.reads()
		l.quiet(3 * time.Second)
		assert.Less(t, l.reads()-before, 60, "each pass reads what the ones before have left out")
	})
}

// A filter in vCenter, an account that may not see all of what matches, and the newest of it hidden: an empty page is not the
// tail, though vCenter shows none that matches, and others besides.
func TestAFilterInVCenterAndAHiddenPage(t *testing.T) {
	onBothOrders(t, func(t *testing.T, l *lab) {
		l.settings.Events.Overlap, l.settings.Events.PageSize = time.Second, 5
		problem := func(ago time.Duration, user string) types.BaseEvent {
			e := l.problem()
			e.GetEvent().CreatedTime, e.GetEvent().UserName = l.now().Add(-ago), user
			return e
		}
		for i := range 5 {
			l.addUnwanted(problem(time.Hour-time.Duration(i)*time.Second, "hidden"))
		}
		for i := range 10 {
			l.add(problem(50*time.Minute-time.Duration(i)*time.Second, "seen"))
		}
		for range 6 {
			l.addUnwanted(problem(time.Second, "hidden"))
		}
		l.addUnwanted(l.poweredOff("bob"))
		l.sim.Journal().Hide(func(e types.BaseEvent) bool { return e.GetEvent().UserName == "hidden" }, journal.Passes)
		l.sink.obey(func(try int, _ plog.Logs) error {
			if try > 1 {
				return errRefused
			}
			return nil
		})
		r := l.filter(event.FilterSettings{Types: []string{"esx.problem.x"}}).fromTheBeginning().start()
		eventually(t, "the second batch", func() bool { return l.sink.tried() > 2 })
		killed := l.disk.copy()
		r.stop()
		l.disk = killed
		l.sink.obey(nil)
		l.start()
		l.wantEachOnce()
		l.wantNothingUnwanted()
	})
}
