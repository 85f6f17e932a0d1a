package operators

import (
	"testing"

	_ "github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/adapter" // so that operators exist
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
