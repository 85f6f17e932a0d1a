package inventory

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const inventoryPage = "../../docs/inventory.md"

var codeSpan = regexp.MustCompile("`([^`]+)`")

func spans(text string) (all []string) {
	for _, found := range codeSpan.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

// section is what stands between two marks of the page.
func section(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile(inventoryPage)
	require.NoError(t, err)
	_, rest, begins := strings.Cut(string(page), "<!-- "+name+" -->")
	text, _, ends := strings.Cut(rest, "<!-- end of "+name+" -->")
	require.True(t, begins && ends, "%s has no part %q", inventoryPage, name)
	return text
}

// What the page says is asked for is what is asked for, of each type.
func TestThePageHasAllProperties(t *testing.T) {
	told, types := map[string][]string{}, []string(nil)
	for line := range strings.Lines(section(t, "properties")) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "--") || cells[1] == " object " {
			continue
		}
		if class := strings.TrimSpace(cells[1]); class != "" {
			types = strings.Split(class, ", ")
		}
		for _, class := range types {
			told[class] = append(told[class], spans(cells[3])...)
		}
	}
	common := told["every object"]
	delete(told, "every object")
	for _, k := range append(slices.Clone(kinds), attributes) {
		properties, ok := told[k.name]
		require.True(t, ok, "%s is not on the page", k.name)
		delete(told, k.name)
		if k.name != attributes.name {
			properties = append(properties, common...)
		}
		assert.ElementsMatch(t, k.paths, properties, k.name)
	}
	assert.Empty(t, told, "these are not asked for")
}

func TestThePageHasAllThatIsNotTold(t *testing.T) {
	assert.ElementsMatch(t, slices.Collect(maps.Keys(untracked)), spans(section(t, "untracked")))
}

// The examples of the page mean what they say there.
func TestThePagesExamplesExclude(t *testing.T) {
	text, err := os.ReadFile(inventoryPage)
	require.NoError(t, err)
	var exclude []string
	for _, found := range regexp.MustCompile(`(?m)^        - "?([^" #]+)`).FindAllStringSubmatch(string(text), -1) {
		exclude = append(exclude, found[1])
	}
	require.Len(t, exclude, 7)
	tracking := tracks(t, exclude...)
	for _, name := range []string{
		"guest.ipAddress", "guest.net[4000].ipAddress", "config.hardware.device[2000].backing.fileName", "snapshot.currentSnapshot",
		"config.cpuAllocation.reservation", "customValue[104]",
	} {
		assert.False(t, tracking.Tracks("VirtualMachine", name), name)
	}
	assert.False(t, tracking.Tracks("HostSystem", "runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo[Fan 1].healthState.key"))
	for _, name := range []string{"guest.hostName", "config.hardware.device[2000].capacityInKB", "customValue[105]", "customValue[1040]"} {
		assert.True(t, tracking.Tracks("VirtualMachine", name), name)
	}
}
