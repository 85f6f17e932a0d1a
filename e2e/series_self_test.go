package e2e

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// moment makes a collection of a life, of a second.
func moment(life int, second int64, resources ...resource) collection {
	c := collection{life: life, at: timestamp(second), accepted: true, resources: resources}
	for _, r := range resources {
		for i := range r.of {
			r.of[i].at = c.at
		}
	}
	return c
}

func timestamp(second int64) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(time.Unix(second, 0))
}

// about is what is told of an object; "" is the vCenter.
func about(moref string, samples ...sample) resource {
	r := resource{id: strings.TrimSuffix("uuid/"+moref, "/"), names: []string{"uuid " + moref}, of: samples}
	for _, s := range samples {
		s.name = r.id + " " + s.metric
		s.metric, _, _ = strings.Cut(s.metric, " ")
	}
	return r
}

func (r resource) named(names ...string) resource {
	r.names = names
	return r
}

func gauge(name string, value float64) sample {
	return sample{series: &series{metric: name}, value: value}
}

func ending(name string) sample { return sample{series: &series{metric: name}, ended: true} }

// counter is a monotonic sum that began at a second.
func counter(name string, start int64, value float64) sample {
	return sample{series: &series{metric: name, sum: true, monotonic: true}, start: timestamp(start), value: value}
}

const (
	powerOn  = vital + " power_state=on"
	powerOff = vital + " power_state=off"
)

// judgement is what a validator says of a run: nothing, or something with these words.
type judgement struct {
	run  []collection
	want string
}

func judged(t *testing.T, validate func([]collection) error, all map[string]judgement) {
	t.Helper()
	for name, j := range all {
		t.Run(name, func(t *testing.T) {
			if err := validate(j.run); j.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, j.want)
			}
		})
	}
}

func TestWhoIsIdentified(t *testing.T) {
	named := func(moref string, names ...string) resource { return about(moref, gauge("a", 1)).named(names...) }
	judged(t, identified, map[string]judgement{
		"each by its own": {[]collection{moment(1, 1, about("", gauge("a", 1)), named("vm-1", "1", "bios"), named("vm-2", "2")), moment(2, 9, named("vm-1", "1", "bios"))}, ""},
		"before a login":  {[]collection{moment(1, 1, named("host")), moment(1, 2, about("", gauge("a", 1)))}, ""},
		"another name":    {[]collection{moment(1, 1, about("vm-1", ending("b")), named("vm-1", "1"))}, "uuid/vm-1 is of 1, and was of uuid vm-1"},
		"one ends some":   {[]collection{moment(1, 1, about("vm-1", ending("b")), about("vm-1", gauge("a", 1)))}, ""},
		"told by two":     {[]collection{moment(1, 1, about("vm-1", gauge("b", 1)), about("vm-1", gauge("a", 1)))}, "uuid/vm-1 is told by two resources"},
		"two objects":     {[]collection{moment(1, 1, named("vm-1", "1")), moment(1, 2, named("vm-1", "2"))}, "uuid/vm-1 is of 2, and was of 1"},
		"two identities":  {[]collection{moment(1, 1, named("vm-1", "1")), moment(1, 2, named("vm-2", "1"))}, "1 is uuid/vm-2, and was uuid/vm-1"},
		"in another life": {[]collection{moment(1, 1, named("vm-1", "1")), moment(2, 2, named("vm-2", "1"))}, "1 is uuid/vm-2, and was uuid/vm-1"},
		"another machine": {[]collection{moment(1, 1, named("vm-1", "1", "bios")), moment(2, 2, named("vm-2", "2", "bios"))}, "bios is uuid/vm-2, and was uuid/vm-1"},
	})
}

func TestWhatRises(t *testing.T) {
	of := func(samples ...sample) (run []collection) {
		for i, s := range samples {
			run = append(run, moment(1, int64(i)+10, about("", s)))
		}
		return run
	}
	balance := func(value float64) sample {
		s := counter("n", 5, value)
		s.monotonic = false
		return s
	}
	over := counter("n", 5, 0)
	over.ended = true
	judged(t, rising, map[string]judgement{
		"all":                    {of(counter("n", 5, 1), counter("n", 5, 1), counter("n", 5, 3)), ""},
		"in another life":        {[]collection{moment(1, 9, about("", counter("n", 5, 7))), moment(2, 8, about("", counter("n", 4, 1)))}, ""},
		"a time twice":           {[]collection{moment(1, 9, about("", gauge("a", 1))), moment(1, 9, about("", gauge("a", 2)))}, "uuid a is of "},
		"a time back":            {[]collection{moment(1, 9, about("", gauge("a", 1))), moment(1, 8, about("", gauge("a", 2)))}, "uuid a is of "},
		"told and ended at once": {[]collection{moment(1, 9, about("", gauge("a", 1)), about("", ending("a")))}, "uuid a is of "},
		"a start that is later":  {of(counter("n", 11, 1)), "uuid n begins 1s after it is told"},
		"a start that goes back": {of(counter("n", 5, 1), counter("n", 4, 2)), "uuid n begins at "},
		"a fall":                 {of(counter("n", 5, 3), counter("n", 5, 2)), "uuid n falls from 3 to 2"},
		"a fall over an end":     {of(counter("n", 5, 3), over, counter("n", 5, 2)), "uuid n falls from 3 to 2"},
		"a new start":            {of(counter("n", 5, 3), counter("n", 6, 1)), ""},
		"one that may fall":      {of(balance(2), balance(1)), ""},
		"a gauge":                {of(gauge("a", 2), gauge("a", 1)), ""},
	})
}

func TestWhatIsEnded(t *testing.T) {
	up := func() resource { return about("", gauge("vcenter.up", 1)) }
	vm := func(second int64, samples ...sample) collection {
		return moment(1, second, up(), about("vm-1", samples...))
	}
	other := func(life int, second int64) collection {
		return moment(life, second, up(), about("vm-2", gauge(powerOn, 1)))
	}
	judged(t, ended, map[string]judgement{
		"a removal":                {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), vm(2, ending(powerOn), ending("a")), other(1, 3)}, ""},
		"a switch":                 {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), moment(1, 2, about("vm-1", ending("a")), about("vm-1", gauge(powerOn, 0))), vm(3, gauge(powerOn, 1), gauge("a", 1))}, ""},
		"nothing is known":         {[]collection{vm(1, gauge(powerOn, 1)), moment(1, 2, up()), vm(3, gauge(powerOn, 1))}, ""},
		"the rest is cut off":      {[]collection{vm(1, gauge(powerOn, 1)), other(1, 2), other(2, 3)}, ""},
		"a removal while down":     {[]collection{vm(1, gauge(powerOn, 1)), other(2, 2)}, ""},
		"what was not polled":      {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), vm(2, gauge(powerOn, 1)), vm(3, ending(powerOn), ending("a"))}, ""},
		"what is not pushed":       {[]collection{moment(1, 1, up(), about("pool-1", gauge("a", 1))), other(1, 2), moment(1, 3, about("vm-2", gauge(powerOn, 1)), about("pool-1", gauge("a", 1)))}, ""},
		"no end":                   {[]collection{vm(1, gauge(powerOn, 1)), other(1, 2), other(1, 3)}, "uuid/vm-1 is not told, and"},
		"no end of some":           {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), vm(2, ending(powerOn)), other(1, 3), other(1, 4)}, "uuid/vm-1 a is one of 1 series of it that have not ended"},
		"no end of what is vital":  {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), vm(2, ending("a")), other(1, 3), other(1, 4)}, "uuid/vm-1 " + powerOn + " is one of 1 series"},
		"two ends":                 {[]collection{vm(1, gauge(powerOn, 1)), vm(2, ending(powerOn)), vm(3, ending(powerOn))}, "uuid/vm-1 " + powerOn + " ends, and is not open"},
		"an end of another life":   {[]collection{vm(1, gauge(powerOn, 1)), moment(2, 2, about("vm-1", ending(powerOn)))}, "uuid/vm-1 " + powerOn + " ends, and is not open"},
		"an end of nothing":        {[]collection{vm(1, gauge(powerOn, 1), ending("a"))}, "uuid/vm-1 a ends, and is not open"},
		"it goes on":               {[]collection{vm(1, gauge(powerOn, 1)), vm(2, ending(powerOn)), vm(3, gauge(powerOn, 1))}, "uuid/vm-1 is told after its end"},
		"it goes on in part":       {[]collection{vm(1, gauge(powerOn, 1), gauge("a", 1)), vm(2, ending(powerOn), gauge("a", 1))}, "uuid/vm-1 is told after its end"},
		"a poll is first":          {[]collection{vm(1, gauge(powerOn, 1), gauge(polled, 1)), moment(1, 2, about("vm-1", ending(polled)), about("vm-1", gauge(powerOn, 1))), vm(3, ending(powerOn)), other(1, 4)}, ""},
		"a poll has failed":        {[]collection{vm(1, gauge(powerOn, 1), gauge(polled, 1)), moment(1, 2, about("vm-1", ending(polled)), about("vm-1", gauge(powerOn, 1))), vm(3, gauge(powerOn, 1), gauge(polled, 1))}, "uuid/vm-1 " + polled + " is told after its end"},
		"it goes on after a start": {[]collection{vm(1, gauge(powerOn, 1)), vm(2, ending(powerOn)), moment(2, 3, about("vm-1", gauge("a", 1)))}, "uuid/vm-1 is told after its end"},
	})
}

func TestWhatHasLapsed(t *testing.T) {
	pool := func(life int, second int64, samples ...sample) collection {
		return moment(life, second, about("pool-1", samples...))
	}
	judged(t, lapsed, map[string]judgement{
		"nothing":          {[]collection{pool(1, 1, gauge("a", 1), gauge("b", 1)), pool(1, 2, gauge("a", 1)), pool(1, 3, gauge("a", 1), ending("b"))}, ""},
		"in another life":  {[]collection{pool(1, 1, gauge("a", 1), gauge("b", 1)), pool(2, 2, gauge("a", 1))}, ""},
		"a series":         {[]collection{pool(1, 1, gauge("a", 1), gauge("b", 1)), pool(1, 2, gauge("a", 1))}, "uuid/pool-1 b was told before, and is neither told nor ended"},
		"all of an object": {[]collection{pool(1, 1, gauge("a", 1)), moment(1, 2, about("vm-1", gauge("a", 1)))}, "uuid/pool-1 a was told before"},
	})
}

func TestWhoIsSilent(t *testing.T) {
	down := func(second int64) collection { return moment(1, second, about("", gauge("vcenter.up", 0))) }
	lively := moment(1, 9, about("", gauge("vcenter.up", 1)), about("vm-1", gauge(powerOn, 1)))
	silence := func(all []collection) error { return silent(all, time.Unix(10, 0), time.Unix(20, 0)) }
	judged(t, silence, map[string]judgement{
		"down":       {[]collection{lively, down(11), down(12)}, ""},
		"nothing":    {[]collection{lively, down(21)}, "nothing is told"},
		"up":         {[]collection{down(11), moment(1, 12, about("", gauge("vcenter.up", 1)))}, "vcenter.up is 1"},
		"no word":    {[]collection{down(11), moment(1, 12, about("", gauge("a", 0)))}, "(told: false)"},
		"an object":  {[]collection{moment(1, 12, about("", gauge("vcenter.up", 0)), about("vm-1", gauge("a", 1)))}, "objects are told"},
		"an end":     {[]collection{moment(1, 12, about("", gauge("vcenter.up", 0)), about("vm-1", ending("a")))}, "objects are told"},
		"afterwards": {[]collection{down(11), moment(1, 21, lively.resources...)}, ""},
	})
}

func TestWhoIsPresent(t *testing.T) {
	entities := []entity{
		{Type: "Folder", MoRef: "group-1"}, {Type: "HostSystem", MoRef: "host-1", Power: "poweredOn"}, {Type: "Datastore", MoRef: "ds-1"},
		{Type: "VirtualMachine", MoRef: "vm-1", Power: "poweredOff"}, {Type: "VirtualMachine", MoRef: "vm-2", Power: "poweredOff"},
	}
	up, store := about("", gauge("vcenter.up", 1)), about("ds-1", gauge("a", 1))
	host := about("host-1", gauge("vcenter.host.power.status power_state=on", 1), gauge("vcenter.host.power.status power_state=off", 0))
	vm, template := about("vm-1", gauge(powerOn, 0), gauge(powerOff, 1)), about("vm-2", gauge("a", 1)).named("uuid vm-2", templateID+"=2")
	presence := func(all []collection) error { return present(all[0], "uuid", entities) }
	of := func(resources ...resource) []collection { return []collection{moment(1, 1, resources...)} }
	judged(t, presence, map[string]judgement{
		"all":                   {of(up, host, store, vm, template), ""},
		"and an end":            {of(up, host, store, vm, template, about("vm-3", ending("a"))), ""},
		"none":                  {of(up), "is there, and not told"},
		"vCenter is down":       {of(about("", gauge("vcenter.up", 0)), host, store, vm, template), "vcenter.up is 0"},
		"nothing of vCenter":    {of(host, store, vm, template), "(told: false)"},
		"one is missing":        {of(up, host, vm, template), "uuid/ds-1 is there, and not told"},
		"one has ended":         {of(up, host, about("ds-1", ending("a")), vm, template), "uuid/ds-1 is there, and not told"},
		"one too many":          {of(up, host, store, vm, template, about("vm-3", gauge(powerOn, 1))), "uuid/vm-3 is told, and not there"},
		"another state":         {of(up, host, store, about("vm-1", gauge(powerOn, 1), gauge(powerOff, 0)), template), `"off", and told to be "on"`},
		"two states":            {of(up, host, store, about("vm-1", gauge(powerOn, 1), gauge(powerOff, 1)), template), `"off", and told to be "onoff"`},
		"no state":              {of(up, about("host-1", gauge("a", 1)), store, vm, template), `"on", and told to be ""`},
		"a machine without one": {of(up, host, store, vm, about("vm-2", gauge("a", 1))), `"off", and told to be ""`},
	})
}

func TestPortionsAreOneCollection(t *testing.T) {
	late := moment(1, 2, about("vm-1", gauge("a", 1)))
	first, second := moment(2, 3, about("vm-1", gauge("a", 1))), moment(2, 3, about("vm-2", gauge("a", 1)))
	second.accepted = false
	all := whole([]collection{first, late, second, moment(2, 4, about("vm-1", gauge("a", 1)))})
	if assert.Len(t, all, 3) {
		assert.Equal(t, []int{1, 2, 2}, []int{all[0].life, all[1].life, all[2].life})
		assert.Len(t, all[1].resources, 2)
		assert.False(t, all[1].accepted)
	}
}

func TestAChronicleRemembersWhateverItAnswers(t *testing.T) {
	c := newChronicle(t)
	send := func(second int64) int {
		metrics := pmetric.NewMetrics()
		of := metrics.ResourceMetrics().AppendEmpty()
		of.Resource().Attributes().PutStr("service.instance.id", "uuid/vm-1")
		metric := of.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		metric.SetName("a")
		metric.SetEmptyGauge().DataPoints().AppendEmpty().SetTimestamp(timestamp(second))
		body, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(metrics)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.server.URL, bytes.NewReader(body))
		require.NoError(t, err)
		request.Header.Set(lifeHeader, "1")
		response, err := client.Do(request)
		if err != nil {
			return 0
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	c.trouble(1, 1)
	assert.Equal(t, []int{503, 0, 200}, []int{send(1), send(2), send(3)})
	sent := c.sent(t)
	if assert.Len(t, sent, 3) {
		assert.Equal(t, []bool{false, true, true}, []bool{sent[0].accepted, sent[1].accepted, sent[2].accepted})
		assert.Equal(t, "uuid/vm-1 a", sent[1].resources[0].of[0].name)
	}
}
