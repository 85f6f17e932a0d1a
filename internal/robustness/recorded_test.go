package robustness_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

var recorded = flag.String("recorded", "testdata/*.jsonl", "the runs to judge again: a pattern of files")

// TestRecordedRuns judges runs that were kept: those that are named, or those that the validators must not condemn.
func TestRecordedRuns(t *testing.T) {
	files, err := filepath.Glob(*recorded)
	require.NoError(t, err)
	require.NotEmpty(t, files, *recorded)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			run, err := robustness.Load(file)
			require.NoError(t, err)
			assert.NoError(t, robustness.Judge(run))
		})
	}
}
