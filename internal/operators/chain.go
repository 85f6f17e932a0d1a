package operators

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/pipeline"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Config is one operator, as stanza reads it.
type Config = operator.Config

// Chain is the operators of a user. It is for one goroutine. A nil Chain has none, and changes nothing.
type Chain struct {
	head     helper.InputOperator
	pipeline *pipeline.DirectedPipeline
}

// Start builds and starts operators; none make a nil Chain. It refuses what Validate refuses.
func Start(configs []Config, set component.TelemetrySettings) (*Chain, error) {
	if len(configs) == 0 {
		return nil, nil
	}
	if err := judge(configs); err != nil {
		return nil, err
	}
	c, err := build(configs, set)
	if err != nil {
		return nil, err
	}
	// No operator that is allowed keeps anything, so none is given a persister.
	if err := c.pipeline.Start(nil); err != nil {
		return nil, fmt.Errorf("start operators: %w", err)
	}
	return c, nil
}

// Stop stops the operators.
func (c *Chain) Stop() error {
	if c == nil {
		return nil
	}
	if err := c.pipeline.Stop(); err != nil {
		return fmt.Errorf("stop operators: %w", err)
	}
	return nil
}

// After gives what a function builds to the operators, each time that it is called.
func (c *Chain) After(build func() plog.Logs) func() plog.Logs {
	if c == nil {
		return build
	}
	return func() plog.Logs { return c.Pass(build()) }
}

// Pass takes records through the operators, in place and in their order, and gives them back: without those that a filter
// dropped, so there may be none left.
func (c *Chain) Pass(logs plog.Logs) plog.Logs {
	var p passage
	ctx := withPassage(context.Background(), &p)
	return rewrite(logs, func(e *Entry) bool {
		p = passage{}
		_ = c.head.Write(ctx, e) // every operator has a guard, which has dealt with its error
		return !p.dropped
	})
}

// build makes the operators, each under its guard, and joins them.
func build(configs []Config, set component.TelemetrySettings) (*Chain, error) {
	c := &Chain{}
	guarded := []operator.Config{operator.NewConfig(&headConfig{InputConfig: helper.NewInputConfig(headID, headID), head: &c.head})}
	for i, config := range configs {
		guarded = append(guarded, operator.NewConfig(&guardConfig{Builder: exact(config.Builder), place: place(i, config.Type())}))
	}
	end, err := newEnd(set)
	if err != nil {
		return nil, err
	}
	c.pipeline, err = pipeline.Config{Operators: guarded, DefaultOutput: end}.Build(set)
	return c, err // it speaks of an operator, or of how they are joined
}
