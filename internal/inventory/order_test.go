package inventory

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A folder is deleted with all that is in it, and the host and the cluster with their machines. A process is killed while it tells of that: what
// is left to be told is where it was, or nobody who asks for a folder would ever hear that its machines are gone.
func TestWhatIsGoneIsToldBeforeWhatItWasIn(t *testing.T) {
	tracking := tracks(t)
	sets := []string{
		root,
		objectSet("enter", "Datacenter", "datacenter-2", text("name", "Berlin"), text("parent", "group-d1")),
		objectSet("enter", "Folder", "group-v3", text("name", "vm"), text("parent", "datacenter-2")),
		objectSet("enter", "Folder", "group-h4", text("name", "host"), text("parent", "datacenter-2")),
	}
	stays := len(sets)
	sets = append(sets,
		objectSet("enter", "Folder", "group-v5", text("name", "shop"), text("parent", "group-v3")),
		objectSet("enter", "ClusterComputeResource", "domain-c8", text("name", "Gold"), text("parent", "group-h4")),
		objectSet("enter", "HostSystem", "host-12", text("name", "esx1"), text("parent", "domain-c8")),
	)
	for i := range 300 {
		sets = append(sets, objectSet("enter", "VirtualMachine", fmt.Sprintf("vm-%d", 1000+i), text("name", fmt.Sprintf("web-%d", i)), text("parent", "group-v5"), text("runtime.host", "host-12")))
	}
	c := NewCache("uuid")
	send(t, c, model0(), true, sets...)
	state := NewState(tracking).Baseline(c.Snapshot())
	now := recalled(state)
	send(t, now, model0(), true, sets[:stays]...)

	deltas, state := state.Compare("uuid", now.Snapshot())
	require.Len(t, deltas, 303)
	whole := map[string]Entity{}
	for _, d := range deltas {
		whole[d.Moref()] = d.Changes[0].Entity
	}
	require.Equal(t, "/Berlin/vm/shop/web-7", whole["vm-1007"].Path)
	only, err := NewSelection([]SelectionRule{{Types: []string{"VirtualMachine"}, Paths: []string{"/Berlin/vm/shop"}}}, nil)
	require.NoError(t, err)
	lost, other := 0, 0
	for told := 0; told < len(deltas); told += 25 { // a kill after each batch
		rest, _ := restarted(t, tracking, state.With(deltas[:told]...)).Compare("uuid", now.Snapshot())
		require.Len(t, rest, len(deltas)-told)
		for _, d := range rest {
			e := d.Changes[0].Entity
			if fmt.Sprint(e) != fmt.Sprint(whole[d.Moref()]) {
				other++
			}
			if e.Type == "VirtualMachine" && !only.Has(&e, func(string) []string { return nil }) {
				lost++
			}
		}
	}
	assert.Zero(t, other, "are told as if they had been elsewhere")
	assert.Zero(t, lost, "are told to nobody who asks for the folder")
}

// A custom attribute is deleted, and with it all of its values. What is left to be told after a kill is called as people called it.
func TestTheNameOfAnAttributeIsForgottenLast(t *testing.T) {
	tracking := tracks(t)
	sets := func(field, value string) (all []string) {
		all = append(all, root, objectSet("enter", "CustomFieldsManager", "CustomFieldsManager", assign("field", "ArrayOfCustomFieldDef", field)))
		for i := range 300 {
			all = append(all, objectSet("enter", "VirtualMachine", fmt.Sprintf("vm-%d", 1000+i), text("name", fmt.Sprintf("web-%d", i)), assign("customValue", "ArrayOfCustomFieldValue", value)))
		}
		return all
	}
	c := NewCache("uuid")
	send(t, c, model0(), true, sets(`<CustomFieldDef><key>101</key><name>Owner</name></CustomFieldDef>`, `<CustomFieldValue><key>101</key><value>finance</value></CustomFieldValue>`)...)
	state := NewState(tracking).Baseline(c.Snapshot())
	now := recalled(state)
	send(t, now, model0(), true, sets("", "")...)
	deltas, state := state.Compare("uuid", now.Snapshot())
	require.Len(t, deltas, 301)
	nameless := 0
	for told := 0; told < len(deltas); told += 25 {
		rest, _ := restarted(t, tracking, state.With(deltas[:told]...)).Compare("uuid", now.Snapshot())
		for _, d := range rest {
			if d.Changes[0].Unnamed {
				nameless++
			}
		}
	}
	assert.Zero(t, nameless)
}
