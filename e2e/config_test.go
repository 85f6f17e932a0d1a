package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAReadyConfigurationIsRefused loads each file of config/ with the built collector, as an operator would who has set
// no more than what the file asks for.
func TestAReadyConfigurationIsRefused(t *testing.T) {
	files, err := filepath.Glob("../config/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			assert.Empty(t, validate(t, "--config", file))
		})
	}
}

// A collector that takes anything would pass the test above.
func TestAMistypedKeyIsTaken(t *testing.T) {
	assert.Contains(t, validate(t, "--config", "../config/minimal.yaml", "--config", "yaml:receivers::vcenter_stream::usrname: x"), "usrname")
	assert.Contains(t, validate(t, "--config", "../config/minimal.yaml", "--config", "yaml:receivers::vcenter_stream::wait: 0s"), "wait")
}

// validate returns what the collector has against a configuration.
func validate(t *testing.T, arguments ...string) string {
	t.Helper()
	collector := exec.Command(binary(t, "OTELCOL", "otelcol-vcenter"), append([]string{"validate"}, arguments...)...)
	collector.Env = append(os.Environ(),
		"VCENTER_URL=https://vcenter.example.com", "VCENTER_USERNAME=otel@vsphere.local", "VCENTER_PASSWORD=$0123")
	output, err := collector.CombinedOutput()
	assert.Equal(t, err != nil, len(output) > 0, "%v", err)
	return string(output)
}
