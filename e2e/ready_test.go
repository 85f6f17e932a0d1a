package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// pipeline is a file of config/: a ready pipeline.
type pipeline struct {
	path string
	conf *confmap.Conf
	asks []string // the variables without a default that it names
}

// asked is a variable of the environment in a configuration, with its default.
var asked = regexp.MustCompile(`\$\{env:(\w+)(:-[^}]*)?\}`)

// pipelines are all files of config/: one that is new is tested without being named.
func pipelines(t *testing.T) (all []pipeline) {
	t.Helper()
	paths, err := filepath.Glob("../config/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		all = append(all, load(t, path))
	}
	return all
}

func load(t *testing.T, path string) pipeline {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	retrieved, err := confmap.NewRetrievedFromYAML(text)
	require.NoError(t, err, path)
	conf, err := retrieved.AsConf()
	require.NoError(t, err, path)
	p := pipeline{path: path, conf: conf}
	for _, match := range asked.FindAllStringSubmatch(string(text), -1) {
		if match[2] == "" {
			p.asks = append(p.asks, match[1])
		}
	}
	return p
}

func (p pipeline) name() string { return strings.TrimSuffix(filepath.Base(p.path), ".yaml") }

// exporters are those of the logs.
func (p pipeline) exporters() (names []string) {
	list, _ := p.conf.Get("service::pipelines::logs::exporters").([]any)
	for _, name := range list {
		names = append(names, name.(string))
	}
	return names
}

// environment gives each variable that the file asks for a value.
func (p pipeline) environment(value func(name string) string) (environment []string) {
	for _, name := range p.asks {
		environment = append(environment, name+"="+value(name))
	}
	return environment
}

// set is an argument that gives a key another value, unless the file takes that from the environment.
func (p pipeline) set(key, value string) []string {
	if text, ok := p.conf.Get(key).(string); ok && asked.MatchString(text) {
		return nil
	}
	return []string{"--config", "yaml:" + key + ": " + value}
}

// installation is a collector that runs a ready pipeline, through all of its lives.
type installation struct {
	*process
	pipeline
	vcenter, sink string // URLs
	storage       string // directory
	life          int
}

func (p pipeline) install(t *testing.T, vcenter, sink string) *installation {
	t.Helper()
	return &installation{pipeline: p, vcenter: vcenter, sink: sink, storage: filepath.Join(t.TempDir(), "storage")}
}

// start begins the next life: the file as it is, but for what it says of its surroundings.
func (i *installation) start(t *testing.T) {
	t.Helper()
	i.life++
	environment := append(i.environment(i.value), "STORAGE_DIR="+i.storage, "DEMO_DIR="+i.storage, "VCENTER_URL="+i.vcenter)
	arguments := []string{"--config", i.path, "--config", "yaml:service::telemetry::metrics::level: none"}
	arguments = append(arguments, i.set("receivers::vcenter_stream::endpoint", i.vcenter)...)
	arguments = append(arguments, i.set("receivers::vcenter_stream::username", "otel")...)
	arguments = append(arguments, i.secret(t)...)
	if i.conf.IsSet("extensions::file_storage") {
		arguments = append(arguments, i.set("extensions::file_storage::directory", i.storage)...)
	}
	if i.conf.IsSet("exporters::otlp_http") {
		arguments = append(arguments, i.set("exporters::otlp_http::endpoint", i.sink)...)
		arguments = append(arguments, "--config", fmt.Sprintf("yaml:exporters::otlp_http::headers::%s: '%d'", lifeHeader, i.life))
	}
	i.process = start(t, binary(t, "OTELCOL", "otelcol-vcenter"), environment, arguments...)
}

// value is that of a variable which the file asks for.
func (i *installation) value(name string) string {
	return map[string]string{
		"VCENTER_URL":      i.vcenter,
		"VCENTER_USERNAME": "otel",
		"VCENTER_PASSWORD": password,
		"LOKI_URL":         i.sink + "/otlp",
	}[name]
}

// secret hands the password over in the way that the file has chosen.
func (i *installation) secret(t *testing.T) []string {
	t.Helper()
	if !i.conf.IsSet("receivers::vcenter_stream::password_file") {
		return i.set("receivers::vcenter_stream::password", password)
	}
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte(password), 0o600))
	return i.set("receivers::vcenter_stream::password_file", file)
}
