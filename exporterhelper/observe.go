package exporterhelper

import (
	"context"

	"go.opentelemetry.io/collector/receiver/receiverhelper"
)

// observe tells the collector's own telemetry of each call of the links after it.
func observe(report *receiverhelper.ObsReport, format string, next link) link {
	return func(ctx context.Context, p payload) error {
		ctx = report.StartLogsOp(ctx)
		err := next(ctx, p)
		report.EndLogsOp(ctx, format, p.records, err)
		return err
	}
}
