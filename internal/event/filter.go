package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/vmware/govmomi/vim25/types"
)

// FilterSettings say which events are wanted. Lists are alternatives, fields must all hold, and what is excluded is
// not wanted whatever else holds.
type FilterSettings struct {
	Types        []string
	ExcludeTypes []string
	Categories   []string
	Users        []string
	ExcludeUsers []string
	Entities     []string
	Exclude      []Rule
}

// Filter tells wanted events from others. It does not change once made, and a nil Filter wants every event.
//
// What it wants does not depend on who applies it: Narrow is a part of it that vCenter applies beforehand, and never
// more than that. Only the entity is left to vCenter altogether, which knows what lies below it.
type Filter struct {
	want        rule
	exclude     []rule
	entity      Entity
	fingerprint string
}

// NewFilter compiles settings; it is nil where they want every event. What is wrong with them is said with the name of
// the key.
func NewFilter(s FilterSettings) (*Filter, error) {
	c := &compiler{}
	f := &Filter{want: c.rule("", Rule{Types: s.Types, Categories: s.Categories, Users: s.Users})}
	if len(s.ExcludeTypes) > 0 {
		f.exclude = append(f.exclude, rule{types: c.patterns("exclude_types", s.ExcludeTypes)})
	}
	if len(s.ExcludeUsers) > 0 {
		f.exclude = append(f.exclude, rule{users: c.users("exclude_users", s.ExcludeUsers)})
	}
	for i, r := range s.Exclude {
		f.exclude = append(f.exclude, c.exclusion("exclude["+strconv.Itoa(i)+"]", r))
	}
	f.entity = c.entity("entities", s.Entities)
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	if f.want.isZero() && len(f.exclude) == 0 && f.entity.isZero() {
		return nil, nil
	}
	f.fingerprint = f.print()
	return f, nil
}

// Match reports whether an event is wanted, but for its entity.
func (f *Filter) Match(e *Event, c *Catalog) bool {
	if f == nil {
		return true
	}
	return f.want.match(e, c) && !slices.ContainsFunc(f.exclude, func(r rule) bool { return r.match(e, c) })
}

// Narrow is what vCenter may leave out beforehand: never an event that Match wants.
//
// Only types can be told to vCenter, and only where all of them are IDs that it cannot read in another way. Whether the
// ID of a class stands for its subclasses too is not documented, so a class that has some is matched here. So is
// a category: that of an EventEx is its severity, and whether one without is of the catalog's category or an info is not
// documented. And so is a user: the case of a name counts as the collation of vCenter's database has it.
func (f *Filter) Narrow() types.EventFilterSpec {
	var spec types.EventFilterSpec
	if f == nil || slices.ContainsFunc(f.want.types, func(p pattern) bool { return !p.exact() }) {
		return spec
	}
	for _, p := range f.want.types {
		spec.EventTypeId = append(spec.EventTypeId, p.names...)
	}
	return spec
}

// Narrows reports whether vCenter leaves out events beforehand.
func (f *Filter) Narrows() bool {
	return f != nil && (!f.entity.isZero() || len(f.Narrow().EventTypeId) > 0)
}

// Fingerprint is the same for settings that mean the same, and another for others; empty where every event is wanted.
func (f *Filter) Fingerprint() string {
	if f == nil {
		return ""
	}
	return f.fingerprint
}

// print does not depend on the order of a list, nor on what is in it twice. What it is made of must not change, or every
// record would tell of a filter that has changed.
func (f *Filter) print() string {
	exclude := make([]string, len(f.exclude))
	for i := range f.exclude {
		exclude[i] = f.exclude[i].print()
	}
	all, _ := json.Marshal([]any{f.want.print(), distinct(exclude), f.entity.String()}) // strings cannot fail
	return fmt.Sprintf("%016x", xxhash.Sum64(all))
}

func distinct(list []string) []string {
	list = slices.Sorted(slices.Values(list))
	return slices.Compact(list)
}
