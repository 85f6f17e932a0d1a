package receiver_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// marked waits until tags are known, and the first reading is told.
func (l *measured) marked() {
	l.t.Helper()
	l.synced()
	l.eventually("tagged machines", func() bool { return l.meter.objects() > 0 })
	l.committed()
}

// appear lets machines appear that have a tag from the beginning, as everybody else has by then.
func (l *measured) appear(n int) (morefs []string) {
	l.t.Helper()
	morefs = l.play("clone", n)
	_, _ = l.sim.Large().Play("tag", len(l.sim.Large().Of("VirtualMachine"))) // each of which it can be
	return morefs
}

// wantCreated waits until it was told of machines that they came.
func (l *measured) wantCreated(morefs []string) {
	l.t.Helper()
	l.eventually("that they came", func() bool {
		created := ofKind(l.told(), "created")
		return !slices.ContainsFunc(morefs, func(moref string) bool {
			return !slices.ContainsFunc(created, func(c told) bool { return c.moref == moref })
		})
	})
}

// While the line was down machines came that have a tag. When it is back nobody is told of them who has excluded that tag, though the tags of
// objects that are new are read seconds later than the objects.
func TestATagIsReadBeforeItsObjectIsTold(t *testing.T) {
	l := newMeasured(t, 30)
	none, err := inventory.NewSelection(nil, []inventory.SelectionRule{{Types: []string{"VirtualMachine"}, Tags: []string{"*"}}})
	require.NoError(t, err)
	l.settings.Inventory.Selection = none
	l.start()
	l.synced()
	l.eventually("hosts", func() bool { return l.meter.objects() > 0 })
	l.committed()
	readings := l.readings()
	require.NoError(t, l.sim.Suspend())
	l.eventually("the loss", func() bool { return l.meter.last()[up].value == 0 })
	created := l.appear(25)
	require.NoError(t, l.sim.Resume())
	l.eventually("another reading", func() bool { return l.readings() > readings })
	l.quiet(15 * time.Second) // it is looked for new objects every ten
	assert.False(t, slices.ContainsFunc(l.told(), func(c told) bool { return slices.Contains(created, c.moref) }), "told of what is excluded")
}

// The same for what is included by a tag: that it came is told, though a little later.
func TestAnObjectThatIsIncludedByATagIsToldOnceItIsRead(t *testing.T) {
	l := newMeasured(t, 30)
	l.settings.Inventory.Selection = taggedMachines(t)
	l.start()
	l.marked()
	readings := l.readings()
	require.NoError(t, l.sim.Suspend())
	l.eventually("the loss", func() bool { return l.meter.last()[up].value == 0 })
	created := l.appear(25)
	require.NoError(t, l.sim.Resume())
	l.eventually("another reading", func() bool { return l.readings() > readings })
	l.wantCreated(created)
}

// The same over a restart: the inventory of the earlier life is no inventory whose tags say anything of what is there by now.
func TestATagIsReadBeforeItsObjectIsToldAfterARestart(t *testing.T) {
	l := newMeasured(t, 30)
	l.settings.Inventory.Selection = taggedMachines(t)
	r := l.start()
	l.marked()
	r.stop()
	created := l.appear(25)
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 3, Fault: fault.Hold(fault.After(14 * time.Second))}) // a large inventory takes its time
	l.start()
	l.wantCreated(created)
}

// A machine comes that is excluded by its tag, and a collection begins before that tag is read. vCenter takes its time to answer it, and the
// tag is read meanwhile: nobody is told of the machine all the same, though the collection knows the tags from before alone.
func TestATagThatIsReadDuringACollectionDoesNotLetItsObjectThrough(t *testing.T) {
	l := newMeasured(t, 10).alone()
	none, err := inventory.NewSelection(nil, []inventory.SelectionRule{{Types: []string{"VirtualMachine"}, Tags: []string{"*"}}})
	require.NoError(t, err)
	l.settings.Inventory.Selection, l.settings.Metrics.Controller.Timeout = none, time.Minute
	l.start()
	l.eventually("hosts", func() bool { return l.meter.objects() > 0 })
	collections := func(n int) {
		n += len(l.meter.all())
		l.eventually("collections", func() bool { return len(l.meter.all()) >= n })
	}
	tags, answers := fault.NewGate(), fault.NewGate()
	defer tags.Release()
	defer answers.Release()
	l.proxy.Add(fault.Rule{Method: "POST " + property.TaggingPath + "tagging/tag-association", Fault: fault.HoldRequest(tags)})
	created := l.appear(1)[0]
	<-tags.Arrived()
	collections(2) // the next one knows the machine
	l.proxy.Add(fault.Rule{Method: "RetrievePropertiesEx", Fault: fault.HoldRequest(answers)})
	<-answers.Arrived()
	tags.Release()
	l.quiet(time.Second) // in which they are read
	answers.Release()
	collections(2)
	for _, payload := range l.meter.all() {
		require.Empty(t, of(pointsIn(payload), created), "told of what is excluded")
	}
}
