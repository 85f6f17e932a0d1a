package inventory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsExcluded(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		excluded      bool
	}{
		{"guest", "guest.ipAddress", true},
		{"guest", "guest", true},
		{"guest", "guestHeartbeatStatus", false},
		{"guest.*", "guest.net[4000].ipAddress", true},
		{"guest.net", "guest.net[4000].ipAddress", true},
		{"*.annotation", "config.annotation", true},
		{"*", "name", true},
		{"config.hardware.device[*].backing", "config.hardware.device[2000].backing.fileName", true},
		{"config.hardware.device[*].backing", "config.hardware.device[2000].capacityInKB", false},
		{"config.hardware.device[2000]", "config.hardware.device[2000].capacityInKB", true},
		{"config.hardware.device[2000]", "config.hardware.device[20001]", false},
		{"*capacity*", "config.hardware.device[2000].capacityInKB", true},
		{"a**b", "axb", true},
		{"customValue[102]", "customValue[102]", true},
		{"VirtualMachine:name", "name", true},
		{"HostSystem:name", "name", false},
		{"VirtualMachine:guest.*", "guest.hostName", true},
	} {
		assert.Equal(t, !c.excluded, tracks(t, c.pattern).Tracks("VirtualMachine", c.name), "%+v", c)
	}
	assert.True(t, tracks(t).Tracks("VirtualMachine", "name"))
	assert.False(t, tracks(t).Tracks("VirtualMachine", "guest.disk[/].freeSpace"))
}

func TestPatternsThatCanMatchNothing(t *testing.T) {
	for _, pattern := range []string{"", "VirtualMachine:", "a b"} {
		_, err := NewTracking([]string{"name", pattern})
		var wrong *PatternError
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, pattern, wrong.Pattern)
	}
}

func TestTheOrderOfExclusionsIsNoOtherTracking(t *testing.T) {
	assert.True(t, tracks(t, "a", "b").equal(tracks(t, "b", "a")))
	assert.False(t, tracks(t, "a", "b").equal(tracks(t, "a")))
}

// A kind that is listed twice, or a path, would be refused by vCenter or read twice.
func TestKindsAreListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range append(kinds, attributes) {
		for _, path := range k.paths {
			require.False(t, seen[k.name+"."+path], "%s.%s", k.name, path)
			seen[k.name+"."+path] = true
			assert.False(t, noise[path], "%s is asked for, and is noise", path)
		}
	}
}
