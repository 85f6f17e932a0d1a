//go:build unix

package inventory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What measures a poll, for the benchmark of a collection: it is outside of this package, for it imports what imports it.
type (
	VCenter = vcenter
	Cost    = cost
	Peer    = peer
	Polling = polling
)

var (
	Launch       = launch
	SmallVCenter = smallVCenter
	NewPeer      = newPeer
	NewPolling   = newPolling
)

func (c *cost) Add(other cost) { c.add(other) }

func (c cost) Report(b *testing.B, phase string) { c.report(b, phase) }

func (p *peer) Collect(tb testing.TB) Cost { return p.collect(tb) }

func (p *polling) Measure(tb testing.TB, work func()) Cost { return p.measure(tb, work) }

func (p *polling) Snapshot() *Snapshot { return p.cache.Snapshot() }

// Ask polls.
func (p *polling) Ask(tb testing.TB, wanted Wanted) *Stats {
	tb.Helper()
	stats, err := p.poller.Poll(tb.Context(), p.session, p.cache.Snapshot(), wanted)
	require.NoError(tb, err)
	return stats
}
