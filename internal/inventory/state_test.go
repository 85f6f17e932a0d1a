package inventory

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
)

func tracks(t testing.TB, exclude ...string) *Tracking {
	t.Helper()
	tracking, err := NewTracking(exclude)
	require.NoError(t, err)
	return tracking
}

// machines is an inventory of n virtual machines.
func machines(t testing.TB, n int) *Cache {
	t.Helper()
	c, _, _ := synced(t, n)
	return c
}

// modify pushes a change.
func modify(t *testing.T, c *Cache, moref string, changes ...string) {
	t.Helper()
	send(t, c, model0(), false, objectSet("modify", "VirtualMachine", moref, changes...))
}

func bodies(deltas []Delta) (all []string) {
	for _, d := range deltas {
		for _, c := range d.Changes {
			all = append(all, c.Body())
		}
	}
	return all
}

func TestNothingIsNewTheFirstTime(t *testing.T) {
	c := machines(t, 50)
	deltas, _ := NewState(tracks(t)).Baseline(c.Snapshot()).Compare("uuid", c.Snapshot())
	assert.Empty(t, deltas)
	deltas, _ = NewState(tracks(t)).Compare("uuid", c.Snapshot())
	assert.Len(t, deltas, 51, "without it, all is")
}

// A cache that was not filled yet is not an empty inventory.
func TestWhatWasNotReadIsNotGone(t *testing.T) {
	state := NewState(tracks(t)).Baseline(machines(t, 3).Snapshot())
	deltas, same := state.Compare("uuid", NewCache("uuid").Snapshot())
	assert.Empty(t, deltas)
	assert.Same(t, state, same)
}

// A change rewrites kilobytes, not megabytes.
func TestOneChangeRewritesOnePart(t *testing.T) {
	c := machines(t, 300)
	state := NewState(tracks(t)).Baseline(c.Snapshot())
	before, err := encodeState(state)
	require.NoError(t, err)
	modify(t, c, "vm-77", text("runtime.powerState", "suspended"))
	deltas, state := state.Compare("uuid", c.Snapshot())
	require.Equal(t, []string{"VirtualMachine web-00077: runtime.powerState poweredOn → suspended"}, bodies(deltas))
	after, err := encodeState(state.With(deltas...))
	require.NoError(t, err)
	written := 0
	for name, part := range after.Parts {
		if !bytes.Equal(part, before.Parts[name]) {
			written++
		} else {
			assert.Same(t, &before.Parts[name][0], &part[0], "and is not even encoded again")
		}
	}
	assert.Equal(t, 1, written)
	assert.Equal(t, before.Head, after.Head)
}

// What nobody is told of is not written either, and does not keep old objects alive.
func TestNoiseIsNotStored(t *testing.T) {
	c := machines(t, 100)
	state := NewState(tracks(t)).Baseline(c.Snapshot())
	before, _ := encodeState(state)
	modify(t, c, "vm-7", text("runtime.bootTime", "2030-01-01T00:00:00Z"))
	deltas, state := state.Compare("uuid", c.Snapshot())
	assert.Empty(t, deltas)
	assert.Same(t, c.Snapshot().Get("vm-7"), state.get("vm-7"))
	after, _ := encodeState(state)
	assert.Equal(t, before, after)
}

func TestChangesWhileDownAreToldOnce(t *testing.T) {
	tracking := tracks(t)
	c := machines(t, 300)
	state := restarted(t, tracking, NewState(tracking).Baseline(c.Snapshot()))

	down := recalled(state)
	sets := []string{root}
	for i := 10; i < 301; i++ { // ten are gone, one is new
		sets = append(sets, machine(i))
	}
	send(t, down, model0(), true, sets...)
	for i := 20; i < 30; i++ {
		modify(t, down, fmt.Sprintf("vm-%d", i), text("name", fmt.Sprint("renamed-", i)), text("runtime.powerState", "poweredOff"))
	}
	deltas, state := state.Compare("uuid", down.Snapshot())
	require.Len(t, deltas, 21)
	assert.Equal(t, "VirtualMachine web-00000 removed", bodies(deltas)[0])
	again, _ := state.Compare("uuid", down.Snapshot())
	assert.Equal(t, uids(deltas), uids(again), "a kill before they are delivered repeats them as they were")

	state = restarted(t, tracking, state.With(deltas[:15]...)) // a kill in between
	rest, state := state.Compare("uuid", down.Snapshot())
	assert.Equal(t, uids(deltas[15:]), uids(rest))
	none, _ := restarted(t, tracking, state.With(rest...)).Compare("uuid", down.Snapshot())
	assert.Empty(t, none)
}

func uids(deltas []Delta) (all []string) {
	for _, d := range deltas {
		for _, c := range d.Changes {
			all = append(all, c.UID)
		}
	}
	return all
}

// A host that is gone had a name.
func TestReferencesAreToldByName(t *testing.T) {
	c := estate(t)
	state := NewState(tracks(t)).Baseline(c.Snapshot())
	send(t, c, model0(), false, objectSet("leave", "HostSystem", "host-12"), objectSet("modify", "VirtualMachine", "vm-1", text("runtime.host", "host-13")))
	deltas, _ := state.Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{"VirtualMachine a%2fb: runtime.host esx1 → esx9", "HostSystem esx1 removed"}, bodies(deltas))
	assert.Equal(t, "host-12", deltas[0].Changes[0].Old)
}

func TestAUIDTellsChangesApart(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][]string{{"u", "vm-1", "a", "x", "y"}, {"u", "vm-1", "a", "y", "x"}, {"v", "vm-1", "a", "x", "y"}, {"u", "vm-2", "a", "x", "y"}, {"u", "vm-1", "ax", "", "y"}, {"u", "vm-1", "a", "", "xy"}} {
		seen[uid(parts...)] = true
	}
	assert.Len(t, seen, 6)
}

// An upgrade, or another exclusion, is not ten thousand changes.
func TestAnotherTrackingIsNoNews(t *testing.T) {
	c := machines(t, 100)
	old := tracks(t, "guest", "config.annotation")
	record, err := old.Codec().Encode(NewState(old).Baseline(c.Snapshot()))
	require.NoError(t, err)
	now := tracks(t, "runtime.powerState")
	state, err := now.Codec().Decode(record)
	require.NoError(t, err)
	modify(t, c, "vm-7", text("name", "renamed"), text("config.annotation", "x"), text("runtime.powerState", "poweredOff"))
	deltas, state := state.Retracked(c.Snapshot()).Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{"VirtualMachine renamed: name web-00007 → renamed"}, bodies(deltas))
	state = restarted(t, now, state.With(deltas...))
	modify(t, c, "vm-7", text("config.annotation", "y"))
	deltas, _ = state.Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{"VirtualMachine renamed: config.annotation x → y"}, bodies(deltas), "from then on it is told")
}

// retracked is a state after a restart with another tracking. What it takes over is stored with it.
func retracked(t *testing.T, to *Tracking, s *State, now *Snapshot) *State {
	t.Helper()
	record, err := s.tracking.Codec().Encode(s)
	require.NoError(t, err)
	state, err := to.Codec().Decode(record)
	require.NoError(t, err)
	again, err := to.Codec().Encode(state)
	require.NoError(t, err)
	require.Equal(t, record, again, "it is what it was")
	return restarted(t, to, state.Retracked(now))
}

// Only the exclusion changes: what has vanished, and what is there for the first time, is told, but for what was not tracked then.
func TestWhatVanishedWhileTheTrackingChangedIsTold(t *testing.T) {
	hardware := func(devices string) string {
		return assign("config.hardware", "VirtualHardware", "<numCPU>2</numCPU>"+devices)
	}
	disk := func(key int) string {
		return fmt.Sprintf(`<device xsi:type="VirtualDisk"><key>%d</key><capacityInKB>1</capacityInKB><controllerKey>1</controllerKey></device>`, key)
	}
	c := NewCache("uuid")
	send(t, c, model0(), true, root, machine(3), objectSet("enter", "VirtualMachine", "vm-1",
		text("name", "web"), text("config.annotation", "a"), text("guest.hostName", "h"), hardware(disk(2000)+disk(2001))))
	state := NewState(tracks(t, "guest", "config.hardware.device[*].controllerKey")).Baseline(c.Snapshot())
	modify(t, c, "vm-1", unset("config.annotation"), text("config.guestId", "g"), text("guest.ipAddress", "1.1.1.1"), unset("guest.hostName"), hardware(disk(2001)+disk(2002)))
	send(t, c, model0(), false, objectSet("leave", "VirtualMachine", "vm-3"))
	now := tracks(t, "config.version")
	deltas, state := retracked(t, now, state, c.Snapshot()).Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{
		"VirtualMachine web: config.annotation removed, was a",
		"VirtualMachine web: config.guestId set to g",
		"VirtualMachine web: config.hardware.device[2000] removed: VirtualDisk",
		"VirtualMachine web: config.hardware.device[2002] added: VirtualDisk",
		"VirtualMachine web-00003 removed",
	}, bodies(deltas))
	deltas, _ = restarted(t, now, state.With(deltas...)).Compare("uuid", c.Snapshot())
	assert.Empty(t, deltas)
}

// What another version has read is not known: what only one of both has is no news.
func TestAnotherVersionIsNoNews(t *testing.T) {
	c := machines(t, 10)
	now := tracks(t)
	old := *now
	old.version--
	state := NewState(&old).Baseline(c.Snapshot())
	modify(t, c, "vm-7", text("name", "renamed"), unset("config.annotation"), text("config.managedBy", "x"))
	deltas, _ := retracked(t, now, state, c.Snapshot()).Compare("uuid", c.Snapshot())
	assert.Equal(t, []string{"VirtualMachine renamed: name web-00007 → renamed"}, bodies(deltas))
}

// A process that was killed before anybody was told what there is tells it, and what has changed since.
func TestABaselineIsRememberedUntilItIsTold(t *testing.T) {
	c := machines(t, 10)
	tracking := tracks(t)
	state := NewState(tracking).Baseline(c.Snapshot())
	summary := state.Untold()
	modify(t, c, "vm-7", text("name", "renamed"))
	state = restarted(t, tracking, state)
	assert.Equal(t, 10, state.Untold().Counts["VirtualMachine"])
	deltas, state := state.Compare("uuid", c.Snapshot())
	assert.Len(t, deltas, 1)
	state = state.With(deltas...)
	assert.Equal(t, summary, state.Untold())
	assert.Nil(t, restarted(t, tracking, state.Told()).Untold())
}

// Some changes of an object were taken, the others were not. What was taken is told no more, but that it is taken back; all else is.
func TestAnObjectThatIsTakenInPart(t *testing.T) {
	disk := `<device xsi:type="VirtualDisk"><key>%d</key><capacityInKB>1</capacityInKB><controllerKey>1</controllerKey>%s</device>`
	hardware := func(on bool, keys ...int) string {
		devices := ""
		for _, key := range keys {
			plug := ""
			if key == 2001 { // which stays
				plug = fmt.Sprintf("<connectable><connected>%v</connected></connectable>", on)
			}
			devices += fmt.Sprintf(disk, key, plug)
		}
		return assign("config.hardware", "VirtualHardware", "<numCPU>2</numCPU>"+devices)
	}
	const name, power = "VirtualMachine new: name web → new", "VirtualMachine new: runtime.powerState poweredOff → poweredOn"
	const added, removed = "VirtualMachine new: config.hardware.device[2002] added: VirtualDisk", "VirtualMachine new: config.hardware.device[2000] removed: VirtualDisk"
	for taken := range 16 { // of the four changes
		c := NewCache("uuid")
		send(t, c, model0(), true, root, objectSet("enter", "VirtualMachine", "vm-1",
			text("name", "web"), text("runtime.powerState", "poweredOff"), hardware(false, 2000, 2001)))
		tracking := tracks(t)
		state := NewState(tracking).Baseline(c.Snapshot())
		modify(t, c, "vm-1", text("name", "new"), text("runtime.powerState", "poweredOn"), hardware(true, 2001, 2002))
		deltas, state := state.Compare("uuid", c.Snapshot())
		all := []string{removed, added, name, power}
		require.Equal(t, all, bodies(deltas))
		i := -1
		part := deltas[0].Part(func(*Change) bool { i++; return taken>>i&1 == 1 })
		if part.Changes != nil {
			state = restarted(t, tracking, state.With(part))
		}
		rest, after := state.Compare("uuid", c.Snapshot())
		assert.ElementsMatch(t, all, append(bodies([]Delta{part}), bodies(rest)...))
		none, _ := after.With(rest...).Compare("uuid", c.Snapshot())
		assert.Empty(t, none)

		modify(t, c, "vm-1", text("name", "web"), text("runtime.powerState", "poweredOff"), hardware(false, 2000, 2001))
		back, _ := state.Compare("uuid", c.Snapshot())
		assert.Len(t, bodies(back), len(part.Changes), "%04b: what was taken is told to be taken back", taken)
	}
}

func TestDamageIsAnError(t *testing.T) {
	tracking := tracks(t)
	record, err := tracking.Codec().Encode(NewState(tracking).Baseline(machines(t, 3).Snapshot()))
	require.NoError(t, err)
	for name, part := range record.Parts {
		for cut := 0; cut < len(part); cut += 13 {
			_, err := decodeWith(tracking, record, name, part[:cut])
			require.Error(t, err, "%s cut at %d", name, cut)
		}
		_, err := decodeWith(tracking, record, name, append(bytes.Clone(part), 0))
		require.Error(t, err)
		_, err = decodeWith(tracking, record, "zz", part)
		require.ErrorIs(t, err, errForeign)
		for other := range record.Parts {
			if other != name {
				_, err = decodeWith(tracking, record, other, part)
				require.ErrorIs(t, err, errMalformed, "objects of another shard")
			}
		}
	}
	_, err = tracking.Codec().Decode(checkpoint.Record{Version: stateVersion + 1})
	require.Error(t, err)
}

// decodeWith decodes a record with one part replaced.
func decodeWith(t *Tracking, r checkpoint.Record, name string, part []byte) (*State, error) {
	parts := map[string][]byte{name: part}
	for other, p := range r.Parts {
		if other != name {
			parts[other] = p
		}
	}
	return t.Codec().Decode(checkpoint.Record{Version: r.Version, Head: r.Head, Parts: parts})
}

// Whoever deletes a custom attribute deletes its values: whether they were secrets says the name that it had. Where no name is known,
// they may be.
func TestADeletedAttributeIsCalledByTheNameThatItHad(t *testing.T) {
	const value = `<CustomFieldValue><key>105</key><value>hunter2</value></CustomFieldValue>`
	for name, c := range map[string]struct {
		before, property string
		unnamed          bool
	}{
		"known":  {`<CustomFieldDef><key>105</key><name>root password</name></CustomFieldDef>`, "customValue[root password]", false},
		"hidden": {"", "customValue[105]", true},
	} {
		t.Run(name, func(t *testing.T) {
			cache := NewCache("uuid")
			send(t, cache, model0(), true, root,
				objectSet("enter", "CustomFieldsManager", "CustomFieldsManager", assign("field", "ArrayOfCustomFieldDef", c.before)),
				objectSet("enter", "VirtualMachine", "vm-1", text("name", "web"), assign("customValue", "ArrayOfCustomFieldValue", value)))
			tracking, err := NewTracking(nil)
			require.NoError(t, err)
			state := NewState(tracking).Baseline(cache.Snapshot())
			send(t, cache, model0(), false,
				objectSet("modify", "CustomFieldsManager", "CustomFieldsManager", assign("field", "ArrayOfCustomFieldDef", "")),
				objectSet("modify", "VirtualMachine", "vm-1", assign("customValue", "ArrayOfCustomFieldValue", "")))
			deltas, _ := state.Compare("uuid", cache.Snapshot())
			require.NotEmpty(t, deltas)
			require.Len(t, deltas[0].Changes, 1)
			assert.Equal(t, "hunter2", deltas[0].Changes[0].Old)
			assert.Equal(t, c.property, deltas[0].Changes[0].Property)
			assert.Equal(t, c.unnamed, deltas[0].Changes[0].Unnamed)
		})
	}
}
