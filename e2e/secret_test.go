package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The password is in none of the places that people pass on when they ask for help, and in no file that stays.
func TestPasswordIsNowhere(t *testing.T) {
	vc, back := simulate(t, "insertion"), newSink(t)
	c := install(t, vc.endpoint, back.url())
	c.Level = "debug"
	c.start(t)
	vc.awaitCollector(t)
	vc.burst(t, 100)
	want := vc.wanted(t)
	eventually(t, "all events have arrived", func() bool { return reliable(back.recorded(t), want) == nil })
	assert.Equal(t, 0, c.stop(t))

	assertClear(t, c.output(t))
	files := contents(t, c.Storage)
	require.NotEmpty(t, files)
	for name, content := range files {
		assert.NotContains(t, content, password, name)
	}
	for _, d := range back.recorded(t) {
		for _, rec := range d.records {
			assert.NotContains(t, rec.bytes, password)
		}
	}
}

// contents are those of all files in a directory.
func contents(t *testing.T, directory string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[path] = string(content)
		return err
	}))
	return all
}
