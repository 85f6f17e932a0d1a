package fault_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// Who judges what is left in a vCenter must know what its client cannot know of.
func TestWhatIsMadeIsToldWithItsAnswer(t *testing.T) {
	soon := func() *fault.Gate { return fault.After(time.Millisecond) }
	for name, c := range map[string]struct {
		fault  fault.Fault
		times  int
		passed bool
	}{
		"well":              {fault.Fault{}, 1, true},
		"held":              {fault.Hold(soon()), 1, true},
		"held within":       {fault.HoldAt(10, soon()), 1, true},
		"dripping":          {fault.Drip(50, soon()), 1, true},
		"executed twice":    {fault.Duplicate(), 2, true},
		"cut":               {fault.Cut(10), 1, false},
		"lost":              {fault.Lose(), 1, false},
		"reset":             {fault.ResetAfter(), 1, false},
		"reset before":      {fault.ResetBefore(), 0, false},
		"another's answer":  {fault.Status(503, ""), 0, true},
		"given up":          {fault.Hold(fault.NewGate()), 1, false},
		"given up before":   {fault.HoldRequest(fault.NewGate()), 0, false},
		"given up for ever": {fault.BlackHoleAfter(), 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // what is given up takes its time
			b := newBench(t, fault.Rule{Method: "Login", Count: 1, Fault: c.fault})
			brief, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if c.passed {
				brief = t.Context()
			}
			begun := time.Now()
			b.call(brief, "Login")
			require.Eventually(t, func() bool { return len(b.Makings()) == 1 }, time.Minute, time.Millisecond)
			made := b.Makings()[0]
			assert.Equal(t, fault.Making{Method: "Login", At: made.At, Until: made.Until, Times: c.times, Passed: c.passed}, made)
			assert.True(t, begun.Before(made.At) && made.At.Before(made.Until))
		})
	}
}

func TestReadsMakeNothing(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.read(t).err)
	require.NoError(t, b.call(t.Context(), "CreateFilter").err)
	require.Eventually(t, func() bool { return len(b.Makings()) == 1 }, time.Minute, time.Millisecond)
	assert.Equal(t, "CreateFilter", b.Makings()[0].Method)
}
