package translate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// of keeps the series of one object, as they are named.
func of(moref string, all map[string]string) map[string]string {
	found := map[string]string{}
	for name, value := range all {
		if strings.Contains(name, "vcenter.object.moref="+moref+",") {
			found[name] = value
		}
	}
	return found
}

// ended are series with the word that they have ended.
func ended(series map[string]string) map[string]string {
	all := map[string]string{}
	for name := range series {
		all[name] = pmetric.NumberDataPointValueTypeEmpty.String() + " ended"
	}
	return all
}

func later(c Collection) Collection {
	c.At, c.Clock = c.At.Add(time.Minute), c.Clock.Add(time.Minute)
	return c
}

// A series that just stops is repeated by Prometheus for five minutes.
func TestEachSeriesOfARemovedObjectIsEndedOnce(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	require.NotEmpty(t, of("vm-42", before))
	without := later(testCollection(t, leave(typeVM, "vm-42")))
	all := m.Of(without)
	now := series(all)
	assert.Equal(t, ended(of("vm-42", before)), of("vm-42", now))
	for _, r := range all.ResourceMetrics().All() {
		for _, metric := range r.ScopeMetrics().At(0).Metrics().All() {
			for _, p := range points(metric).All() {
				assert.Equal(t, without.At, p.Timestamp().AsTime(), "also of those that have ended")
			}
		}
	}
	for name, value := range now {
		assert.True(t, of("vm-42", map[string]string{name: value})[name] == value || !strings.HasSuffix(value, "ended"), name)
	}
	assert.Empty(t, of("vm-42", series(m.Of(later(without)))), "and not again")
}

func TestNothingIsEndedByARestart(t *testing.T) {
	for name, value := range series(newTestMetrics(everything(true)).Of(testCollection(t))) {
		assert.NotContains(t, value, "ended", name)
	}
}

// While vCenter cannot be reached, nothing says that its objects are gone; what has gone meanwhile is ended afterwards.
func TestALostInventoryEndsNothing(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	lost := later(testCollection(t))
	lost.Inventory, lost.Stats, lost.Up = nil, nil, false
	for name, value := range series(m.Of(lost)) {
		assert.NotContains(t, value, "ended", name)
	}
	now := series(m.Of(later(later(testCollection(t, leave(typeHost, "host-28"))))))
	assert.Equal(t, ended(of("host-28", before)), of("host-28", now))
}

// A virtual machine that is moved out of what the user wants to see has no metrics any more.
func TestAnObjectThatIsLeftOutIsEnded(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	c := later(testCollection(t))
	c.Included = func(o *inventory.Object) bool { return o.Moref != "vm-43" }
	now := series(m.Of(c))
	assert.Equal(t, ended(of("vm-43", before)), of("vm-43", now))
	assert.Empty(t, of("vm-43", series(m.Of(later(c)))))
	c.Included = nil
	assert.NotEmpty(t, of("vm-43", series(m.Of(later(later(c))))))
	for name, value := range of("domain-c8", now) {
		if strings.HasPrefix(name, "vcenter.cluster.vm.count") && strings.Contains(name, "power_state=on") {
			assert.Equal(t, "3", value, "it still counts where it is")
		}
	}
}

// Another vCenter answers at the same address: its morefs mean other objects.
func TestAnotherVCenterEndsAllOfTheFirst(t *testing.T) {
	m := newTestMetrics(everything(true))
	before := series(m.Of(testCollection(t)))
	c := later(testCollection(t))
	c.Source.InstanceUUID = "another"
	now := series(m.Of(c))
	for name := range before {
		assert.Contains(t, now[name], "ended", name)
	}
	assert.Len(t, now, 2*len(before))
}

// Before the first login nobody knows which vCenter it is, but that it is not up.
func TestWhatWasToldBeforeTheFirstLoginIsEnded(t *testing.T) {
	m := newTestMetrics(everything(true))
	nameless := Collection{Source: Source{Name: "dc1", Address: "vc.example.com"}, At: collected, Clock: collected}
	down := series(m.Of(nameless))
	require.Len(t, down, 1)
	now := series(m.Of(later(testCollection(t))))
	for name := range down {
		assert.Contains(t, name, "service.instance.id=dc1")
		assert.Contains(t, now[name], "ended")
	}
}
