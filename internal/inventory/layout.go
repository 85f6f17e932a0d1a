package inventory

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

// layouts gives objects that have the same properties one list of their names: that of virtual machines with the same
// hardware is the same, and longer than all of their values.
type layouts struct{ byHash map[uint64][]string }

// maxLayouts bounds how many are known; then it begins anew.
const maxLayouts = 1 << 12

func newLayouts() *layouts { return &layouts{byHash: map[uint64][]string{}} }

func (l *layouts) of(properties []Property) []string {
	var h xxhash.Digest
	h.Reset()
	for _, p := range properties {
		_, _ = h.WriteString(p.Name)
		_, _ = h.WriteString("\n")
	}
	known := l.byHash[h.Sum64()]
	if slices.EqualFunc(known, properties, func(name string, p Property) bool { return name == p.Name }) {
		return known
	}
	names := make([]string, len(properties))
	for i, p := range properties {
		names[i] = p.Name
	}
	if len(l.byHash) >= maxLayouts {
		clear(l.byHash)
	}
	l.byHash[h.Sum64()] = names
	return names
}
