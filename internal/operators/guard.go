package operators

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"go.opentelemetry.io/collector/component"
	"go.uber.org/zap"
)

// guardConfig builds an operator under its guard.
type guardConfig struct {
	operator.Builder
	place string // in the user's list
}

func (c *guardConfig) Build(set component.TelemetrySettings) (operator.Operator, error) {
	set.Logger = discreet(set.Logger)
	built, err := c.Builder.Build(set)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.place, err)
	}
	return &guard{built}, nil
}

// guard sees to it that a record gets past an operator. Some operators keep a record that they fail on (a router whose
// attribute cannot be computed, a csv_parser without its header), and any may have a mistake that panics: then the record
// goes on to the next operator, as the failed one left it.
type guard struct{ operator.Operator }

// Process gives a record to the operator, and to the one after it where it came no further. It has no error.
func (g *guard) Process(ctx context.Context, e *entry.Entry) error {
	p := passageOf(ctx)
	p.steps++
	here := p.steps
	err := g.try(ctx, e)
	if p.steps > here || p.dropped {
		return nil // an error was one of the operator's own: it is logged, and the record went on
	}
	g.Logger().Warn("operator failed: the record goes on without it", zap.Error(err))
	outputs := g.Outputs()
	return outputs[len(outputs)-1].Process(ctx, e) // of a router, its default
}

// try turns a panic into an error: a record of a kind that nobody thought of must not end the collector, at each start anew.
func (g *guard) try(ctx context.Context, e *entry.Entry) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return g.Operator.Process(ctx, e)
}

// ProcessBatch takes entries that an operator sends together one by one.
func (g *guard) ProcessBatch(ctx context.Context, entries []*entry.Entry) error {
	return each(ctx, entries, g.Process)
}
