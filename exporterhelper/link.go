package exporterhelper

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"
)

// link is one request on its way. It returns nil once the consumer has taken the records, which are the link's to give away.
type link func(ctx context.Context, logs plog.Logs) error
