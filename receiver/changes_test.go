package receiver_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// stock is a lab with an inventory that changes, and whose changes are delivered.
type stock struct {
	*lab

	mu   sync.Mutex // guards the fields below
	seen int        // batches
	all  []told     // of them
}

func newStock(t *testing.T, vms int) *stock {
	t.Helper()
	t.Parallel()
	return newStockAlone(t, vms)
}

// newStockAlone is for a test that looks at the memory of the process: no other runs beside it.
func newStockAlone(t *testing.T, vms int) *stock {
	t.Helper()
	l := assemble(t, simulator.Settings{Inventory: property.Settings{VMs: vms, Seed: rand.Uint64()}, Coalesce: time.Millisecond})
	l.settings.Events.Enrich = true
	l.settings.APITimeout = time.Minute // an answer is large, and this machine may be slow
	l.track()
	return &stock{lab: l}
}

// track lets changes be delivered, but for some.
func (l *lab) track(exclude ...string) {
	l.t.Helper()
	tracking, err := inventory.NewTracking(exclude)
	require.NoError(l.t, err)
	l.settings.Inventory.Changes, l.settings.Inventory.Tracking = true, tracking
}

// told is the record of a change.
type told struct {
	uid, kind, class, moref, path, property, old, new, origin, set string

	batch int // among those that were taken
}

// told are the changes that were delivered.
func (l *stock) told() []told {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, batches := l.sink.seen()
	for ; l.seen < len(batches); l.seen++ {
		for _, uid := range batches[l.seen].uids {
			record := decoded(batches[l.seen].bytes[uid])
			text := func(name string) string {
				if value, known := record.Attributes().Get(name); known {
					return value.AsString()
				}
				return ""
			}
			if text("vcenter.change.type") != "" {
				l.all = append(l.all, told{
					uid: uid, batch: l.seen, kind: text("vcenter.change.type"), class: text("vcenter.object.type"), moref: text("vcenter.object.moref"),
					path: text("vcenter.object.path"), property: text("vcenter.property.name"), old: text("vcenter.property.old"),
					new: text("vcenter.property.new"), origin: text("vcenter.change.origin"), set: text("vcenter.change.set"),
				})
			}
		}
	}
	return slices.Clone(l.all)
}

func decoded(record string) plog.LogRecord {
	logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs([]byte(record))
	if err != nil {
		panic(err)
	}
	return logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
}

// ofKind are those that became what.
func ofKind(all []told, kind string) []told {
	return slices.DeleteFunc(slices.Clone(all), func(c told) bool { return c.kind != kind })
}

// synced waits until the inventory was told of, as often as that.
func (l *stock) synced() {
	l.t.Helper()
	l.eventually("the first reading", func() bool { return len(ofKind(l.told(), "synced")) > 0 })
}

// eventually polls, with the patience that thousands of machines take.
func (l *stock) eventually(what string, holds func() bool, why ...*error) {
	l.t.Helper()
	for begun := time.Now(); ; {
		asked := time.Now()
		if holds() {
			return
		}
		if time.Since(begun) < 6*patience {
			l.quiet(max(20*time.Millisecond, 2*time.Since(asked))) // to look through thousands takes its time, too
			continue
		}
		for _, err := range why {
			what = fmt.Sprintf("%s: %v", what, *err)
		}
		l.t.Fatalf("%s; log %s", what, l.log())
	}
}

// ofTheInventory says that records are of the stream of changes.
func ofTheInventory(logs plog.Logs) bool {
	service, _ := logs.ResourceLogs().At(0).Resource().Attributes().Get("service.name")
	return service.Str() == "vcenter.inventory"
}

// holding refuses one of the streams.
func holding(changes bool) func(int, plog.Logs) error {
	return func(_ int, logs plog.Logs) error {
		if ofTheInventory(logs) == changes {
			return errRefused
		}
		return nil
	}
}

// world is what the virtual machines are like, by moref and property.
type world map[string]map[string]string

func (l *stock) world() world {
	w := world{}
	for _, ref := range l.sim.Large().Of("VirtualMachine") {
		vm := l.sim.Large().Get(ref).(*mo.VirtualMachine)
		w[ref.Value] = map[string]string{
			"name": vm.Name, "parent": vm.Parent.Value, "runtime.powerState": string(vm.Runtime.PowerState),
			"runtime.host": vm.Runtime.Host.Value, "config.hardware.memoryMB": fmt.Sprint(vm.Config.Hardware.MemoryMB),
			"guest.ipAddress": vm.Guest.IpAddress,
		}
	}
	return w
}

// leadsTo holds that changes lead from one world to another: each begins where the one before of its property has ended, and no
// step is missing, or told twice.
func (w world) leadsTo(to world, changes []told) error {
	is := world{}
	for moref, properties := range w {
		is[moref] = maps.Clone(properties)
	}
	for _, c := range changes {
		_, there := is[c.moref]
		switch {
		case c.class != "VirtualMachine":
		case c.kind == "created" && there, c.kind == "removed" && !there:
			return fmt.Errorf("%s was %s twice", c.moref, c.kind)
		case c.kind == "created":
			is[c.moref] = map[string]string{} // what it was like is not told
		case c.kind == "removed":
			delete(is, c.moref)
		case c.kind == "changed" && !there:
			return fmt.Errorf("%s changed, and is not there", c.moref)
		case c.kind == "changed":
			if was, known := is[c.moref][c.property]; known && was != c.old || c.old == c.new {
				return fmt.Errorf("%s: %s was %q, and is told to be %q → %q", c.moref, c.property, was, c.old, c.new)
			}
			is[c.moref][c.property] = c.new
		}
	}
	return is.same(to)
}

// same holds that a world is like another one, as far as it is known.
func (w world) same(other world) error {
	for moref, properties := range other {
		is, there := w[moref]
		if !there {
			return fmt.Errorf("%s is not told of", moref)
		}
		for name, value := range properties {
			if told, known := is[name]; known && told != value {
				return fmt.Errorf("%s: %s should be %q, and is told to be %q", moref, name, value, told)
			}
		}
	}
	if len(w) != len(other) {
		return fmt.Errorf("%d should be there, and %d are told", len(other), len(w))
	}
	return nil
}

// arrives waits until the changes lead from a world to the present one.
func (l *stock) arrives(from world) {
	l.t.Helper()
	l.arrivesBy(from, func(all []told) []told { return all })
}

// arrivesBy is arrives for some of the changes.
func (l *stock) arrivesBy(from world, some func([]told) []told) {
	l.t.Helper()
	var err error
	l.eventually("what was told is what is", func() bool {
		err = from.leadsTo(l.world(), some(l.told()))
		return err == nil
	}, &err)
	l.committed()
	assert.NoError(l.t, from.leadsTo(l.world(), some(l.told())))
}

func (l *stock) play(script string, n int) []string {
	l.t.Helper()
	refs, err := l.sim.Large().Play(script, n)
	require.NoError(l.t, err)
	morefs := make([]string, len(refs))
	for i, ref := range refs {
		morefs[i] = ref.Value
	}
	return morefs
}

// The first time, nothing was created: one record says how many there are. That is stored: the next start has nothing to say.
func TestAFirstReadingIsOneRecord(t *testing.T) {
	l := newStock(t, 300)
	r := l.start()
	l.synced()
	l.committed()
	r.stop()
	l.start()
	eventually(t, "the second reading", func() bool { return l.logs.FilterMessage("the inventory was read").Len() == 2 })
	l.committed()
	all := l.told()
	require.Len(t, all, 1)
	assert.Equal(t, "synced", all[0].kind)
	assert.Len(t, ofKind(all, "created"), 0)
}

// A process that was killed before its first reading was told of has created nothing either.
func TestAKillBeforeTheFirstRecord(t *testing.T) {
	l := newStock(t, 50)
	l.sink.obey(holding(true))
	r := l.start()
	eventually(t, "a refusal", func() bool {
		return l.host.last() != nil && l.logs.FilterMessageSnippet("refused a batch of changes").Len() > 0
	})
	after := l.disk.copy()
	r.stop()
	l.disk = after
	l.sink.obey(nil)
	l.start()
	l.synced()
	l.committed()
	assert.Len(t, l.told(), 1)
}

// While nobody could be told yet how many objects there are, they change: that is told after a restart as well.
func TestWhatHappensBeforeTheFirstRecordIsAccepted(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			l := newStock(t, 50)
			l.sink.obey(holding(true))
			r := l.start()
			l.held("changes")
			before := l.world()
			l.play("rename", 10)
			l.play("clone", 5)
			end(l, r)
			l.sink.obey(nil)
			l.start()
			l.synced()
			l.arrives(before)
			assert.Len(t, ofKind(l.told(), "changed"), 10)
			assert.Len(t, ofKind(l.told(), "created"), 5)
			require.Len(t, ofKind(l.told(), "synced"), 1)
			assert.EqualValues(t, 50, l.counted("VirtualMachine"), "as many as there were when it was read")
		})
	}
}

// counted is how many objects of a type the first record tells.
func (l *stock) counted(class string) int64 {
	synced := ofKind(l.told(), "synced")[0]
	_, batches := l.sink.seen()
	n, _ := decoded(batches[synced.batch].bytes[synced.uid]).Attributes().Get("vcenter.inventory.count." + class)
	return n.Int()
}

// ends of a process.
var ends = map[string]func(*stock, *running){
	"stop": func(_ *stock, r *running) { r.stop() },
	"kill": func(l *stock, r *running) {
		after := l.disk.copy()
		r.stop()
		l.disk = after
	},
}

// What happens is told, step by step, and nothing else.
func TestLiveChangesAreToldOnce(t *testing.T) {
	l := newStock(t, 200)
	l.start()
	l.synced()
	before := l.world()
	touched := map[string]bool{}
	for _, script := range []string{"power", "rename", "move", "vmotion", "reconfigure", "address", "snapshot", "attribute", "clone", "delete", "storm", "storm"} {
		for _, moref := range l.play(script, 20) {
			touched[moref] = true
		}
		l.arrives(before)
	}
	for _, c := range l.told() {
		assert.True(t, c.kind == "synced" || touched[c.moref], "%v", c)
		assert.Equal(t, c.kind != "synced", c.origin == "live", "%v", c)
		assert.Equal(t, c.kind != "synced", c.set != "", "%v", c)
	}
}

// Changes that were read together can be found together, and others not.
func TestAChangeSetIsWhatWasReadTogether(t *testing.T) {
	l := newStock(t, 100)
	l.start()
	l.synced()
	before := l.world()
	l.play("rename", 30)
	l.arrives(before)
	l.play("rename", 10)
	l.arrives(before)
	sets := map[string]int{}
	for _, c := range l.told() {
		if c.kind == "changed" {
			sets[c.set]++
		}
	}
	assert.ElementsMatch(t, []int{30, 10}, slices.Collect(maps.Values(sets)))
}

// What is stored of a change is a part of the state, and not all of it.
func TestAChangeRewritesLittle(t *testing.T) {
	l := newStock(t, 500)
	l.start()
	l.synced()
	l.committed()
	before := l.disk.bytes()
	l.play("rename", 1)
	eventually(t, "the change", func() bool { return len(ofKind(l.told(), "changed")) == 1 })
	l.committed()
	all, rewritten := 0, 0
	for key, value := range l.disk.bytes() {
		if strings.HasPrefix(key, "v1/changes/") {
			all += len(value)
			if !bytes.Equal(value, before[key]) {
				rewritten += len(value)
			}
		}
	}
	t.Logf("%d of %d bytes", rewritten, all)
	assert.Less(t, rewritten, 64<<10)
	assert.Less(t, rewritten, all/10)
}

// Nobody listens while machines are renamed, switched, moved, deleted and made: the next start tells of each, once.
func TestChangesWhileDownAreToldOnce(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			l := newStock(t, 600)
			r := l.start()
			l.synced()
			l.committed()
			end(l, r)
			before, known := l.world(), len(l.told())
			touched := map[string]bool{}
			for _, script := range []string{"rename", "power", "move", "delete", "clone"} {
				for _, moref := range l.play(script, 50) {
					touched[moref] = true
				}
			}
			l.start()
			l.arrives(before)
			all := l.told()[known:]
			sets, uids := map[string]bool{}, map[string]bool{}
			for _, c := range all {
				assert.True(t, touched[c.moref], "%v", c)
				assert.Equal(t, "resume", c.origin)
				assert.False(t, uids[c.uid], "%v", c)
				sets[c.set], uids[c.uid] = true, true
			}
			assert.Len(t, sets, 1)
			assert.Len(t, ofKind(all, "removed"), 50)
			assert.Len(t, ofKind(all, "created"), 50)
			l.play("rename", 1)
			l.arrives(before)
			live := l.told()
			assert.Equal(t, "live", live[len(live)-1].origin)
		})
	}
}

// The pipeline takes no changes while all of 5,000 machines change again and again: that is not queued, and when it takes them again
// each machine is told from what it was to what it is. A storm that the pipeline takes is told step by step, whatever is coalesced on
// the way.
func TestAStorm(t *testing.T) {
	l := newStockAlone(t, fleet)
	g := l.observe()
	l.start()
	l.synced()
	l.committed()
	before := l.world()
	l.sink.obey(holding(true))
	l.play("rename", 1)
	l.held("changes")
	first, last := uint64(0), uint64(0)
	for n := range 8 {
		known := g.value("inventory_updates")
		all := l.most("address") // which is no event, of which the sink would have to remember each
		l.eventually("they are read", func() bool { return g.value("inventory_updates") >= known+float64(all) })
		if last = heap(); n == 1 {
			first = last
		}
	}
	t.Logf("%d MiB, and %d MiB six storms later", first>>20, last>>20)
	assert.Less(t, last, first+first/4, "what waits is no queue")
	l.play("storm", fleet*9/10)
	l.sink.obey(nil)
	l.arrives(before)
	for range 3 {
		l.play("storm", fleet*9/10)
	}
	l.arrives(before)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What changes and changes back before anybody could be told of it has not changed.
func TestWhatIsTakenBackWhileHeldIsNoNews(t *testing.T) {
	l := newStock(t, 50)
	g := l.observe()
	l.start()
	l.synced()
	before := l.world()
	l.sink.obey(holding(true))
	l.play("rename", 1)
	l.held("changes")
	known := g.value("inventory_updates")
	all := l.most("power")
	eventually(t, "it is read", func() bool { return g.value("inventory_updates") >= known+float64(all) })
	l.play("power", all)
	eventually(t, "that it is taken back, too", func() bool { return g.value("inventory_updates") >= known+2*float64(all) })
	l.sink.obey(nil)
	l.arrives(before)
	assert.Len(t, ofKind(l.told(), "changed"), 1)
}

// most plays a script with as many as there are for it, and says how many.
func (l *stock) most(script string) int {
	l.t.Helper()
	for n := len(l.sim.Large().Of("VirtualMachine")); ; n-- {
		if _, err := l.sim.Large().Play(script, n); err == nil {
			return n
		}
	}
}

// held waits until a stream is.
func (l *stock) held(stream string) {
	l.t.Helper()
	eventually(l.t, "the hold", func() bool { return l.logs.FilterMessageSnippet("refused a batch of "+stream).Len() > 0 })
}

// A process that is killed while it tells of what has changed while it was down repeats one batch, and no more.
func TestAKillInTheMiddleOfAResyncRepeatsOneBatch(t *testing.T) {
	l := newStock(t, 1500)
	r := l.start()
	l.synced()
	l.committed()
	r.stop()
	before := l.world()
	l.play("storm", 1400)
	killed := make(chan *disk, 1)
	var batches atomic.Int32
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if !ofTheInventory(logs) {
			return nil
		}
		switch n := batches.Add(1); {
		case n == 3:
			killed <- l.disk.copy() // accepted, and not committed yet
		case n > 3:
			return errRefused // as it is too late for this life
		}
		return nil
	})
	r = l.start()
	after := <-killed
	eventually(t, "the batch is taken", func() bool { return batches.Load() > 3 })
	r.stop()
	taken := l.told()
	l.disk = after
	l.sink.obey(nil)
	l.start()
	l.arrivesBy(before, once)
	all := l.told()
	repeated := len(all) - len(once(all))
	last := taken[len(taken)-1].batch
	third := len(slices.DeleteFunc(slices.Clone(taken), func(c told) bool { return c.batch != last }))
	assert.Equal(t, third, repeated, "of %d", len(all))
	assert.Greater(t, len(all), 3*third, "it was in the middle")
}

// once are changes without those whose uid was there before.
func once(all []told) (some []told) {
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[c.uid] {
			some = append(some, c)
		}
		seen[c.uid] = true
	}
	return some
}

// A lost session, or answer, costs another reading of everything, and no change.
func TestChangesSurviveWhatBreaks(t *testing.T) {
	for name, trouble := range map[string]func(*stock){
		"session":    func(l *stock) { l.lose() },
		"connection": func(l *stock) { l.proxy.Reset() },
		"restart":    func(l *stock) { require.NoError(l.t, l.sim.Restart()) },
		"answers":    func(l *stock) { l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Count: 2, Fault: fault.Cut(3000)}) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newStock(t, 200)
			l.start()
			l.synced()
			before := l.world()
			for range 3 {
				l.play("storm", 100)
				trouble(l)
				l.play("clone", 5)
				l.play("delete", 5)
				l.arrives(before)
			}
			eventually(t, "OK", l.host.ok)
		})
	}
}

// A stream that is held holds no other.
func TestAHeldStreamHoldsNoOther(t *testing.T) {
	for name, changes := range map[string]bool{"changes": true, "events": false} {
		t.Run(name, func(t *testing.T) {
			l := newStock(t, 100)
			l.start()
			l.synced()
			l.pinned()
			eventually(t, "OK", l.host.ok)
			before := l.world()
			l.sink.obey(holding(changes))
			l.append(10)
			l.play("rename", 10)
			l.held(name)
			if changes {
				l.wantEachOnce()
			} else {
				l.arrives(before)
			}
			assert.ErrorContains(t, l.host.last(), "held: the pipeline refused a batch", "and the status says so")
			l.sink.obey(nil)
			l.arrives(before)
			l.wantEachOnce()
			eventually(t, "OK", l.host.ok)
		})
	}
}

// A change that the back end cannot take is in a dead letter, and told to be, beside the changes.
func TestAChangeThatIsRefusedForGood(t *testing.T) {
	l := newStock(t, 100)
	l.start()
	l.synced()
	l.committed()
	l.sink.obey(refusingOne())
	l.play("rename", 30)
	ofRefusals := func() []string {
		return slices.DeleteFunc(l.sink.uids(), func(uid string) bool { return !strings.HasSuffix(uid, ":refused") })
	}
	eventually(t, "the record of the refusal", func() bool { return len(ofRefusals()) == 1 })
	assert.Len(t, ofKind(l.told(), "changed"), 29)
	assert.NotContains(t, l.sink.uids(), strings.TrimSuffix(ofRefusals()[0], ":refused"))
}

// Where one change is all that there is, the next one shows whether it is to blame: also another one of what is held, which is then told
// from where it is known to be.
func TestAChangeIsTheWitnessOfAnother(t *testing.T) {
	l := newStock(t, 100)
	l.start()
	l.synced()
	l.committed()
	l.sink.obey(refusingOne())
	l.play("rename", 1)
	before := l.world() // with the one that is to be in a dead letter
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	for range 5 {
		l.play("rename", 20)
	}
	eventually(t, "the record of the refusal", func() bool {
		return slices.ContainsFunc(l.sink.uids(), func(uid string) bool { return strings.HasSuffix(uid, ":refused") })
	})
	l.arrives(before)
}

// refusingOne refuses the first change that it sees for good, whatever is sent with it.
func refusingOne() func(int, plog.Logs) error {
	var bad atomic.Pointer[string]
	return func(_ int, logs plog.Logs) error {
		if !ofTheInventory(logs) {
			return nil
		}
		uids := remember(logs).uids
		bad.CompareAndSwap(nil, &uids[0])
		if slices.Contains(uids, *bad.Load()) {
			return tooLarge
		}
		return nil
	}
}

// A disk that is full holds the changes, and loses none.
func TestChangesWhileTheStorageFails(t *testing.T) {
	l := newStock(t, 100)
	l.start()
	l.synced()
	l.committed()
	before := l.world()
	l.disk.obey(func(int) error { return errDisk })
	l.play("rename", 10)
	eventually(t, "the hold", func() bool { return l.host.last() != nil })
	l.play("rename", 10)
	l.play("power", 10)
	l.disk.obey(nil)
	l.arrives(before)
	eventually(t, "OK", l.host.ok)
}

// A change of what is excluded is no news, live or after a start, and neither is that it is excluded no longer.
func TestExcludedPropertiesAreNoNews(t *testing.T) {
	l := newStock(t, 100)
	l.track("name", "VirtualMachine:runtime.*")
	r := l.start()
	l.synced()
	l.play("rename", 20)
	l.play("power", 20)
	moved := l.play("move", 20)
	eventually(t, "the moves", func() bool { return len(ofKind(l.told(), "changed")) >= 20 })
	l.committed()
	r.stop()
	l.play("rename", 20)
	l.track()
	l.start()
	eventually(t, "the second reading", func() bool { return l.logs.FilterMessage("the inventory was read").Len() > 0 })
	l.committed()
	for _, c := range l.told() {
		assert.NotEqual(t, "name", c.property)
		assert.False(t, strings.HasPrefix(c.property, "runtime."))
		assert.True(t, c.property != "parent" || slices.Contains(moved, c.moref))
	}
}

// What is tracked for the first time is compared with what it was then, though nothing has changed in all that life.
func TestWhatIsTrackedForTheFirstTimeIsRemembered(t *testing.T) {
	l := newStock(t, 20)
	l.track("guest.ipAddress")
	r := l.start()
	l.synced()
	l.committed()
	r.stop()
	l.track()
	r = l.start()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.committed()
	r.stop()
	before := l.world()
	l.play("address", 5)
	l.start()
	l.arrives(before)
	of := slices.DeleteFunc(l.told(), func(c told) bool { return c.property != "guest.ipAddress" })
	assert.Len(t, of, 5)
}

// While the receiver was down, other properties were excluded. What is gone since is told all the same: an object, and what only some
// objects have.
func TestWhatVanishesWhileTheExclusionsChangeIsTold(t *testing.T) {
	l := newStock(t, 100)
	l.track("VirtualMachine:runtime.*")
	r := l.start()
	l.synced()
	l.committed()
	r.stop()
	known := len(l.told())
	l.play("vmotion", 20)
	deleted, made, less := l.play("delete", 10), l.play("clone", 10), l.play("unsnapshot", 5)
	l.track("guest.ipAddress")
	l.start()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.eventually("what was made", func() bool { return len(ofKind(l.told(), "created")) == 10 })
	l.committed()
	news := l.told()[known:]
	assert.ElementsMatch(t, deleted, morefs(ofKind(news, "removed")))
	assert.ElementsMatch(t, made, morefs(ofKind(news, "created")))
	assert.Subset(t, less, morefs(ofKind(news, "changed")), "and of no other")
	gone := slices.DeleteFunc(ofKind(news, "changed"), func(c told) bool { return !strings.HasPrefix(c.property, "snapshot.rootSnapshotList[") || c.new != "" })
	assert.ElementsMatch(t, less, morefs(gone))
}

func morefs(all []told) (morefs []string) {
	for _, c := range all {
		morefs = append(morefs, c.moref)
	}
	return morefs
}

// All share a session. The inventory has one property collector, and the doorbell has one.
func TestOneSessionAndACollectorForEach(t *testing.T) {
	l := newStock(t, 100)
	r := l.start()
	l.synced()
	l.pinned()
	for range 3 {
		l.lose()
		l.append(5)
		l.wantEachOnce()
		eventually(t, "two collectors", func() bool {
			o := l.sim.Stats().Objects
			return o.PropertyCollectors == 2 && o.Views == 1 && o.EventCollectors == 1
		})
		assert.Len(t, l.sim.Stats().Sessions, 1)
	}
	r.stop()
	assert.Equal(t, 4, l.calls("Login"))
	l.wantNothingLeftInVCenter()
}

// Who wants neither changes nor context has nothing of the inventory read.
func TestTheInventoryIsReadForSomebody(t *testing.T) {
	for name, c := range map[string]struct {
		changes, enrich bool
		collectors      int
	}{"nobody": {false, false, 1}, "changes": {true, false, 2}, "context": {false, true, 2}} {
		t.Run(name, func(t *testing.T) {
			l := newStock(t, 20)
			l.settings.Inventory.Changes, l.settings.Events.Enrich = c.changes, c.enrich
			l.start()
			l.append(5)
			l.pinned()
			eventually(t, "OK", l.host.ok)
			eventually(t, "collectors", func() bool { return l.sim.Stats().Objects.PropertyCollectors == c.collectors })
			l.committed()
			assert.Equal(t, c.changes, len(l.told()) == 1)
		})
	}
}

// Events say where their objects are, as soon as that is known. Until then they are delivered without.
func TestEventsHaveContext(t *testing.T) {
	l := newStock(t, 50)
	gate := fault.NewGate()
	l.proxy.Add(fault.Rule{Method: "CreateContainerView", Fault: fault.Hold(gate)})
	g := l.observe()
	g.start()
	g.pinned()
	vm := g.sim.Large().Of("VirtualMachine")[0]
	g.about(vm)
	g.wantAll()
	assert.Empty(t, g.path(0), "nothing waits for the inventory")
	assert.EqualValues(t, 1, g.value("events_bare"))
	g.proxy.Clear()
	gate.Release()
	l.synced()
	g.about(vm)
	g.wantAll()
	path := ""
	for _, f := range g.sim.Large().Facts() {
		if f.MoRef == vm.Value {
			path = f.Path
		}
	}
	assert.Equal(t, path, g.path(1))
	assert.EqualValues(t, 1, g.value("events_bare"))
}

// about adds an event of a machine.
func (l *lab) about(vm types.ManagedObjectReference) {
	e := poweredOn(l.now())
	e.GetEvent().Vm.Vm = vm
	l.add(e)
}

// path is that of the object of the event that was appended so-and-so-manyth.
func (l *lab) path(n int) string {
	_, batches := l.sink.seen()
	for _, b := range batches {
		if record, ok := b.bytes[l.expects[n]]; ok {
			if path, known := decoded(record).Attributes().Get("vcenter.object.path"); known {
				return path.Str()
			}
		}
	}
	return ""
}

// Another vCenter at the same address has its own state: nothing of the first one has vanished there.
func TestTheInventoryOfAnotherVCenter(t *testing.T) {
	l := newStock(t, 100)
	l.start()
	l.synced()
	l.committed()
	first := l.sim.InstanceUUID()
	l.sim.SetInstanceUUID("another")
	l.lose()
	eventually(t, "its first reading", func() bool { return len(ofKind(l.told(), "synced")) == 2 })
	l.play("rename", 10)
	eventually(t, "its changes", func() bool { return len(ofKind(l.told(), "changed")) == 10 })
	l.committed()
	l.sim.SetInstanceUUID(first)
	l.lose()
	eventually(t, "the first one's changes", func() bool { return len(ofKind(l.told(), "changed")) == 20 })
	l.committed()
	assert.Len(t, l.told(), 22)
}

// Changes of the first vCenter are held, for hours maybe. Events of another one at its address have their context all the same, and
// what the first one has to tell is told when it is back.
func TestAnotherVCenterIsKnownWhileChangesAreHeld(t *testing.T) {
	l := newStock(t, 20)
	l.start()
	l.synced()
	l.pinned()
	l.committed()
	before, first := l.world(), l.sim.InstanceUUID()
	l.sink.obey(holding(true))
	l.play("rename", 1)
	l.held("changes")
	l.sim.SetInstanceUUID("another")
	l.lose()
	eventually(t, "the other inventory", func() bool { return l.readings() == 2 })
	l.about(l.sim.Large().Of("VirtualMachine")[0])
	l.wantAll()
	assert.NotEmpty(t, l.path(0))

	l.sim.SetInstanceUUID(first)
	l.lose()
	eventually(t, "the first one again", func() bool { return l.readings() == 3 })
	l.play("power", 5)
	l.sink.obey(nil)
	l.arrives(before)
	assert.Len(t, ofKind(l.told(), "synced"), 1)
}

// The other one's clock is a day ahead. When the first one is back, and all of it is delivered, nothing is behind.
func TestTheClockOfAnotherVCenterIsNoLag(t *testing.T) {
	l := newStock(t, 20)
	g := l.observe()
	l.start()
	l.synced()
	l.committed()
	before, first := l.world(), l.sim.InstanceUUID()
	l.sink.obey(holding(true))
	l.play("rename", 1)
	l.held("changes")
	l.sim.SetInstanceUUID("another")
	l.sim.SetClockOffset(24 * time.Hour)
	l.lose()
	eventually(t, "the other inventory", func() bool { return l.readings() == 2 })
	l.sim.SetInstanceUUID(first)
	l.sim.SetClockOffset(0)
	l.lose()
	eventually(t, "the first one again", func() bool { return l.readings() == 3 })
	l.sink.obey(nil)
	l.arrives(before)
	l.play("power", 5)
	l.arrives(before)
	assert.Less(t, g.value("lag", "stream", "changes"), 3600.)
}

// An account that may see nothing: the stream waits, and says so. Nothing has vanished.
func TestAnInventoryThatCannotBeRead(t *testing.T) {
	l := newStock(t, 50)
	l.proxy.Add(fault.Rule{Method: "CreateContainerView", Fault: fault.Status(503, "busy")})
	l.start()
	l.pinned()
	l.append(5)
	l.wantEachOnce()
	eventually(t, "the status", func() bool { return l.host.told("resuming", "http_503") })
	assert.False(t, l.host.ok())
	l.proxy.Clear()
	l.synced()
	eventually(t, "OK", l.host.ok)
}

// refusingChanges refuses them for good.
func refusingChanges(_ int, logs plog.Logs) error {
	if ofTheInventory(logs) {
		return tooLarge
	}
	return nil
}

// readings is how often everything in the inventory was read.
func (l *stock) readings() int { return l.logs.FilterMessage("the inventory was read").Len() }

// A batch that waits for a witness is given back when its session is lost. Nothing else has changed, and yet it is sent again.
func TestAChangeThatIsGivenBackIsSentAgain(t *testing.T) {
	l := newStock(t, 20)
	l.start()
	l.synced()
	l.committed()
	before := l.world()
	l.sink.obey(refusingChanges)
	l.play("rename", 1)
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	l.lose()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.sink.obey(nil)
	l.arrives(before)
	assert.Len(t, ofKind(l.told(), "changed"), 1)
}

// Of an object, one change was taken, and another one was not when its batch was given back. What was taken is told no more; and when
// that is taken back meanwhile, it is told to be.
func TestWhatWasTakenOfAnObjectIsNotToldAgain(t *testing.T) {
	l := newStock(t, 1)
	g := l.observe()
	l.start()
	l.synced()
	l.committed()
	before := l.world()
	l.sink.obey(holding(true))
	l.play("address", 1)
	l.held("changes") // with that alone
	l.reads(g, "power")
	l.reads(g, "snapshot")
	l.sink.obey(refusingOf("snapshot")) // which comes last, so that nothing shows that it is to blame
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	l.lose()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.reads(g, "power") // back
	l.sink.obey(nil)
	l.arrives(before)
	all := l.told()
	assert.Len(t, once(all), len(all), "%v", all)
	assert.Len(t, slices.DeleteFunc(all, func(c told) bool { return c.property != "runtime.powerState" }), 2)
}

// The first record of all was taken, and the change beside it was not when both were given back.
func TestAFirstRecordThatIsGivenBackIsNotToldAgain(t *testing.T) {
	l := newStock(t, 20)
	l.sink.obey(refusingChanges)
	l.start()
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	before := l.world()
	var tried atomic.Bool
	guest := refusingOf("guest")
	l.sink.obey(func(n int, logs plog.Logs) error {
		if guest(n, logs) != nil {
			tried.Store(true)
		}
		return refusingChanges(n, logs)
	})
	l.play("address", 1)
	eventually(t, "the witness", tried.Load)
	l.sink.obey(guest) // which comes last, so that nothing shows that it is to blame
	l.synced()
	l.lose()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.sink.obey(nil)
	l.arrives(before)
	assert.Len(t, ofKind(l.told(), "synced"), 1)
	assert.Len(t, once(l.told()), len(l.told()))
}

// The first record of all is refused for good, and what follows it is its witness. The last word and the metrics say what became of both.
func TestTheFirstRecordThatIsRefusedForGoodIsNoChange(t *testing.T) {
	l := newStock(t, 20)
	g := l.observe()
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if !ofTheInventory(logs) {
			return nil
		}
		for _, record := range remember(logs).bytes {
			if kind, known := decoded(record).Attributes().Get("vcenter.change.type"); known && kind.Str() == "synced" {
				return tooLarge
			}
		}
		return nil
	})
	r := l.start()
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	before := l.world()
	l.play("rename", 3)
	l.arrives(before)
	changed := len(ofKind(l.told(), "changed"))
	assert.EqualValues(t, changed, g.value("changes_delivered"))
	assert.EqualValues(t, 1, g.value("changes_refused"))
	r.stop()
	said := l.logs.FilterMessage("vCenter stream stopped").All()[0].ContextMap()
	assert.EqualValues(t, changed, said["changes_delivered"])
	assert.EqualValues(t, 1, said["changes_refused"])
}

// reads plays a script with one machine, and waits until that is read.
func (l *stock) reads(g *gauges, script string) {
	l.t.Helper()
	known := g.value("inventory_updates")
	l.play(script, 1)
	eventually(l.t, "what has changed", func() bool { return g.value("inventory_updates") > known })
}

// refusingOf refuses changes of a structure for good, whatever is sent with them.
func refusingOf(structure string) func(int, plog.Logs) error {
	return func(_ int, logs plog.Logs) error {
		for _, record := range remember(logs).bytes {
			if name, known := decoded(record).Attributes().Get("vcenter.property.name"); known && strings.HasPrefix(name.Str(), structure) {
				return tooLarge
			}
		}
		return nil
	}
}

// Who waits for a witness is told that there is another session: he would ask for it again and again until the next try is due.
func TestAWaitForAWitnessEndsWithTheSession(t *testing.T) {
	l := newStock(t, 20)
	l.settings.BackOff.InitialInterval, l.settings.BackOff.MaxInterval = time.Hour, time.Hour
	l.start()
	l.synced()
	l.committed()
	before := l.world()
	l.sink.obey(refusingChanges)
	l.play("rename", 1)
	eventually(t, "the hold", func() bool { return l.host.told("held", "refused_for_good") })
	l.sink.obey(nil)
	l.lose()
	eventually(t, "the change", func() bool { return len(ofKind(l.told(), "changed")) == 1 }) // the next try is due a minute after the first
	l.arrives(before)
}

// A tagging API that hangs does not take the time of the logout from vCenter.
func TestATaggingAPIThatHangsLeavesNoSessionOfVCenter(t *testing.T) {
	l := newStock(t, 20)
	r := l.start()
	l.synced()
	l.pinned()
	eventually(t, "tags", func() bool { return l.sim.Tagging().Stats().Sessions == 1 })
	l.committed()
	l.proxy.Add(fault.Rule{Method: "DELETE /rest/com/vmware/cis/session", Fault: fault.BlackHole()})
	r.stop()
	assert.Empty(t, l.sim.Stats().Sessions)
}

// A watch that breaks after each update is no reason to read everything again and again without a pause.
func TestAWatchThatBreaksAfterEachUpdateBacksOff(t *testing.T) {
	l := newStock(t, 50)
	l.start()
	l.synced()
	var modified atomic.Int64
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Hook: func(_ string, _ int, body []byte) fault.Fault {
		if bytes.Contains(body, []byte("<kind>modify")) && modified.Add(1)%2 == 0 {
			return fault.Lose()
		}
		return fault.Fault{}
	}})
	before := l.readings()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); l.quiet(10 * time.Millisecond) {
		l.play("address", 1)
	}
	assert.Less(t, l.readings()-before, 12)
}

// vCenter's clock is set right by two hours. The changes after that are not dated before it: a back end would refuse them for good.
func TestAClockThatIsSetBackDoesNotHoldTheChanges(t *testing.T) {
	l := newStock(t, 20)
	l.start()
	l.synced()
	before := l.world()
	var newest time.Time
	l.sink.obey(func(_ int, logs plog.Logs) error {
		if !ofTheInventory(logs) {
			return nil
		}
		at := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Timestamp().AsTime()
		if at.Before(newest.Add(-time.Hour)) {
			return badRequest // too far behind
		}
		newest = at
		return nil
	})
	l.play("rename", 10)
	l.arrives(before)
	l.sim.SetClockOffset(-2 * time.Hour)
	l.lose()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.play("rename", 10)
	l.arrives(before)
}

// Everything was read again, and nothing in it is new: then nothing is late.
func TestAReadingWithoutNewsIsNoLag(t *testing.T) {
	l := newStock(t, 20)
	g := l.observe()
	l.start()
	l.synced()
	before := l.world()
	l.play("rename", 1)
	l.arrives(before)
	l.quiet(3 * time.Second)
	l.lose()
	eventually(t, "the second reading", func() bool { return l.readings() == 2 })
	l.eventually("the lag", func() bool { return g.value("lag", "stream", "changes") < 1 })
}

// A machine whose guest calls itself by a control character does not hide the whole inventory.
func TestAControlCharacterOfOneGuestDoesNotStopTheChanges(t *testing.T) {
	l := newStock(t, 20)
	l.proxy.Add(fault.Rule{Method: "WaitForUpdatesEx", Fault: fault.Rewrite(func(body []byte) []byte {
		return bytes.Replace(body, []byte("<hostName>"), []byte("<hostName>\x0b"), 1)
	})})
	l.start()
	l.synced()
	before := l.world()
	l.play("rename", 5)
	l.arrives(before)
}
