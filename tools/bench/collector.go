package main

import (
	"context"
	"strings"
	"text/template"
)

const collectorProgram = "otelcol-vcenter"

// configuration of a collector, as of one from which no event may be lost: a position on disk, and no queue. What is
// accepted has arrived.
type configuration struct {
	Endpoint string // of the vCenter
	Backend  string // URL
	Storage  string // folder
	Fsync    bool
	StartAt  string
}

var yaml = template.Must(template.New("").Parse(`
extensions:
  file_storage:
    directory: {{.Storage}}
    create_directory: true
    fsync: {{.Fsync}}
receivers:
  vcenter_stream:
    endpoint: {{.Endpoint}}
    username: user
    password: pass
    storage: file_storage
    events:
      start_at: {{.StartAt}}
exporters:
  otlp_http:
    endpoint: {{.Backend}}
    compression: none
    sending_queue:
      enabled: false
service:
  extensions: [file_storage]
  telemetry:
    metrics:
      level: none
  pipelines:
    logs:
      receivers: [vcenter_stream]
      exporters: [otlp_http]
`))

func collect(ctx context.Context, path string, c configuration) (*program, error) {
	var text strings.Builder
	if err := yaml.Execute(&text, c); err != nil {
		return nil, err
	}
	return start(ctx, path, "--config=yaml:"+text.String())
}
