package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// password of the simulated vCenter's user. No output and no file may contain it.
const password = "correct-horse-battery-staple-7f3a"

// collector is an installation of otelcol-vcenter, through all of its lives.
type collector struct {
	*process // the present life

	Endpoint     string // of the vCenter
	Password     string // is handed over in the environment
	PasswordFile string // in the place of Password
	Sink         string // URL
	Meter        string // URL of the back end for metrics; "": there is no pipeline of metrics
	Storage      string // directory
	Health       string // address
	Level        string // of the log
	Metrics      string // port of its own metrics; "": it has none
	Receiver     string // more of the receiver's settings, in YAML
	Life         int

	processes []*process // of all lives
}

// install prepares a collector between a vCenter and a back end.
func install(t *testing.T, endpoint, sink string) *collector {
	t.Helper()
	return &collector{
		Endpoint: endpoint,
		Password: password,
		Sink:     sink,
		Storage:  filepath.Join(t.TempDir(), "storage"),
		Health:   freeAddress(t),
		Level:    "info",
		Receiver: withoutContext,
	}
}

// withoutContext has records of events that are the same after a restart.
const withoutContext = `
    events:
      enrich: false`

// configuration is what a user would write who wants no event to be lost: no queue and no batch processor, so that the
// receiver knows what the back end said.
var configuration = template.Must(template.New("").Parse(`
extensions:
  file_storage:
    directory: {{.Storage}}
    create_directory: true
    fsync: false
  healthcheckv2:
    use_v2: true
    component_health:
      include_permanent_errors: true
      include_recoverable_errors: true
      recovery_duration: 1ms
    http:
      endpoint: {{.Health}}
      status:
        enabled: true
        path: /health/status
      config:
        enabled: false
receivers:
  vcenter_stream:
    endpoint: {{.Endpoint}}
    username: otel
    {{if .PasswordFile}}password_file: {{.PasswordFile}}{{else}}password: ${env:VCENTER_PASSWORD}{{end}}
    storage: file_storage
    retry_on_failure:
      initial_interval: 50ms
      max_interval: 500ms
    {{- .Receiver}}
exporters:
  otlp_http:
    endpoint: {{.Sink}}
    compression: none
    headers:
      X-Life: "{{.Life}}"
    sending_queue:
      enabled: false
    retry_on_failure:
      initial_interval: 50ms
      max_interval: 200ms
      max_elapsed_time: 1s
{{- if .Meter}}
  otlp_http/metrics:
    endpoint: {{.Meter}}
    headers:
      X-Life: "{{.Life}}"
    sending_queue:
      enabled: false
    retry_on_failure:
      enabled: false
{{- end}}
service:
  extensions: [file_storage, healthcheckv2]
  telemetry:
    logs:
      level: {{.Level}}
    metrics:
      {{- if .Metrics}}
      level: normal
      readers:
        - pull:
            exporter:
              prometheus:
                host: 127.0.0.1
                port: {{.Metrics}}
      {{- else}}
      level: none
      {{- end}}
  pipelines:
    logs:
      receivers: [vcenter_stream]
      exporters: [otlp_http]
    {{- if .Meter}}
    metrics:
      receivers: [vcenter_stream]
      exporters: [otlp_http/metrics]
    {{- end}}
`))

// start begins the next life.
func (c *collector) start(t *testing.T) {
	t.Helper()
	c.Life++
	var yaml strings.Builder
	require.NoError(t, configuration.Execute(&yaml, c))
	c.process = runCollector(t, yaml.String(), "VCENTER_PASSWORD="+c.Password)
	c.processes = append(c.processes, c.process)
}

// lives are those so far. Who died of a signal was killed.
func (c *collector) lives() (list []robustness.Life) {
	for i, p := range c.processes {
		l := robustness.Life{Life: i + 1, Begin: p.begun, Asked: p.asked}
		if p.ended() {
			l.End, l.Killed = p.over, p.cmd.ProcessState.ExitCode() == -1
		}
		list = append(list, l)
	}
	return list
}

// runCollector runs otelcol-vcenter with a configuration.
func runCollector(t *testing.T, yaml string, environment ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o600))
	return start(t, binary(t, "OTELCOL", "otelcol-vcenter"), environment, "--config", file)
}

// health is a node of what healthcheckv2 answers.
type health struct {
	Status     string            `json:"status"`
	Error      string            `json:"error"`
	Components map[string]health `json:"components"`
}

// health of the receiver; the zero value while nothing answers.
func (c *collector) health(t *testing.T) health {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+c.Health+"/health/status?verbose", nil)
	require.NoError(t, err)
	response, err := client.Do(request)
	if err != nil {
		return health{}
	}
	defer response.Body.Close()
	var all health
	if json.NewDecoder(response.Body).Decode(&all) != nil {
		return health{}
	}
	return all.Components["pipeline:logs"].Components["receiver:vcenter_stream"]
}
