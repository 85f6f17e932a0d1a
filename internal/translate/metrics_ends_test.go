package translate

import (
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// modify assigns a property of an object.
func modify(class, moref, path, value string) string {
	return `<objectSet><kind>modify</kind><obj type="` + class + `">` + moref + `</obj><changeSet><name>` + path + `</name><op>assign</op>` + value + `</changeSet></objectSet>`
}

// lacking are the series of the first that the second does not have.
func lacking(first, second map[string]string) map[string]string {
	found := map[string]string{}
	for name, value := range first {
		if _, there := second[name]; !there {
			found[name] = value
		}
	}
	return found
}

// split tells those series that have a value, from those that have ended.
func split(all map[string]string) (told, over map[string]string) {
	told, over = map[string]string{}, map[string]string{}
	for name, value := range all {
		if strings.HasSuffix(value, "ended") {
			over[name] = value
		} else {
			told[name] = value
		}
	}
	return told, over
}

// A virtual machine that is switched off uses no CPU, a snapshot that is gone has no age, an alarm that is cleared is not active, and a
// tag that is taken off is not there: Prometheus would show each for five minutes more.
func TestASeriesThatEndsWhileItsObjectStays(t *testing.T) {
	for name, test := range map[string]struct {
		updates []string
		change  func(*Collection)
		ends    string
	}{
		"a snapshot": {updates: []string{modify(typeVM, "vm-42", "snapshot", "")}, ends: "vcenter.vm.snapshot."},
		"the power": {
			updates: []string{modify(typeVM, "vm-42", "runtime.powerState", `<val xsi:type="xsd:string">poweredOff</val>`)}, ends: "vcenter.vm.cpu.",
		},
		"a file system": {
			updates: []string{modify(typeVM, "vm-42", "guest", `<val xsi:type="GuestInfo"><toolsRunningStatus>guestToolsRunning</toolsRunningStatus></val>`)},
			ends:    "vcenter.vm.disk.guest.",
		},
		"an alarm": {change: func(c *Collection) { delete(c.Stats.Alarms, "vm-42") }, ends: "vcenter.alarm.active"},
		"the tags": {change: func(c *Collection) {
			c.Tags = func(string) iter.Seq2[string, string] { return func(func(string, string) bool) {} }
		}, ends: "vcenter.tag.info"},
		"a licence": {change: func(c *Collection) { c.Stats.Licenses = c.Stats.Licenses[:1] }, ends: "vcenter.license."},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMetrics(everything(true))
			before := series(m.Of(testCollection(t)))
			c := later(testCollection(t, test.updates...))
			if test.change != nil {
				test.change(&c)
			}
			now, over := split(series(m.Of(c)))
			assert.Equal(t, ended(lacking(before, now)), over)
			assert.Contains(t, strings.Join(keys(over), "\n"), test.ends)
			_, again := split(series(m.Of(later(c))))
			assert.Empty(t, again, "and not again")
		})
	}
}

// The whole of a collection in which a virtual machine is gone, and another one was switched off.
func TestMetricsOfAnEstateThatHasLostSomething(t *testing.T) {
	m := newTestMetrics(metadata.NewDefaultMetricsBuilderConfig())
	m.Of(testCollection(t))
	c := later(testCollection(t, leave(typeVM, "vm-43"), modify(typeVM, "vm-42", "runtime.powerState", `<val xsi:type="xsd:string">poweredOff</val>`)))
	assertGoldenMetrics(t, "ended.yaml", m.Of(c))
}

func keys(all map[string]string) (names []string) {
	for name := range all {
		names = append(names, name)
	}
	return names
}

// What is polled may know that a virtual machine is gone before that is pushed, and may not know it where the push was faster: each of
// its series ends all the same, once.
func TestWhatWasPolledOfARemovedObjectEndsToo(t *testing.T) {
	forget := func(c Collection) Collection {
		delete(c.Stats.VMs, "vm-42")
		delete(c.Stats.Status, "vm-42")
		delete(c.Stats.Alarms, "vm-42")
		return c
	}
	m := newTestMetrics(everything(true))
	before := of("vm-42", series(m.Of(testCollection(t))))
	now, first := split(of("vm-42", series(m.Of(later(forget(testCollection(t)))))))
	assert.NotEmpty(t, now, "it is still there")
	assert.Equal(t, ended(lacking(before, now)), first)
	require.NotEmpty(t, first)
	none, second := split(of("vm-42", series(m.Of(later(later(forget(testCollection(t, leave(typeVM, "vm-42")))))))))
	assert.Empty(t, none)
	assert.Equal(t, ended(now), second)
	assert.Equal(t, len(before), len(first)+len(second))
}

// What could not be asked for is not known, and has not ended. What has ended meanwhile is ended once that is known.
func TestWhatWasNotAnsweredHasNotEnded(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	silent := func(updates ...string) Collection {
		c := later(testCollection(t, updates...))
		c.Stats, c.Tags, c.Partial = nil, nil, true
		return c
	}
	for range 3 {
		now, over := split(series(m.Of(silent())))
		assert.Empty(t, over)
		require.Less(t, len(now), len(before))
	}
	_, over := split(series(m.Of(silent(leave(typeVM, "vm-42")))))
	assert.Equal(t, ended(of("vm-42", before)), over, "what was told of it before, too")
	c := later(testCollection(t, leave(typeVM, "vm-42")))
	delete(c.Stats.VMs, "vm-43")
	now, over := split(series(m.Of(c)))
	assert.Equal(t, ended(lacking(of("vm-43", before), now)), of("vm-43", over))
	assert.NotEmpty(t, over)
	for name := range over {
		assert.NotContains(t, name, "moref=vm-42,", "not again")
	}
}

// What was answered as a whole is all there is, whatever else was not answered: an alarm that was cleared has ended, and the usage of the
// hosts, which is not known, has not.
func TestWhatWasAnsweredEndsThoughAnotherQuestionFailed(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	c := later(testCollection(t))
	delete(c.Stats.Alarms, "vm-42")
	delete(c.Stats.VMs, "vm-43")
	c.Stats.Licenses = c.Stats.Licenses[:1]
	for _, moref := range []string{"host-28", "host-29"} {
		delete(c.Stats.Status, moref)
	}
	c.Stats.Hosts, c.Stats.Lacks, c.Partial = nil, inventory.Parts{Hosts: true}, true
	now, over := split(series(m.Of(c)))
	names := strings.Join(keys(over), "\n")
	for _, name := range []string{"vcenter.alarm.active", "vcenter.vm.cpu.", "vcenter.license."} {
		assert.Contains(t, names, name)
	}
	assert.NotRegexp(t, `(?m)^vcenter\.host\.`, names)
	silent := lacking(lacking(before, now), over)
	for name := range silent {
		assert.Regexp(t, `^vcenter\.(host\.(cpu|memory)|datacenter\.host\.count)`, name)
	}
	assert.NotEmpty(t, silent)
	c = later(c)
	c.Stats.Licenses = []inventory.License{}
	_, over = split(series(m.Of(c)))
	assert.Contains(t, strings.Join(keys(over), "\n"), "vcenter.license.")
}

// Another vCenter has other objects by the same names: what was not answered of them is not what was known of those.
func TestWhatWasNotAnsweredOfAnotherVCenterIsNotKnown(t *testing.T) {
	m := newTestMetrics(everything(true))
	m.Of(testCollection(t))
	another := func(c Collection) Collection {
		c.Source.InstanceUUID = "another"
		return c
	}
	c := another(later(testCollection(t)))
	c.Stats, c.Partial = nil, true
	told, _ := split(series(m.Of(c)))
	c = another(later(testCollection(t, leave(typeVM, "vm-42"))))
	c.Stats, c.Partial = nil, true
	_, over := split(series(m.Of(c)))
	assert.Equal(t, ended(of("vm-42", told)), over)
}

// What was answered of a virtual machine while it was off makes, with the word that it is on by now, a use of CPU of which nobody was told.
// That does not end, nor does what has ended before.
func TestWhatWasNeverToldIsNotEnded(t *testing.T) {
	const on, off, gone = "on", "off", "gone"
	updates := map[string][]string{
		off:  {modify(typeVM, "vm-42", "runtime.powerState", `<val xsi:type="xsd:string">poweredOff</val>`)},
		gone: {leave(typeVM, "vm-42")},
	}
	for name, states := range map[string][]string{
		"it was off, and is again":     {off, "?on", off},
		"it was off, and is removed":   {off, "?on", gone},
		"it was on, and is off again":  {on, "?off", "?on", off},
		"it was on, and is removed":    {on, "?off", "?on", gone},
		"it was off, and is answered":  {off, "?on", on, off},
		"it was off, and asked again":  {off, "?on", "?on", "?off", gone},
		"it was never answered of":     {"?on", "?off", off, gone},
		"it was on, and nothing knows": {on, "?on", "?on", gone},
	} {
		t.Run(name, func(t *testing.T) {
			m, open := newTestMetrics(everything(true)), map[string]string{}
			for _, state := range states {
				state, silent := strings.CutPrefix(state, "?")
				c := testCollection(t, updates[state]...)
				if silent {
					c.Stats, c.Partial = nil, true
				}
				told, over := split(series(m.Of(later(c))))
				assert.Empty(t, lacking(over, ended(open)), "%s: what ends was told", state)
				for name := range over {
					delete(open, name)
				}
				if !silent {
					assert.Empty(t, lacking(open, told), "%s: what is no more has ended", state)
				}
				maps.Copy(open, told)
			}
		})
	}
}
