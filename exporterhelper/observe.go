package exporterhelper

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
)

// observe tells the collector's own telemetry of each call of the links after it.
func observe(report *receiverhelper.ObsReport, format string, next link) link {
	return func(ctx context.Context, logs plog.Logs) error {
		records := logs.LogRecordCount() // a consumer may leave nothing of them
		ctx = report.StartLogsOp(ctx)
		err := next(ctx, logs)
		report.EndLogsOp(ctx, format, records, err)
		return err
	}
}
