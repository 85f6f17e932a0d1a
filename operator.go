package vcenterstreamreceiver

import (
	"errors"
	"fmt"

	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/adapter" // registers the types of operators
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
	"go.opentelemetry.io/collector/confmap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/operators"
)

// OperatorConfig is one stanza operator on the records.
type OperatorConfig struct {
	operators.Config `mapstructure:"-"` // read by Unmarshal

	read map[string]any // what it was read from
}

// Unmarshal reads an operator by its type. Stanza would ignore a key that it does not know: a mask with a slip in it.
func (c *OperatorConfig) Unmarshal(conf *confmap.Conf) error {
	typ, ok := conf.Get("type").(string)
	if !ok {
		return errors.New("type: required, such as add")
	}
	if err := operators.CheckType(typ); err != nil {
		return err
	}
	newBuilder, ok := operator.Lookup(typ)
	if !ok {
		return fmt.Errorf("type: %s is not in this build of the collector", typ)
	}
	builder := newBuilder()
	if err := conf.Unmarshal(builder); err != nil {
		return err
	}
	c.Config, c.read = operator.NewConfig(builder), conf.ToStringMap()
	return nil
}

// Marshal gives back what was read: the collector tells its configuration to those who ask for it.
func (c OperatorConfig) Marshal(conf *confmap.Conf) error {
	return conf.Merge(confmap.NewFromStringMap(c.read))
}
