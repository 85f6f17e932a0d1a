package inventory

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// SelectionRule is a set of conditions, all of which must hold; the entries of one are alternatives. A condition without any holds.
type SelectionRule struct {
	Paths []string // globs over inventory paths: /DC*/vm/prod is everything below the folder, too
	Types []string // of objects
	Tags  []string // globs over category:name
}

// Selection says of which objects is told: of those for which a rule to include holds, or all where there is none, but for those for
// which a rule to exclude holds. A nil one selects all.
type Selection struct{ include, exclude []SelectionRule }

// ConditionError names what cannot be a condition.
type ConditionError struct{ List, Text, Why string }

func (e *ConditionError) Error() string { return fmt.Sprintf("%s: %q %s", e.List, e.Text, e.Why) }

// NewSelection makes a selection; nil where there are no rules.
func NewSelection(include, exclude []SelectionRule) (*Selection, error) {
	if err := errors.Join(check("include", include), check("exclude", exclude)); err != nil {
		return nil, err
	}
	if len(include)+len(exclude) == 0 {
		return nil, nil
	}
	return &Selection{include: include, exclude: exclude}, nil
}

func check(list string, rules []SelectionRule) error {
	for _, rule := range rules {
		if err := rule.check(list); err != nil {
			return err
		}
	}
	return nil
}

func (r *SelectionRule) check(list string) error {
	if len(r.Paths)+len(r.Types)+len(r.Tags) == 0 {
		return &ConditionError{list, "{}", "is a rule without conditions: it needs paths, types or tags"}
	}
	for _, glob := range r.Paths {
		if _, err := path.Match(glob, ""); err != nil || !strings.HasPrefix(glob, "/") || glob == "/" {
			return &ConditionError{list + "::paths", glob, "is no path in the inventory such as /DC1/vm/prod, or a glob over such paths"}
		}
	}
	for _, class := range r.Types {
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == class }) {
			return &ConditionError{list + "::types", class, "is no type of objects in the inventory such as VirtualMachine"}
		}
	}
	for _, glob := range r.Tags {
		if _, err := path.Match(glob, ""); err != nil || glob == "" {
			return &ConditionError{list + "::tags", glob, "is no tag such as environment:prod, or a glob over such tags"}
		}
	}
	return nil
}

// Tagged reports whether some rule asks for tags: before they were read, nothing can be said.
func (s *Selection) Tagged() bool {
	tagged := func(r SelectionRule) bool { return len(r.Tags) > 0 }
	return s != nil && (slices.ContainsFunc(s.include, tagged) || slices.ContainsFunc(s.exclude, tagged))
}

// WordsOf tells the tags of an object as category:name.
type WordsOf func(moref string) []string

// Of is a selection of the objects of a snapshot. It says the same of an object always; nil where all are selected.
func (s *Selection) Of(now *Snapshot, tags WordsOf) func(*Object) bool {
	if s == nil {
		return nil
	}
	return func(o *Object) bool {
		return s.selects(candidate{class: o.Type, path: func() string { return now.path(o) }, tags: func() []string { return tags(o.Moref) }})
	}
}

// Has reports whether an entity is selected. One that is gone is judged by what was known of it in the end.
func (s *Selection) Has(e *Entity, tags WordsOf) bool {
	return s == nil || s.selects(candidate{class: e.Type, path: func() string { return e.Path }, tags: func() []string { return tags(e.Moref) }})
}

// candidate is an object of which a selection looks at no more than it must.
type candidate struct {
	class string
	path  func() string
	tags  func() []string
}

func (s *Selection) selects(c candidate) bool {
	holds := func(r SelectionRule) bool { return r.holds(c) }
	return (len(s.include) == 0 || slices.ContainsFunc(s.include, holds)) && !slices.ContainsFunc(s.exclude, holds)
}

func (r *SelectionRule) holds(c candidate) bool {
	return (len(r.Types) == 0 || slices.Contains(r.Types, c.class)) &&
		(len(r.Paths) == 0 || under(r.Paths, c.path())) &&
		(len(r.Tags) == 0 || slices.ContainsFunc(c.tags(), func(tag string) bool { return wears(r.Tags, tag) }))
}

// under reports whether a path is one of some, or below it. A path that is not known is under none.
func under(globs []string, at string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		glob = strings.TrimSuffix(glob, "/")
		matched, _ := path.Match(glob, upTo(at, strings.Count(glob, "/")))
		return matched
	})
}

// upTo is the beginning of a path, of so many names.
func upTo(at string, names int) string {
	for i := range len(at) {
		if at[i] == '/' {
			if names == 0 {
				return at[:i]
			}
			names--
		}
	}
	return at
}

// wears is path.Match in a world without slashes: a tag may have one.
func wears(globs []string, tag string) bool {
	flat := func(text string) string { return strings.ReplaceAll(text, "/", "\x00") }
	return slices.ContainsFunc(globs, func(glob string) bool {
		matched, _ := path.Match(flat(glob), flat(tag))
		return matched
	})
}
