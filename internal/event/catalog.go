package event

import (
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// Catalog is EventManager.description.eventInfo: what vCenter says of its event types. It does not change once made, and
// a nil Catalog knows nothing.
type Catalog struct {
	categories map[string]string
}

// NewCatalog makes a catalog of vCenter's rows. All types of EventEx and ExtendedEvent share a key; their rows begin
// fullFormat with the type's ID: "com.vmware.vc.ha.VmRestartedByHAEvent|…".
func NewCatalog(info []types.EventDescriptionEventDetail) *Catalog {
	c := &Catalog{categories: make(map[string]string, len(info))}
	for i := range info {
		c.categories[typeID(&info[i])] = strings.ToLower(info[i].Category)
	}
	return c
}

func typeID(row *types.EventDescriptionEventDetail) string {
	if isEnvelope(row.Key) {
		if id, _, ok := strings.Cut(row.FullFormat, "|"); ok {
			return strings.TrimSpace(id)
		}
	}
	return row.Key
}

// Category returns info, warning, error or user, and "" of a type that vCenter did not describe.
func (c *Catalog) Category(typeID string) string {
	if c == nil {
		return ""
	}
	return c.categories[typeID]
}

// CategoryOf returns the category of an event: the severity that an EventEx says itself, else that of its type.
func (c *Catalog) CategoryOf(e *Event) string {
	if isEnvelope(e.Class) {
		if severity := e.Fields.Text("severity"); severity != "" {
			return strings.ToLower(severity) // as the catalog has it
		}
	}
	return c.Category(e.TypeID())
}
