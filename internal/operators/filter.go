package operators

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	stanzafilter "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/transformer/filter"
	"go.opentelemetry.io/collector/component"
)

// exact replaces an operator that does not do exactly what its user asks for.
func exact(b operator.Builder) operator.Builder {
	if config, ok := b.(*stanzafilter.Config); ok {
		return &filterConfig{config}
	}
	return b
}

// filterConfig builds our filter from the configuration of stanza's.
type filterConfig struct{ *stanzafilter.Config }

func (c *filterConfig) Build(set component.TelemetrySettings) (operator.Operator, error) {
	if c.Expression == "" {
		return nil, fmt.Errorf("expr: required")
	}
	transformer := c.TransformerConfig
	transformer.IfExpr = c.Expression
	built, err := transformer.Build(set)
	if err != nil {
		return nil, err
	}
	return &filter{built}, nil
}

// filter drops what matches its expression. Stanza's also drops what its expression fails on, which is any record without
// the attribute that the expression reads: it would lose records for a slip.
type filter struct{ helper.TransformerOperator }

// Process drops a record, and says so, or sends it on.
func (f *filter) Process(ctx context.Context, e *entry.Entry) error {
	keep, err := f.Skip(ctx, e) // the expression is the condition: a record that does not match it is skipped
	if err != nil {
		return f.HandleEntryError(ctx, e, err)
	}
	if keep {
		return f.Write(ctx, e)
	}
	passageOf(ctx).dropped = true
	return nil
}

// ProcessBatch takes entries one by one.
func (f *filter) ProcessBatch(ctx context.Context, entries []*entry.Entry) error {
	return each(ctx, entries, f.Process)
}
