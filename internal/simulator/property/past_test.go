package property_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// Whatever a script takes from elsewhere, such as a map or a clock, is not the same the second time.
func TestAPastMakesTheSameInventory(t *testing.T) {
	const seed = 7
	var past []property.Played
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	settings := property.Settings{VMs: 120, Hosts: 8, Seed: seed}
	settings.Now = func() time.Time { now = now.Add(time.Second); return now }
	settings.Record = func(p property.Played) { past = append(past, p) }
	lived := property.New(settings)
	random := rand.New(rand.NewPCG(seed, 0))
	names := slices.Sorted(maps.Keys(property.Scripts()))
	for range 400 {
		_, _ = lived.Play(names[random.IntN(len(names))], 1+random.IntN(3)) // there may be too few
	}
	require.Len(t, past, 400)

	again := property.New(property.Settings{VMs: 120, Hosts: 8, Seed: seed, Past: past})
	assert.Equal(t, lived.Facts(), again.Facts())
	require.Greater(t, len(lived.Of("ManagedEntity")), 100)
	for _, ref := range lived.Of("ManagedEntity") {
		require.Equal(t, lived.Get(ref), again.Get(ref), "%s", ref)
	}
}
