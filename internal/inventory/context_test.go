package inventory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func model0() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }

// estate is a small inventory with everything that a context tells.
func estate(t *testing.T) *Cache {
	t.Helper()
	c := NewCache("uuid")
	send(t, c, model0(), true, root,
		objectSet("enter", "Datacenter", "datacenter-2", text("name", "Berlin"), text("parent", "group-d1")),
		objectSet("enter", "Folder", "group-v3", text("name", "vm"), text("parent", "datacenter-2")),
		objectSet("enter", "Folder", "group-h4", text("name", "host"), text("parent", "datacenter-2")),
		objectSet("enter", "ClusterComputeResource", "domain-c8", text("name", "Gold"), text("parent", "group-h4")),
		objectSet("enter", "ComputeResource", "domain-s9", text("name", "esx9"), text("parent", "group-h4")),
		objectSet("enter", "ResourcePool", "resgroup-10", text("name", "Resources"), text("parent", "domain-c8"), text("owner", "domain-c8")),
		objectSet("enter", "VirtualApp", "resgroup-v11", text("name", "shop"), text("parent", "resgroup-10"), text("owner", "domain-c8"), text("parentFolder", "group-v3")),
		objectSet("enter", "HostSystem", "host-12", text("name", "esx1"), text("parent", "domain-c8")),
		objectSet("enter", "HostSystem", "host-13", text("name", "esx9"), text("parent", "domain-s9")),
		objectSet("enter", "VirtualMachine", "vm-1", text("name", "a%2fb"), text("parent", "group-v3"), text("runtime.host", "host-12"), text("config.instanceUuid", "5006"),
			assign("customValue", "ArrayOfCustomFieldValue", `<CustomFieldValue><key>102</key><value>y</value></CustomFieldValue><CustomFieldValue><key>101</key><value>x</value></CustomFieldValue><CustomFieldValue><key>103</key><value></value></CustomFieldValue>`)),
		objectSet("enter", "VirtualMachine", "vm-2", text("name", "pooled"), text("parentVApp", "resgroup-v11"), text("resourcePool", "resgroup-v11")),
		objectSet("enter", "VirtualMachine", "vm-3", text("name", "alone"), text("parent", "group-v3"), text("runtime.host", "host-13")),
		objectSet("enter", "VirtualMachine", "vm-4", text("name", "hidden"), text("parent", "group-x")),
		objectSet("enter", "CustomFieldsManager", "CustomFieldsManager", assign("field", "ArrayOfCustomFieldDef", `<CustomFieldDef><key>101</key><name>Owner</name></CustomFieldDef>`)),
	)
	return c
}

func TestContextOfAnObject(t *testing.T) {
	berlin, gold, esx1, esx9 := Place{"Berlin", "datacenter-2"}, Place{"Gold", "domain-c8"}, Place{"esx1", "host-12"}, Place{"esx9", "host-13"}
	context := estate(t).Snapshot().Context()
	for _, want := range []Entity{
		{Type: "VirtualMachine", Moref: "vm-1", Name: "a%2fb", Path: "/Berlin/vm/a%2fb", Datacenter: berlin, Cluster: gold, Host: esx1, InstanceUUID: "5006",
			Attributes: []Property{{"Owner", "x"}}},
		{Type: "VirtualMachine", Moref: "vm-2", Name: "pooled", Path: "/Berlin/host/Gold/Resources/shop/pooled", Datacenter: berlin, Cluster: gold},
		{Type: "VirtualMachine", Moref: "vm-3", Name: "alone", Path: "/Berlin/vm/alone", Datacenter: berlin, Host: esx9},
		{Type: "VirtualMachine", Moref: "vm-4", Name: "hidden"},
		{Type: "HostSystem", Moref: "host-12", Name: "esx1", Path: "/Berlin/host/Gold/esx1", Datacenter: berlin, Cluster: gold},
		{Type: "HostSystem", Moref: "host-13", Name: "esx9", Path: "/Berlin/host/esx9/esx9", Datacenter: berlin},
		{Type: "ClusterComputeResource", Moref: "domain-c8", Name: "Gold", Path: "/Berlin/host/Gold", Datacenter: berlin, Cluster: gold},
		{Type: "Datacenter", Moref: "datacenter-2", Name: "Berlin", Path: "/Berlin", Datacenter: berlin},
		{Type: "Folder", Moref: "group-d1", Name: "Datacenters", Path: "/"},
	} {
		got, known := context.Of(want.Moref)
		assert.True(t, known)
		assert.Equal(t, want, got)
	}
	_, known := context.Of("vm-99")
	assert.False(t, known)
}

func TestBeforeTheFirstSyncNothingIsKnown(t *testing.T) {
	_, known := Context{}.Of("vm-1")
	assert.False(t, known)
	tracking, err := NewTracking(nil)
	require.NoError(t, err)
	state := NewState(tracking).Baseline(estate(t).Snapshot())
	_, known = recalled(state).Snapshot().Context().Of("vm-1")
	assert.False(t, known)
}

// An event of the catch-up names an object that is gone.
func TestWhatIsGoneIsRemembered(t *testing.T) {
	c := estate(t)
	send(t, c, model0(), false, objectSet("leave", "VirtualMachine", "vm-1"), objectSet("leave", "HostSystem", "host-12"))
	e, known := c.Snapshot().Context().Of("vm-1")
	require.True(t, known)
	assert.True(t, e.Removed)
	assert.Equal(t, "esx1", e.Host.Name, "as it was at the end, though that is gone, too")
	send(t, c, model0(), false, objectSet("enter", "VirtualMachine", "vm-1", text("name", "back")))
	e, _ = c.Snapshot().Context().Of("vm-1")
	assert.False(t, e.Removed)
	assert.Len(t, c.Snapshot().tombstones.order, 1)
}

// What went while the collector was down is remembered out of what was delivered before.
func TestWhatWentWhileNobodyLookedIsRemembered(t *testing.T) {
	tracking, err := NewTracking(nil)
	require.NoError(t, err)
	state := restarted(t, tracking, NewState(tracking).Baseline(estate(t).Snapshot()))
	c := recalled(state)
	send(t, c, model0(), true, root)
	e, known := c.Snapshot().Context().Of("vm-1")
	require.True(t, known)
	assert.Equal(t, "/Berlin/vm/a%2fb", e.Path)
	assert.Equal(t, "5006", e.InstanceUUID)
	assert.True(t, e.Removed)
}

// recalled is the cache of a vCenter of which something was delivered in an earlier life.
func recalled(delivered *State) *Cache {
	c := NewCache("uuid")
	c.Recall(delivered)
	return c
}

// What was delivered can be known only after everything was read: that is no other inventory then.
func TestAnEarlierLifeIsRecalledLate(t *testing.T) {
	annotated := objectSet("enter", "VirtualMachine", "vm-1", text("name", "web"), text("config.annotation", "a"), text("guest.hostName", "h"))
	before := NewCache("uuid")
	send(t, before, model0(), true, root, annotated, machine(2), machine(3))
	state := restarted(t, tracks(t), NewState(tracks(t)).Baseline(before.Snapshot()))

	now := []string{root, objectSet("enter", "VirtualMachine", "vm-1", missing("name", "NoPermission"), missing("config.annotation", "NoPermission"), missing("guest", "NoPermission")), machine(3)}
	early := recalled(state)
	send(t, early, model0(), true, now...)
	late := awaiting()
	send(t, late, model0(), true, now...)
	send(t, late, model0(), false, objectSet("leave", "VirtualMachine", "vm-3"))
	send(t, early, model0(), false, objectSet("leave", "VirtualMachine", "vm-3"))
	superseded := late.Snapshot().Superseded()
	late.Recall(state)
	assert.NotPanics(t, func() { <-superseded })
	for o := range early.Snapshot().All() {
		assert.True(t, o.equal(late.Snapshot().Get(o.Moref)), "%+v", o)
	}
	for _, moref := range []string{"vm-1", "vm-2", "vm-3"} {
		want, _ := early.Snapshot().Context().Of(moref)
		got, known := late.Snapshot().Context().Of(moref)
		assert.True(t, known)
		assert.Equal(t, want, got)
	}
	assert.Len(t, late.Snapshot().tombstones.order, 2)
	deltas, _ := state.Compare("uuid", late.Snapshot())
	assert.Equal(t, []string{"VirtualMachine web-00002 removed", "VirtualMachine web-00003 removed"}, bodies(deltas))
}

// What could be read again meanwhile, and is gone by then, is gone.
func TestNothingIsLentThatWasReadMeanwhile(t *testing.T) {
	before := NewCache("uuid")
	send(t, before, model0(), true, root, objectSet("enter", "VirtualMachine", "vm-1", text("name", "web"), text("config.annotation", "a"), text("config.guestId", "b")))
	state := NewState(tracks(t)).Baseline(before.Snapshot())
	c := awaiting()
	send(t, c, model0(), true, root, objectSet("enter", "VirtualMachine", "vm-1", text("name", "web"), missing("config.annotation", "NoPermission"), missing("config.guestId", "NoPermission")))
	modify(t, c, "vm-1", text("config.annotation", "a"))
	modify(t, c, "vm-1", unset("config.annotation"))
	c.Recall(state)
	deltas, _ := state.Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{"VirtualMachine web: config.annotation removed, was a"}, bodies(deltas))
}

func TestTombstonesAreBounded(t *testing.T) {
	c := NewCache("uuid")
	var in, out []string
	for i := range maxTombstones + 100 {
		moref := fmt.Sprintf("vm-%d", i)
		in, out = append(in, objectSet("enter", "VirtualMachine", moref, text("name", moref))), append(out, objectSet("leave", "VirtualMachine", moref))
	}
	send(t, c, model0(), true, append(in, root)...)
	for i := 0; i < len(out); i += 1000 {
		send(t, c, model0(), false, strings.Join(out[i:min(i+1000, len(out))], ""))
	}
	assert.Len(t, c.Snapshot().tombstones.entities, maxTombstones)
	_, known := c.Snapshot().Context().Of(fmt.Sprintf("vm-%d", maxTombstones+99))
	assert.True(t, known)
}

// Snapshots are read by everybody while the next ones are made.
func TestASnapshotIsReadWhileTheInventoryChanges(t *testing.T) {
	c := estate(t)
	first := c.Snapshot()
	done := make(chan int)
	go func() {
		changes := 0
		for s := first; s.Get("vm-1").Name() != "end"; s = c.Snapshot() {
			for o := range s.All() {
				s.Context().Of(o.Moref)
			}
			<-s.Superseded()
			changes++
		}
		done <- changes
	}()
	for i := range 200 {
		send(t, c, model0(), false, objectSet("modify", "VirtualMachine", "vm-1", text("name", fmt.Sprint("n", i))))
	}
	send(t, c, model0(), false, objectSet("modify", "VirtualMachine", "vm-1", text("name", "end")))
	assert.Positive(t, <-done)
	assert.Equal(t, "a%2fb", first.Get("vm-1").Name(), "a snapshot never changes")
}

// An update that says what is known already is no news, and wakes nobody.
func TestNoNewsMakesNoSnapshot(t *testing.T) {
	c := estate(t)
	before := c.Snapshot()
	set, err := decode(answer("2", false, objectSet("modify", "VirtualMachine", "vm-1", text("name", "a%2fb"))), newFlattener())
	require.NoError(t, err)
	_, err = c.apply([]updateSet{set}, before.At(), before.places, false)
	require.NoError(t, err)
	assert.Same(t, before, c.Snapshot())
}
