package journal

import (
	"cmp"
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// Side is on which side of a key to look.
type Side bool

const (
	// Newer is the side of the greater keys.
	Newer Side = true
	// Older is the side of the lesser keys.
	Older Side = false
)

// ByKey returns the n matching events whose keys are next to a key on one of its sides, nearest first: what vCenter 9
// offers as EventManagerViewByStartId. It keeps no place, and no cursor's stall touches it.
//
// Whether a page is cut before or after hidden events are left out is not documented. They follow the Hiding: where a
// cursor passes, they are left out before; where it sticks, after, so that nothing beyond a page of them is ever told.
func (j *Journal) ByKey(spec types.EventFilterSpec, start int32, side Side, n int) []*Entry {
	v, f := j.view(), newFilter(spec, j.settings)
	var page []*Entry
	for _, e := range v.entries {
		beyond := e.key > start
		if side == Older {
			beyond = e.key < start
		}
		if beyond && f.match(e) && (v.hiding == Sticks || !v.hides(e)) {
			page = append(page, e)
		}
	}
	slices.SortStableFunc(page, func(a, b *Entry) int {
		if side == Older {
			a, b = b, a
		}
		return cmp.Compare(a.key, b.key)
	})
	return v.visible(page[:min(n, len(page))])
}
