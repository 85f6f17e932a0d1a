package inventory

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("update", false, "write what is expected in testdata anew")

// Each folder is a story: answers of WaitForUpdatesEx in their order, and the changes that they mean.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob("testdata/updates/*")
	require.NoError(t, err)
	require.NotEmpty(t, stories)
	for _, story := range stories {
		t.Run(filepath.Base(story), func(t *testing.T) { assertStory(t, story) })
	}
}

func assertStory(t *testing.T, story string) {
	answers, err := filepath.Glob(filepath.Join(story, "*.xml"))
	require.NoError(t, err)
	tracking, err := NewTracking(nil)
	require.NoError(t, err)
	c, state, f := NewCache("uuid"), NewState(tracking), newFlattener()
	var script strings.Builder
	for i, file := range answers {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		set, err := decode(body, f)
		require.NoError(t, err)
		full := i == 0 || filepath.Base(story) == "restricted"
		applied, err := c.apply([]updateSet{set}, time.Unix(0, 0), places{"group-d1", "CustomFieldsManager"}, full)
		require.NoError(t, err)
		fmt.Fprintf(&script, "# answer %s: %d objects of %d, %d strange\n", set.version, applied.Updates, applied.Objects, applied.Strange)
		if i == 0 {
			state = state.Baseline(c.Snapshot())
			continue
		}
		var deltas []Delta
		deltas, state = state.Compare("uuid", c.Snapshot())
		state = state.With(deltas...)
		write(&script, deltas)
	}
	golden := filepath.Join(story, "changes.txt")
	if *rewrite {
		require.NoError(t, os.WriteFile(golden, []byte(script.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), script.String())
}

func write(script *strings.Builder, deltas []Delta) {
	for _, d := range deltas {
		for _, c := range d.Changes {
			fmt.Fprintf(script, "%s\n    %s %s %s\n", c.Body(), c.Type, c.Entity.Moref, c.UID)
			if c.Entity.Path != "" {
				fmt.Fprintf(script, "    at %s\n", c.Entity.Path)
			}
			if c.Type == Changed {
				fmt.Fprintf(script, "    %s: %q → %q\n", c.Property, c.Old, c.New)
			}
		}
	}
}
