package journal

import (
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// Hiding is what becomes of a cursor when a whole page was hidden from its account.
type Hiding uint8

const (
	// Passes lets the cursor go on behind the page that was hidden.
	Passes Hiding = iota
	// Sticks leaves it before the page: every read finds the same, and nothing, for ever.
	Sticks
)

// Hide keeps events from the account that reads, as a vCenter does for one without permission on their objects: after a
// page was cut, so that a page may be short or empty without being the last. A nil hide shows everything.
func (j *Journal) Hide(hide func(types.BaseEvent) bool, then Hiding) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hide, j.hiding = hide, then
}

func visible(page []*Entry, hide func(types.BaseEvent) bool) []*Entry {
	if hide == nil {
		return page
	}
	return slices.DeleteFunc(slices.Clone(page), func(e *Entry) bool { return hide(e.Event) })
}
