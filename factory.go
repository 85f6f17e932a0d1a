package vcenterstreamreceiver

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	vcreceiver "github.com/vcenterstream/vcenterstreamreceiver/receiver"
)

// NewFactory makes the factory of the component type vcenter_stream.
func NewFactory() receiver.Factory {
	return receiver.NewFactory(metadata.Type, createDefaultConfig, receiver.WithLogs(createLogs, metadata.LogsStability))
}

func createLogs(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	settings, err := cfg.(*Config).settings()
	if err != nil {
		return nil, err
	}
	settings.ID = set.ID
	settings.Telemetry = set.TelemetrySettings
	settings.UserAgent = set.BuildInfo.Command + "/" + set.BuildInfo.Version
	settings.Version = set.BuildInfo.Version
	settings.Logs = next
	return vcreceiver.New(settings), nil
}
