package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// Property is one leaf of an object: its name, and its value as XML has it. No value is empty.
type Property struct {
	Name  string
	Value string
}

func byName(a, b Property) int { return cmp.Compare(a.Name, b.Name) }

// sorted sorts properties by name. Of two with the same name the first counts: a list with the same key twice is strange,
// and no reason to lose the object.
func sorted(properties []Property) []Property {
	slices.SortStableFunc(properties, byName)
	return slices.CompactFunc(properties, func(a, b Property) bool { return a.Name == b.Name })
}

// replaced returns properties with those at a path, and below it, replaced by others, in the same memory.
func replaced(properties []Property, path string, by []Property) []Property {
	properties = slices.DeleteFunc(properties, func(p Property) bool { return within(p.Name, path) })
	return append(properties, by...)
}

// values joins the members of a set.
func values(members []string) string {
	slices.Sort(members)
	return strings.Join(members, setSeparator)
}

const setSeparator = ", "
