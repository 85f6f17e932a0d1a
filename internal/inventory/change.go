package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// ChangeType is what became of an object.
type ChangeType uint8

// The values of a ChangeType.
const (
	Changed ChangeType = iota // a property
	Created                   // the object was not there before
	Removed                   // the object is no longer there
)

func (t ChangeType) String() string { return [...]string{"changed", "created", "removed"}[t] }

// Change is one piece of news: an object that is new or gone, or one property of one that stays.
type Change struct {
	Type     ChangeType
	Entity   Entity // the object, as it is now; one that is gone, as it was
	Property string // "" but where something changed
	Old, New string // values of the property, "" where there is none. That of a list element that is new or gone is JSON
	UID      string // the same whenever the same change is told again
	Unnamed  bool   // it is of a custom attribute of which only the key is known: its values may be secrets

	path             string // of the property, with the key of a custom attribute
	element          bool   // it is all of a list element, which is new or gone,
	label            string // and is called that
	oldName, newName string // the values in words, where a person would not know them
}

// Body says it in words: VirtualMachine web-01: runtime.powerState poweredOff → poweredOn.
func (c *Change) Body() string {
	subject := c.Entity.Type + " " + cmp.Or(c.Entity.Name, c.Entity.Moref)
	switch {
	case c.Type != Changed:
		return subject + " " + c.Type.String()
	case c.label != "" && c.Old == "":
		return fmt.Sprintf("%s: %s added: %s", subject, c.Property, c.label)
	case c.label != "":
		return fmt.Sprintf("%s: %s removed: %s", subject, c.Property, c.label)
	case c.Old == "":
		return fmt.Sprintf("%s: %s set to %s", subject, c.Property, c.newName)
	case c.New == "":
		return fmt.Sprintf("%s: %s removed, was %s", subject, c.Property, c.oldName)
	}
	return fmt.Sprintf("%s: %s %s → %s", subject, c.Property, c.oldName, c.newName)
}

// uid is a hash of what makes a change what it is. Each part is told from the next by its length.
func uid(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
