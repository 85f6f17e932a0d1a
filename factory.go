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
	return receiver.NewFactory(metadata.Type, createDefaultConfig, receiver.WithLogs(createLogs, metadata.LogsStability), receiver.WithMetrics(createMetrics, metadata.MetricsStability))
}

func createLogs(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs) (receiver.Logs, error) {
	return instances.use(set, cfg.(*Config), func(r *vcreceiver.Receiver) { r.SetLogs(next) })
}

func createMetrics(_ context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	return instances.use(set, cfg.(*Config), func(r *vcreceiver.Receiver) { r.SetMetrics(next) })
}
