package translate

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write golden files and docs/records.md anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
