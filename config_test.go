package vcenterstreamreceiver

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// load reads a configuration as the collector does: unknown keys are errors, and every Validate is called.
func load(t *testing.T, values map[string]any) (*Config, error) {
	t.Helper()
	cfg := createDefaultConfig()
	if err := confmap.NewFromStringMap(values).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg.(*Config), confmap.Validate(cfg)
}

// valid is the least that works, with changes.
func valid(changes map[string]any) map[string]any {
	values := map[string]any{"endpoint": "https://vc.example.com", "username": "otel@vsphere.local", "password": "secret"}
	for key, value := range changes {
		if value == nil {
			delete(values, key)
			continue
		}
		values[key] = value
	}
	return values
}

func TestDefaults(t *testing.T) {
	cfg, err := load(t, valid(nil))
	require.NoError(t, err)
	settings, err := cfg.settings()
	require.NoError(t, err)
	assert.Equal(t, "https://vc.example.com/sdk", settings.Endpoint.String())
	assert.Equal(t, "vc.example.com", settings.Name)
	assert.Equal(t, time.Minute, settings.APITimeout)
	assert.Equal(t, 30*time.Second, settings.Wait)
	assert.Nil(t, settings.Storage)
	assert.Equal(t, time.Second, settings.BackOff.InitialInterval)
	assert.Zero(t, settings.BackOff.MaxElapsedTime)
	assert.False(t, settings.Drop)
	assert.Empty(t, settings.Operators)
	assert.False(t, settings.Events.Beginning)
	assert.Equal(t, 10*time.Minute, settings.Events.Overlap)
	assert.Equal(t, 1000, settings.Events.PageSize)
	assert.Equal(t, 10*time.Second, settings.Events.PollInterval)
	assert.Zero(t, settings.Events.MaxAge)
	assert.Nil(t, settings.Events.Filter)
}

func TestEverySettingArrives(t *testing.T) {
	cm, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	cfg, err := load(t, cm.ToStringMap())
	require.NoError(t, err)
	settings, err := cfg.settings()
	require.NoError(t, err)
	id := component.MustNewIDWithName("file_storage", "vc")
	assert.Equal(t, "http://10.0.0.1:8989/sdk", settings.Endpoint.String())
	assert.Equal(t, "Lab", settings.Name)
	assert.Equal(t, "otel", settings.Username)
	assert.True(t, settings.TLS.InsecureSkipVerify)
	assert.Equal(t, 20*time.Second, settings.APITimeout)
	assert.Equal(t, 10*time.Second, settings.Wait)
	assert.Equal(t, &id, settings.Storage)
	assert.Equal(t, 2*time.Second, settings.BackOff.InitialInterval)
	assert.Equal(t, time.Minute, settings.BackOff.MaxInterval)
	assert.Equal(t, 6*time.Hour, settings.BackOff.MaxElapsedTime)
	assert.True(t, settings.Drop)
	require.Len(t, settings.Operators, 2)
	assert.Equal(t, "regex_replace", settings.Operators[0].Type())
	assert.Equal(t, "filter", settings.Operators[1].Type())
	assert.False(t, settings.Events.Beginning)
	assert.Equal(t, time.Hour, settings.Events.Lookback)
	assert.Equal(t, "replay-1", settings.Events.Position)
	assert.Equal(t, 5*time.Minute, settings.Events.Overlap)
	assert.Equal(t, 500, settings.Events.PageSize)
	assert.Equal(t, 3*time.Second, settings.Events.PollInterval)
	assert.Equal(t, 168*time.Hour, settings.Events.MaxAge)
	filter, err := event.NewFilter(event.FilterSettings{
		Types: []string{"VmEvent", "com.vmware.vc.ha.*"}, ExcludeTypes: []string{"VmMigratedEvent"},
		Categories: []string{"warning", "error"}, Users: []string{"root"}, ExcludeUsers: []string{"backup"},
		Entities: []string{"/DC1/vm/prod"},
		Exclude:  []event.Rule{{Types: []string{"UserLogin*"}, Categories: []string{"info"}, Users: []string{"monitoring"}}},
	})
	require.NoError(t, err)
	assert.Equal(t, filter, settings.Events.Filter)
	selection, err := inventory.NewSelection([]inventory.SelectionRule{
		{Types: []string{"VirtualMachine"}, Paths: []string{"/DC1/vm/prod"}, Tags: []string{"environment:*"}}, {Types: []string{"HostSystem"}},
	}, []inventory.SelectionRule{{Tags: []string{"monitoring:none"}}})
	require.NoError(t, err)
	assert.Equal(t, selection, settings.Inventory.Selection)
	assert.Equal(t, 30*time.Second, settings.Metrics.Controller.CollectionInterval)
	assert.Equal(t, 5*time.Second, settings.Metrics.Controller.InitialDelay)
	assert.Equal(t, 20*time.Second, settings.Metrics.Controller.Timeout)
	assert.True(t, settings.Metrics.Builder.Metrics.VcenterVMSnapshotCount.Enabled)
	assert.True(t, settings.Metrics.Builder.ResourceAttributes.VcenterObjectPath.Enabled)
}

func TestBeginning(t *testing.T) {
	cfg, err := load(t, valid(map[string]any{"events": map[string]any{"start_at": "beginning"}}))
	require.NoError(t, err)
	settings, err := cfg.settings()
	require.NoError(t, err)
	assert.True(t, settings.Events.Beginning)
}

// A rotated secret needs no restart: the file is read at every login.
func TestPasswordFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	cfg, err := load(t, valid(map[string]any{"password": nil, "password_file": file}))
	require.NoError(t, err)
	settings, err := cfg.settings()
	require.NoError(t, err)
	_, err = settings.Password()
	require.ErrorContains(t, err, file)
	for _, secret := range []string{"first", "second"} {
		require.NoError(t, os.WriteFile(file, []byte(secret+"\n"), 0o600))
		got, err := settings.Password()
		require.NoError(t, err)
		assert.Equal(t, secret, got)
	}
}

// What cannot work is refused, and the message names the key.
func TestBadValues(t *testing.T) {
	events := func(key string, value any) map[string]any {
		return map[string]any{"events": map[string]any{key: value}}
	}
	filter := func(key string, value any) map[string]any {
		return events("filter", map[string]any{key: value})
	}
	retry := func(key string, value any) map[string]any {
		return map[string]any{"retry_on_failure": map[string]any{key: value}}
	}
	selection := func(list, key, value string) map[string]any {
		return map[string]any{"inventory": map[string]any{list: []any{map[string]any{key: []any{value}}}}}
	}
	tests := map[string]struct {
		changes map[string]any
		want    string
	}{
		"no endpoint":             {map[string]any{"endpoint": nil}, "endpoint: required"},
		"no scheme":               {map[string]any{"endpoint": "vc.example.com"}, "endpoint: \"vc.example.com\" must begin with https://"},
		"another scheme":          {map[string]any{"endpoint": "ftp://vc"}, "endpoint: \"ftp://vc\" must begin with https://"},
		"no host":                 {map[string]any{"endpoint": "https:///sdk"}, "endpoint: \"https:///sdk\" has no host"},
		"no URL":                  {map[string]any{"endpoint": "https://vc:port"}, "endpoint: not a URL"},
		"password in the URL":     {map[string]any{"endpoint": "https://root:hush@vc"}, "endpoint: must not contain a user name or a password"},
		"no username":             {map[string]any{"username": nil}, "username: required"},
		"no password":             {map[string]any{"password": nil}, "password: required (or password_file)"},
		"two passwords":           {map[string]any{"password_file": "/x"}, "password: cannot be set together with password_file"},
		"no time for a call":      {map[string]any{"api_timeout": "0s"}, "api_timeout: 0s is less than 100ms"},
		"no wait":                 {map[string]any{"wait": "10ms"}, "wait: 10ms is less than 1s"},
		"a wait without end":      {map[string]any{"wait": "11m"}, "wait: 11m0s is more than 10m0s"},
		"no retry":                {retry("enabled", false), "retry_on_failure::enabled: cannot be false"},
		"retry into the past":     {retry("max_elapsed_time", "-5m"), "max_elapsed_time"},
		"no way to refuse":        {map[string]any{"on_permanent_error": "bisect"}, "on_permanent_error: \"bisect\" is neither \"hold\" nor \"drop\""},
		"retry without a wait":    {retry("initial_interval", "0s"), "retry_on_failure::initial_interval: must be positive"},
		"retry that speeds up":    {retry("multiplier", 0.5), "retry_on_failure::multiplier: must be at least 1"},
		"retry with no end":       {retry("max_interval", "0s"), "retry_on_failure::max_interval: must not be less"},
		"retry with odd jitter":   {retry("randomization_factor", 2), "'randomization_factor' must be within [0, 1]"},
		"start in the middle":     {events("start_at", "middle"), "events: start_at: \"middle\" is neither \"end\" nor \"beginning\""},
		"lookback into the past":  {events("lookback", "-1h"), "events: lookback: -1h0m0s is negative"},
		"no overlap":              {events("overlap", "0s"), "events: overlap: 0s is less than 1s"},
		"no page":                 {events("page_size", 0), "events: page_size: 0 is not between 1 and 1000"},
		"a page too large":        {events("page_size", 1001), "events: page_size: 1001 is not between 1 and 1000"},
		"no poll":                 {events("poll_interval", "0s"), "events: poll_interval: 0s is less than 10ms"},
		"a path as position":      {events("position", "a/b"), "events: position: \"a/b\" is no name"},
		"a position that's taken": {events("position", "part"), "events: position: \"part\" is taken"},
		"an unknown key":          {map[string]any{"endpint": "x"}, "endpint"},
		"less than the overlap":   {events("max_age", "5m"), "events: max_age: 5m0s is less than overlap, 10m0s"},
		"a negative age":          {events("max_age", "-1h"), "events: max_age: -1h0m0s is less than overlap"},
		"a glob that is none":     {filter("types", []any{"Vm["}), `events::filter: types: "Vm[" is no glob`},
		"no such category":        {filter("categories", []any{"warn"}), `events::filter: categories: "warn" is none of info, warning, error, user`},
		"a user without a name":   {filter("users", []any{""}), "events::filter: users: a name is empty"},
		"two entities":            {filter("entities", []any{"/DC1", "/DC2"}), "events::filter: entities: 2 of them"},
		"a bare reference":        {filter("entities", []any{"vm-42"}), `events::filter: entities: "vm-42" is neither`},
		"a rule without end":      {filter("exclude", []any{map[string]any{}}), "events::filter: exclude[0]: a rule without conditions"},
		"a rule with a typo":      {filter("exclude", []any{map[string]any{"user": []any{"root"}}}), "user"},
		"no collection":           {map[string]any{"collection_interval": "0s"}, "collection_interval: 0s is less than 10ms"},
		"a delay into the past":   {map[string]any{"initial_delay": "-1s"}, "initial_delay: -1s is less than 0s"},
		"a timeout in the past":   {map[string]any{"timeout": "-1s"}, `"timeout": requires positive value`},
		"no such metric":          {map[string]any{"metrics": map[string]any{"vcenter.vm.cpu.time": map[string]any{"enabled": true}}}, "vcenter.vm.cpu.time"},
		"a path from nowhere":     {selection("include", "paths", "DC1/vm"), `inventory: include::paths: "DC1/vm" is no path`},
		"a type of nothing":       {selection("exclude", "types", "VM"), `inventory: exclude::types: "VM" is no type`},
		"a tag that is no glob":   {selection("include", "tags", "env:["), `inventory: include::tags: "env:[" is no tag`},
		"a rule of nothing":       {map[string]any{"inventory": map[string]any{"exclude": []any{map[string]any{}}}}, `inventory: exclude: "{}" is a rule without conditions`},
		"no ID of a storage":      {map[string]any{"storage": "a b"}, "storage"},
		"lookback from beginning": {
			map[string]any{"events": map[string]any{"start_at": "beginning", "lookback": "1h"}},
			"events: lookback: has no meaning with start_at: beginning"},
		"lookback beyond the limit": {
			map[string]any{"events": map[string]any{"max_age": "1h", "lookback": "1h"}},
			"events: max_age: 1h0m0s is not more than lookback, 1h0m0s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, valid(test.changes))
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hush")
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}
