package receiver

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.uber.org/zap"

	sender "github.com/vcenterstream/vcenterstreamreceiver/exporterhelper"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/translate"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// desk is a stream of changes step by step, with a watch that reads when it is told to.
type desk struct {
	*changeStream
	t       *testing.T
	sim     *simulator.Simulator
	session *vsphere.Session
	watcher *inventory.Watcher
}

// visit is a session with a vCenter of some machines.
func visit(t *testing.T, vms int) (*simulator.Simulator, *vsphere.Supervisor, *vsphere.Session) {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{Username: "otel", Password: "p", Inventory: property.Settings{VMs: vms, Seed: 1}, Coalesce: time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { _ = sim.Close() })
	supervisor := vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: sim.URL(), Name: "lab", Username: "otel", Password: func() (string, error) { return "p", nil },
		APITimeout: 5 * time.Second, Wait: time.Second, UserAgent: "test", Operation: "test", Logger: zap.NewNop(),
	})
	t.Cleanup(func() { _ = supervisor.Close(context.Background()) })
	session, err := supervisor.Acquire(t.Context())
	require.NoError(t, err)
	return sim, supervisor, session
}

// newDesk has read the inventory, and stored it as the baseline.
func newDesk(t *testing.T) *desk {
	sim, supervisor, session := visit(t, 5)
	telemetry, err := newTelemetry(componenttest.NewNopTelemetrySettings(), component.MustNewID("vcenter_stream"), "lab")
	require.NoError(t, err)
	t.Cleanup(telemetry.shutdown)
	tracking, err := inventory.NewTracking(nil)
	require.NoError(t, err)
	settings := Settings{Name: "lab", Endpoint: sim.URL(), Logs: consumertest.NewNop(), Inventory: InventorySettings{Changes: true, Tracking: tracking}}
	counted := telemetry.stream(streamChanges, func() phase { return tailing })
	watch := newInventoryWatch(settings, supervisor, newStatus(componenttest.NewNopHost(), zap.NewNop()), counted, zap.NewNop())
	storage, err := checkpoint.OpenStorage(t.Context(), componenttest.NewNopHost(), nil, component.MustNewID("vcenter_stream"))
	require.NoError(t, err)
	d := &desk{changeStream: newChangeStream(settings, storage, watch, counted, zap.NewNop()), t: t, sim: sim, session: session}
	d.watcher, err = inventory.Watch(t.Context(), session, watch.meet(session), inventory.Settings{Wait: time.Second, APITimeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.watcher.Close(context.Background()) })
	d.read()
	require.NoError(t, d.prepare(t.Context(), session))
	return d
}

// read applies the next update set.
func (d *desk) read() {
	d.t.Helper()
	_, err := d.watcher.Next(d.t.Context())
	require.NoError(d.t, err)
}

// renamed is the page with a machine that has another name.
func (d *desk) renamed() page[change] {
	d.t.Helper()
	_, err := d.sim.Large().Play("rename", 1)
	require.NoError(d.t, err)
	d.read()
	return d.compare()
}

func (d *desk) compare() page[change] {
	d.t.Helper()
	p, err := d.decode(history.Page{})
	require.NoError(d.t, err)
	return p
}

// keep stores the position as it is.
func (d *desk) keep() {
	d.t.Helper()
	proof, err := sender.Send(d.t.Context(), sender.NewSender(sender.Settings{}), sender.Request[*ledger]{Position: d.position})
	require.NoError(d.t, err)
	require.NoError(d.t, d.commit(d.t.Context(), proof))
}

func (d *desk) of(instanceUUID string) translate.Source {
	about := d.session.About()
	about.InstanceUuid = instanceUUID
	return d.settings.source(about).Inventory()
}

// The stream logs in while another vCenter has the address, and the watch, which waits for its next attempt, never sees that one. What is
// compared anew then has a time, an origin and the name of a set.
func TestAVCenterThatOnlyTheStreamHasMet(t *testing.T) {
	d := newDesk(t)
	d.told()
	d.keep()
	require.Len(t, d.renamed().items, 1)
	d.cut() // the session is lost, and that is given back

	d.watch.mu.Lock() // the watch is two sessions further, with the first vCenter
	d.watch.serial += 2
	d.watch.mu.Unlock()
	require.NoError(t, d.openStore(t.Context(), d.of("another")))
	require.ErrorIs(t, d.meet(t.Context(), d.session.Serial()+1), errPassOver)
	require.NoError(t, d.openStore(t.Context(), d.of(d.session.About().InstanceUuid)))
	require.NoError(t, d.meet(t.Context(), d.session.Serial()+2))
	p := d.compare()
	require.Len(t, p.items, 1)
	assert.NotZero(t, p.items[0].set.Read)
	assert.NotEmpty(t, p.items[0].set.ID)
	assert.Equal(t, translate.OriginResume, p.items[0].set.Origin)
}

// The first record of all was taken, and the change beside it was not: only the change is told again.
func TestOfWhatIsGivenBackTheFirstRecordIsTaken(t *testing.T) {
	d := newDesk(t)
	items := d.renamed().items
	require.Len(t, items, 1)
	d.taken(items, nil)
	n, waiting := d.notice()
	require.True(t, waiting)
	d.taken(items, []string{n.uid})
	_, waiting = d.notice()
	assert.False(t, waiting)
	d.cut()
	assert.Len(t, d.compare().items, 1)
}

// larger is an inventory that has folders which that of the desk does not have.
func larger(t *testing.T) *inventory.Snapshot {
	t.Helper()
	_, _, session := visit(t, 400)
	return presentIn(t, session)
}

// presentIn is what there is in a vCenter.
func presentIn(t *testing.T, session *vsphere.Session) *inventory.Snapshot {
	t.Helper()
	cache := inventory.NewCache(session.About().InstanceUuid)
	watcher, err := inventory.Watch(t.Context(), session, cache, inventory.Settings{Wait: time.Second, APITimeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { _ = watcher.Close(context.Background()) })
	_, err = watcher.Next(t.Context())
	require.NoError(t, err)
	return cache.Snapshot()
}

// A folder is gone with its machines. Who asks for the machines of the folder, and not for the folder itself, hears of them also where the
// batch is given back and compared again.
func TestWhatIsGoneWithAFolderThatNobodyAsksForIsTold(t *testing.T) {
	d := newDesk(t)
	before := larger(t)
	folder := "" // that is not there any more
	for o := range before.All() {
		if o.Type == "Folder" && d.cache.Snapshot().Get(o.Moref) == nil {
			folder = before.Path(o)
		}
	}
	require.NotEmpty(t, folder)
	d.position.state = inventory.NewState(d.settings.Inventory.Tracking).Baseline(before)
	var err error
	d.settings.Inventory.Selection, err = inventory.NewSelection([]inventory.SelectionRule{{Types: []string{"VirtualMachine"}, Paths: []string{folder}}}, nil)
	require.NoError(t, err)
	d.compared = nil
	first := d.compare().items
	require.NotEmpty(t, first)
	d.cut() // they are given back
	assert.Len(t, d.compare().items, len(first))
}

// Custom attributes are deleted, with the values that machines have of them. Who asks for machines alone, and not for what names attributes,
// hears of them by their names also where the batch is given back and compared again: a key says nothing, and its value is not told.
func TestTheNameOfAnAttributeThatNobodyAsksForIsForgottenLast(t *testing.T) {
	d := newDesk(t)
	sim, _, session := visit(t, 5)
	for _, script := range []struct {
		name string
		n    int
	}{{"define", 200}, {"attribute", 5}} {
		_, err := sim.Large().Play(script.name, script.n)
		require.NoError(t, err)
	}
	d.position.state = inventory.NewState(d.settings.Inventory.Tracking).Baseline(presentIn(t, session))
	var err error
	d.settings.Inventory.Selection, err = inventory.NewSelection([]inventory.SelectionRule{{Types: []string{"VirtualMachine"}}}, nil)
	require.NoError(t, err)
	d.compared = nil
	first := properties(d.compare())
	require.Contains(t, strings.Join(first, " "), "customValue[attribute-")
	d.cut() // they are given back
	assert.Equal(t, first, properties(d.compare()))
}

// properties are the names of those that have changed.
func properties(p page[change]) (all []string) {
	for _, c := range p.items {
		for _, told := range c.Changes {
			all = append(all, told.Property)
		}
	}
	return all
}
