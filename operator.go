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
	c.Config = operator.NewConfig(builder)
	return nil
}
