package exporterhelper

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"
)

// payload is what goes down the chain: records that can be built any number of times.
type payload struct {
	records int
	logs    func() plog.Logs
}

// link is one step of the chain. It returns nil once the payload is settled.
type link func(ctx context.Context, p payload) error
