package rules

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The collector's modules are released together, as v1.64.0 where they are stable and as v0.158.0 where they are not,
// and work together only so. One newer module pulls the whole set with it, lifts the go line, and ocb refuses to build.
const language = "go 1.25.0"

var (
	collectorVersions = []string{"v1.64.0", "v0.158.0"}

	// Not released with the set: the newest that are to be had beside it, with what they need.
	exceptions = map[string]string{
		"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckv2extension": "v0.155.0",
		"github.com/open-telemetry/opentelemetry-collector-contrib/internal/healthcheck":             "v0.155.0",
		"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/status":                       "v0.155.0",
		"github.com/open-telemetry/opentelemetry-collector-contrib/extension/pprofextension":         "v0.157.0",
	}

	// A line of go.mod, of go.sum's makers' choice of blanks, or of the builder's manifest.
	collectorModule = regexp.MustCompile(`((?:go\.opentelemetry\.io/collector|github\.com/open-telemetry/opentelemetry-collector-contrib)[^\s"]*) (v[^\s]+)`)
	goLine          = regexp.MustCompile(`(?m)^(?:go|toolchain) .*$`)
)

func TestVersionsArePinned(t *testing.T) {
	assert.Empty(t, unpinned(t, os.DirFS("../.."), "go.mod", "cmd/otelcol-vcenter/go.mod", "tools/go.mod", "builder-config.yaml"))
}

// A bare `go mod tidy` after a new import does all of this at once.
func TestVersionsAreNotLiftedUnnoticed(t *testing.T) {
	tree := fstest.MapFS{"go.mod": {Data: []byte(`module m

go 1.26.0

toolchain go1.26.8

require (
	go.opentelemetry.io/collector/component v1.64.0
	go.opentelemetry.io/collector/pdata v1.70.0 // indirect
	github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden v0.164.1
	github.com/open-telemetry/opentelemetry-collector-contrib/extension/pprofextension v0.158.0
	go.opentelemetry.io/otel v1.44.0
)
`)}}
	assert.Equal(t, []string{
		`go.mod: "go 1.26.0", want "go 1.25.0"`,
		`go.mod: "toolchain go1.26.8", want "go 1.25.0"`,
		"go.mod: go.opentelemetry.io/collector/pdata is at v1.70.0, want v1.64.0 or v0.158.0",
		"go.mod: github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden is at v0.164.1, want v1.64.0 or v0.158.0",
		"go.mod: github.com/open-telemetry/opentelemetry-collector-contrib/extension/pprofextension is at v0.158.0, want v0.157.0",
	}, unpinned(t, tree, "go.mod"))
}

// unpinned lists what a file names at another version than the pinned one.
func unpinned(t *testing.T, fsys fs.FS, names ...string) (breaches []string) {
	t.Helper()
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		require.NoError(t, err)
		for _, line := range goLine.FindAllString(string(text), -1) {
			if line != language {
				breaches = append(breaches, fmt.Sprintf("%s: %q, want %q", name, line, language))
			}
		}
		for _, found := range collectorModule.FindAllStringSubmatch(string(text), -1) {
			if want := pinned(found[1]); !slices.Contains(want, found[2]) {
				breaches = append(breaches, fmt.Sprintf("%s: %s is at %s, want %s", name, found[1], found[2], strings.Join(want, " or ")))
			}
		}
	}
	return breaches
}

func pinned(module string) []string {
	if version, ok := exceptions[module]; ok {
		return []string{version}
	}
	return collectorVersions
}
