package event

import (
	"path"
	"slices"
	"strings"
)

// classSpace is what stands before the name of a class where all types of events have names of one kind: in EventName,
// in vCenter's database, and in the IDs of some EventEx ("vim.event.LicenseDowngradedEvent").
const classSpace = "vim.event."

// pattern names types of events: by an ID, or by a glob over IDs.
type pattern struct {
	glob  string   // as in path.Match; empty: names count
	names []string // the forms of one ID
}

// newPattern reads what a user wrote. The error is path.ErrBadPattern.
func newPattern(text string) (pattern, error) {
	if strings.ContainsAny(text, `*?[\`) {
		_, err := path.Match(text, "")
		return pattern{glob: text}, err
	}
	id := strings.TrimPrefix(text, classSpace)
	if isClass(id) || id == text && strings.Contains(id, ".") {
		return pattern{names: []string{id}}, nil
	}
	// A class that is newer than govmomi, or an EventEx with the ID of one.
	return pattern{names: []string{id, classSpace + id}}, nil
}

// match takes the class of an event and its type ID.
func (p pattern) match(class, id string) bool {
	if p.glob != "" {
		return p.matchGlob(class, id)
	}
	return slices.Contains(p.names, id) ||
		slices.ContainsFunc(lineage(class), func(name string) bool { return slices.Contains(p.names, name) })
}

// matchGlob matches an ID with "vim.event." and without: "VmPowered*", "vim.event.Vm*". An ID that is no class's has one
// form, so that "vim.event.*" are not those of vendors.
func (p pattern) matchGlob(class, id string) bool {
	if glob(p.glob, id) {
		return true
	}
	bare, prefixed := strings.CutPrefix(id, classSpace)
	return prefixed && glob(p.glob, bare) || id == class && glob(p.glob, classSpace+id)
}

// glob is path.Match in a world without slashes: there a star stops at one, and the ID of a vendor may have one.
func glob(pattern, id string) bool {
	if strings.Contains(id, "/") || strings.Contains(pattern, "/") {
		pattern, id = strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(id, "/", "\x00")
	}
	matched, _ := path.Match(pattern, id)
	return matched
}

// exact reports whether every vCenter reads the pattern as we do: one ID, of a type that has no subclasses.
func (p pattern) exact() bool {
	return len(p.names) == 1 && !isFamily(p.names[0])
}

func (p pattern) String() string {
	if p.glob != "" {
		return p.glob
	}
	return p.names[0]
}
