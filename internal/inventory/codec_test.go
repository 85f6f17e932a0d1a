package inventory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/checkpoint"
)

// What each version has stored, byte for byte, can be read: or the start after an upgrade would begin anew, or tell of what has not changed.
// Of version 1 it is not known what was tracked with it, so that a property is told only where it has another value.
func TestWhatEachVersionHasStoredCanBeRead(t *testing.T) {
	const noted, added, renamed, removed = "VirtualMachine web: config.annotation removed, was the front", "VirtualMachine web: config.guestId set to g",
		"VirtualMachine new: name db → new", "HostSystem esx1 removed"
	for name, want := range map[string]struct {
		untold *Summary
		told   []string
	}{
		"v1.json": {nil, []string{renamed, removed}},
		"v2.json": {
			&Summary{time.Unix(1, 0).UTC(), map[string]int{"Folder": 1, "HostSystem": 1, "VirtualMachine": 2}},
			[]string{noted, added, renamed, removed},
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := stored(t, name)
			assert.Equal(t, want.untold, state.Untold())
			c := NewCache("uuid")
			send(t, c, model0(), true, root, storedMachine(text("config.annotation", "the front")), objectSet("enter", "HostSystem", "host-12", text("name", "esx1")),
				objectSet("enter", "VirtualMachine", "vm-2", text("name", "db"), text("runtime.powerState", "poweredOn")))
			assertTold(t, c, state.Retracked(c.Snapshot()))
			send(t, c, model0(), true, root, storedMachine(text("config.guestId", "g")),
				objectSet("enter", "VirtualMachine", "vm-2", text("name", "new"), text("runtime.powerState", "poweredOn")))
			assertTold(t, c, restarted(t, tracks(t, "guest"), state.Retracked(c.Snapshot())), want.told...)
		})
	}
}

func stored(t *testing.T, name string) *State {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", "states", name))
	require.NoError(t, err)
	var record checkpoint.Record
	require.NoError(t, json.Unmarshal(file, &record))
	state, err := tracks(t, "guest").Codec().Decode(record)
	require.NoError(t, err)
	return state
}

// storedMachine is the one that was stored with most properties.
func storedMachine(others ...string) string {
	return theMachine(append(others, text("runtime.powerState", "poweredOff"), text("runtime.host", "host-12"), text("guest.hostName", "web.example.com"),
		assign("config.hardware", "VirtualHardware", `<numCPU>2</numCPU><device xsi:type="VirtualDisk"><key>2000</key><capacityInKB>16777216</capacityInKB></device>`),
		assign("customValue", "ArrayOfCustomFieldValue", `<CustomFieldValue xsi:type="CustomFieldStringValue"><key>101</key><value>finance</value></CustomFieldValue>`))...)
}
