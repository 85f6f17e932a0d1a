package inventory_test

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

var onlyAlarms = inventory.Wanted{Alarms: true}

var cpuAlarm = []inventory.Alarm{{Name: "Virtual machine CPU usage", Status: inventory.Red}}

// alarming are the objects with alarms, each of which has the one that the simulator knows to play.
func alarming(t *testing.T, stats *inventory.Stats) []string {
	t.Helper()
	for moref, alarms := range stats.Alarms {
		assert.Equal(t, cpuAlarm, alarms, moref)
	}
	return slices.Sorted(maps.Keys(stats.Alarms))
}

func TestAlarmsAreReadAgainOfWhatAnEventNames(t *testing.T) {
	e := newEstate(t, 60, inventory.PollSettings{})
	first := e.play(t, "alarm", 1)[0].Value
	calls, _ := e.requests(func() { assert.Equal(t, []string{first}, alarming(t, e.poll(t, onlyAlarms))) })
	assert.Equal(t, map[string]int{"RetrievePropertiesEx": 2}, calls, "all at the root, and the name")

	second := e.play(t, "alarm", 1)[0].Value
	for second == first { // it ended
		second = e.play(t, "alarm", 1)[0].Value
	}
	_, total := e.requests(func() { assert.Equal(t, []string{first}, alarming(t, e.poll(t, onlyAlarms)), "nobody has told of it") })
	assert.Zero(t, total)
	e.poller.Notice(second)
	_, total = e.requests(func() {
		assert.ElementsMatch(t, []string{first, second}, alarming(t, e.poll(t, onlyAlarms)))
	})
	assert.Equal(t, 1, total, "the name is known")

	e.play(t, "alarm", 59) // all others, or all but one: the alarms of most begin, and those of some end
	for _, ref := range e.sim.Large().Of("VirtualMachine") {
		e.poller.Notice(ref.Value)
	}
	e.poller.Notice("vm-that-was-never-there")
	stats := e.poll(t, onlyAlarms)
	assert.Equal(t, e.triggered(), alarming(t, stats))
}

// triggered are the virtual machines with alarms, as they are.
func (e *estate) triggered() (morefs []string) {
	for _, f := range e.sim.Large().Facts() {
		if f.Alarms > 0 && f.Type == "VirtualMachine" {
			morefs = append(morefs, f.MoRef)
		}
	}
	slices.Sort(morefs)
	return morefs
}

// An event of an object may be there before the object.
func TestAnAlarmOfAnObjectThatIsNotPushedYetIsNotForgotten(t *testing.T) {
	e := newEstate(t, 20, inventory.PollSettings{})
	e.poll(t, onlyAlarms)
	alarmed := e.play(t, "alarm", 1)[0].Value
	later := e.snapshot
	var all []inventory.Told
	for _, f := range e.sim.Large().Facts() {
		if f.MoRef != alarmed {
			all = append(all, inventory.Told{Type: f.Type, Moref: f.MoRef, Connection: f.Connection})
		}
	}
	e.snapshot = inventory.SnapshotOf(e.sim.InstanceUUID(), e.session.ServiceContent().RootFolder.Value, all)
	e.poller.Notice(alarmed)
	for range 3 {
		_, total := e.requests(func() { assert.Empty(t, alarming(t, e.poll(t, onlyAlarms))) })
		assert.Zero(t, total)
	}
	e.snapshot = later
	assert.Equal(t, []string{alarmed}, alarming(t, e.poll(t, onlyAlarms)))
}

func TestAllAlarmsAreReadNowAndThen(t *testing.T) {
	e := newEstate(t, 20, inventory.PollSettings{AlarmInterval: time.Nanosecond})
	for range 3 {
		e.play(t, "alarm", 7)
		assert.Equal(t, e.triggered(), alarming(t, e.poll(t, onlyAlarms)))
	}
}

func TestAStormOfAlarmsIsOneRead(t *testing.T) {
	e := newEstate(t, 400, inventory.PollSettings{})
	e.play(t, "alarm", 10)
	e.poll(t, onlyAlarms)
	for _, ref := range e.play(t, "alarm", 300) {
		e.poller.Notice(ref.Value)
	}
	before := e.received.Load()
	calls, _ := e.requests(func() { assert.Equal(t, e.triggered(), alarming(t, e.poll(t, onlyAlarms))) })
	assert.Equal(t, map[string]int{"RetrievePropertiesEx": 2}, calls)
	t.Logf("%d bytes for %d alarms", e.received.Load()-before, len(e.triggered()))
}

// An account may see a part of the inventory, and nothing of the root folder.
func TestWhoMayNotReadTheRootReadsTheAlarmsOfEachObject(t *testing.T) {
	e := newEstate(t, 40, inventory.PollSettings{})
	e.play(t, "alarm", 5)
	told := regexp.MustCompile(`(<obj type="Folder">group-d1</obj>)<propSet>.*?</propSet>`)
	hide := fault.Rewrite(func(body []byte) []byte {
		return told.ReplaceAll(body, []byte(`$1<missingSet><path>triggeredAlarmState</path><fault><fault xsi:type="NoPermission"><privilegeId>System.Read</privilegeId></fault><localizedMessage>x</localizedMessage></fault></missingSet>`))
	})
	defer e.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Hook: func(_ string, _ int, body []byte) fault.Fault {
		if bytes.Contains(body, []byte("group-d1")) {
			return hide
		}
		return fault.Fault{}
	}})()
	calls, _ := e.requests(func() { assert.Equal(t, e.triggered(), alarming(t, e.poll(t, onlyAlarms))) })
	assert.Equal(t, map[string]int{"RetrievePropertiesEx": 3, "CreateContainerView": 1}, calls)
}

// What was known before is just what an event has said is no more.
func TestAlarmsThatCouldNotBeReadAreNotKnown(t *testing.T) {
	e := newEstate(t, 20, inventory.PollSettings{})
	ref := e.play(t, "alarm", 1)[0]
	e.poll(t, onlyAlarms)
	e.poller.Notice(ref.Value)
	remove := e.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Fault: fault.Lose()})
	stats, err := e.tryPoll(t, onlyAlarms)
	require.Error(t, err)
	assert.Nil(t, stats.Alarms)
	remove()
	assert.Equal(t, e.triggered(), alarming(t, e.poll(t, onlyAlarms)))
}

func TestAnAlarmWhoseDefinitionIsGoneCostsItsNameOnly(t *testing.T) {
	e := newEstate(t, 20, inventory.PollSettings{})
	e.play(t, "alarm", 2)
	defer e.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Hook: func(_ string, _ int, body []byte) fault.Fault {
		if bytes.Contains(body, []byte(`<alarm type="Alarm">`)) {
			return fault.Rewrite(func(body []byte) []byte {
				return bytes.Replace(body, []byte("alarm-6</alarm>"), []byte("alarm-99</alarm>"), 1)
			})
		}
		return fault.Fault{}
	}})()
	stats := e.poll(t, onlyAlarms)
	names := map[string]int{}
	for moref := range stats.Alarms {
		for alarm := range stats.AlarmsOf(moref) {
			names[alarm.Name]++
		}
	}
	assert.Equal(t, map[string]int{"": 1, "Virtual machine CPU usage": 1}, names)
}

func TestEventsAndPollsMeet(t *testing.T) {
	e := newEstate(t, 30, inventory.PollSettings{})
	ctx, stop := context.WithCancel(t.Context())
	var telling sync.WaitGroup
	telling.Go(func() {
		for ctx.Err() == nil {
			refs, err := e.sim.Large().Play("alarm", 3)
			assert.NoError(t, err)
			for _, ref := range refs {
				e.poller.Notice(ref.Value)
			}
		}
	})
	for range 20 {
		e.poll(t, onlyAlarms)
	}
	stop()
	telling.Wait()
	assert.Equal(t, e.triggered(), alarming(t, e.poll(t, onlyAlarms)))
}

func TestLicencesAndCertificatesAreReadRarely(t *testing.T) {
	e := newEstate(t, 90, inventory.PollSettings{ExpiryInterval: 200 * time.Millisecond})
	wanted := inventory.Wanted{Licenses: true, Certificates: true, Certificate: true}
	stats := e.poll(t, wanted)
	begun := time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	ends := begun.Add(365 * 24 * time.Hour)
	require.Len(t, stats.Licenses, 3)
	assert.Equal(t, inventory.License{
		Name: "vSphere 8 Enterprise Plus", Edition: "esx.enterprisePlus.cpuPackageCoreLimited", Total: 256, Used: 4, Expires: ends,
	}, stats.Licenses[0])
	assert.True(t, stats.Licenses[1].Expires.IsZero())
	assert.WithinDuration(t, time.Now().Add(60*24*time.Hour), stats.Licenses[2].Expires, 2*time.Hour)
	require.Len(t, stats.Certificates, 2)
	for n, ref := range e.sim.Large().Of("HostSystem") {
		assert.Equal(t, ends.Add(time.Duration(n)*time.Hour), stats.Certificates[ref.Value])
	}
	assert.True(t, stats.Certificate.IsZero(), "there is no TLS here")

	require.Eventually(t, func() bool {
		_, total := e.requests(func() {
			again := e.poll(t, wanted)
			assert.Equal(t, stats.Certificates, again.Certificates)
			assert.Len(t, again.Licenses, 3)
		})
		return total == 2
	}, time.Minute, 20*time.Millisecond, "now and then")
	_, total := e.requests(func() {
		e.poller = inventory.NewPoller(e.session.About().InstanceUuid, inventory.PollSettings{})
		e.poll(t, wanted)
		for range 10 {
			e.poll(t, wanted)
		}
	})
	assert.Equal(t, 3, total, "once, with the view")
	require.NoError(t, e.poller.Close(t.Context()))
}

// A refusal is the same the next time: it is not asked for in each poll, for each would be told as an error.
func TestWhoMayNotReadLicencesAsksRarely(t *testing.T) {
	e := newEstate(t, 5, inventory.PollSettings{})
	refused := fault.Answer(500, "text/xml; charset=utf-8", `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>Permission to perform this operation was denied.</faultstring><detail><NoPermissionFault xmlns="urn:vim25" xsi:type="NoPermission"><object type="LicenseManager">LicenseManager</object><privilegeId>Global.Licenses</privilegeId></NoPermissionFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
	remove := e.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Fault: refused})
	_, err := e.tryPoll(t, inventory.Wanted{Licenses: true})
	require.ErrorContains(t, err, "licences")
	stats := e.poll(t, inventory.Wanted{Licenses: true})
	assert.Empty(t, stats.Licenses)
	remove()
}
