package journal

import (
	"fmt"
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

// String is the name, as ParseHiding reads it.
func (h Hiding) String() string {
	if h == Sticks {
		return "sticks"
	}
	return "passes"
}

// ParseHiding reads the name of a Hiding.
func ParseHiding(name string) (Hiding, error) {
	for _, h := range []Hiding{Passes, Sticks} {
		if h.String() == name {
			return h, nil
		}
	}
	return 0, fmt.Errorf("hiding %q: neither passes nor sticks", name)
}

// Hidden is an event to append that the account may never see: one about an object on which it has no permission.
type Hidden struct{ types.BaseEvent }

// reveal returns the event itself, and whether it is hidden.
func reveal(e types.BaseEvent) (types.BaseEvent, bool) {
	if h, ok := e.(Hidden); ok {
		return h.BaseEvent, true
	}
	return e, false
}

// Hide keeps events from the account that reads, as a vCenter does for one without permission on their objects: after a
// page was cut, so that a page may be short or empty without being the last. A nil hide shows everything but what was
// appended as Hidden.
func (j *Journal) Hide(hide func(types.BaseEvent) bool, then Hiding) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hide, j.hiding = hide, then
}

// SetHiding changes what becomes of a cursor, and not what is hidden.
func (j *Journal) SetHiding(then Hiding) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hiding = then
}

// hides tells whether the account may not see an event.
func (v view) hides(e *Entry) bool { return e.hidden || v.hide != nil && v.hide(e.Event) }

func (v view) visible(page []*Entry) []*Entry {
	if !slices.ContainsFunc(page, v.hides) {
		return page
	}
	return slices.DeleteFunc(slices.Clone(page), v.hides)
}
