package fault_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

func TestFaultsByName(t *testing.T) {
	broken := map[string]bool{
		"cut": true, "cut-chunked": true, "reset-before": true, "reset-after": true, "lose": true,
		"black-hole": true, "black-hole-after": true,
	}
	for _, name := range fault.Names() {
		t.Run(name, func(t *testing.T) {
			n := 5
			if name == "status" {
				n = 502
			}
			f, err := fault.Named(name, n, time.Millisecond)
			require.NoError(t, err)
			b := newBench(t, fault.Rule{Fault: f})
			if strings.HasPrefix(name, "black-hole") {
				b.client.Timeout = 300 * time.Millisecond
			}
			got := b.read(t)
			assert.Equal(t, broken[name], got.err != nil, "%v", got.err)
			if name == "status" {
				assert.Equal(t, 502, got.status)
			}
		})
	}
}

func TestWhatIsNoFault(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int
	}{{"typo", 0}, {"status", 0}, {"status", 99}, {"drip", 5}} {
		_, err := fault.Named(tt.name, tt.n, 0)
		require.Error(t, err, tt.name)
	}
	for _, l := range []fault.Listening{fault.Open, fault.Refusing, fault.Silent} {
		parsed, err := fault.ParseListening(l.String())
		require.NoError(t, err)
		assert.Equal(t, l, parsed)
	}
	_, err := fault.ParseListening("typo")
	require.Error(t, err)
}
