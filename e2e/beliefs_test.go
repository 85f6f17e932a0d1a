package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// beliefs are what a collector may hold to be delivered of virtual machines, by moref and property: mostly one value, and both of a
// step of which it has not heard, or not stored, that it was accepted. Whether one is there is the property without a name.
type beliefs map[string]map[string][]string

const (
	isThere = "there"
	isGone  = "gone"
)

func newBeliefs(w world) beliefs {
	b := beliefs{}
	for moref, properties := range w {
		b[moref] = map[string][]string{"": {isThere}}
		for name, value := range properties {
			b[moref][name] = []string{value}
		}
	}
	return b
}

// take is the step of one change. Where it is settled, the collector knows of it, and nothing before it is told again.
func (b beliefs) take(c change, settled bool) error {
	if c.class != "VirtualMachine" {
		return nil
	}
	if b[c.moref] == nil {
		b[c.moref] = map[string][]string{"": {isGone}}
	}
	property, old, new := c.property, c.old, c.new
	switch c.kind {
	case "created":
		property, old, new = "", isGone, isThere
	case "removed":
		property, old, new = "", isThere, isGone
	default:
		if !slices.Contains(b[c.moref][""], isThere) {
			return fmt.Errorf("%v, and it is not there", c)
		}
	}
	if old == new {
		return fmt.Errorf("%v, and that is none", c)
	}
	values, known := b[c.moref][property]
	if known && !slices.Contains(values, old) {
		return fmt.Errorf("%v, and it was %q", c, values)
	}
	switch {
	case settled:
		b[c.moref][property] = []string{new}
	case known:
		b[c.moref][property] = append(values, new)
	default:
		b[c.moref][property] = []string{old, new}
	}
	return nil
}

// allow holds that the virtual machines may be as they are: nothing is missing.
func (b beliefs) allow(w world) error {
	for moref, properties := range b {
		if is := w[moref]; is == nil {
			if !slices.Contains(properties[""], isGone) {
				return fmt.Errorf("that %s is gone is not told", moref)
			}
			continue
		}
		for name, values := range properties {
			if is, known := w[moref][name]; known && !slices.Contains(values, is) {
				return fmt.Errorf("%s: %s is %q, and told to be %q", moref, name, is, values)
			}
		}
	}
	for moref := range w {
		if !slices.Contains(b[moref][""], isThere) {
			return fmt.Errorf("that %s is there is not told", moref)
		}
	}
	return nil
}

// stepByStep holds that the changes of a run lead from one world to another, and that none is told twice but those of which the
// collector cannot know that they were taken: what it was killed at, and what it heard no answer to.
func stepByStep(r run, unsettled map[int]bool, from, to world) error {
	b := newBeliefs(from)
	for i, d := range r {
		if !d.accepted() {
			continue
		}
		for _, rec := range d.records {
			if rec.change == nil || rec.change.kind == "synced" {
				continue
			}
			if err := b.take(*rec.change, !unsettled[i]); err != nil {
				return fmt.Errorf("request %d of life %d: %w", i, d.life, err)
			}
		}
	}
	return b.allow(to)
}

func TestWhatChangesLeadTo(t *testing.T) {
	from := world{"vm-1": {"name": "a"}, "vm-2": {"name": "b"}}
	changes := func(list ...change) []change {
		for i := range list {
			list[i].class = "VirtualMachine"
		}
		return list
	}
	renamed := func(old, new string) change {
		return change{kind: "changed", moref: "vm-1", property: "name", old: old, new: new}
	}
	removed, created := change{kind: "removed", moref: "vm-2"}, change{kind: "created", moref: "vm-3"}
	for name, c := range map[string]struct {
		to      world
		changes []change
		want    string
	}{
		"nothing":          {from, nil, ""},
		"each":             {world{"vm-1": {"name": "c"}, "vm-3": {"name": "d"}}, changes(renamed("a", "b"), renamed("b", "c"), removed, created), ""},
		"one is missing":   {world{"vm-1": {"name": "c"}, "vm-2": {"name": "b"}}, nil, `vm-1: name is "c", and told to be ["a"]`},
		"a step is":        {world{"vm-1": {"name": "c"}, "vm-2": {"name": "b"}}, changes(renamed("b", "c")), `and it was ["a"]`},
		"one comes twice":  {world{"vm-1": {"name": "c"}, "vm-2": {"name": "b"}}, changes(renamed("a", "c"), renamed("a", "c")), `and it was ["c"]`},
		"no removal":       {world{"vm-1": {"name": "a"}}, nil, "that vm-2 is gone is not told"},
		"a removal twice":  {world{"vm-1": {"name": "a"}}, changes(removed, removed), `and it was ["gone"]`},
		"no creation":      {world{"vm-1": {"name": "a"}, "vm-3": {}}, changes(removed, change{kind: "created", moref: "vm-4"}), "is not told"},
		"a creation twice": {world{"vm-1": {}, "vm-2": {}, "vm-3": {}}, changes(created, created), `and it was ["there"]`},
		"no change":        {from, changes(renamed("a", "a")), "that is none"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := from.leadsTo(c.to, c.changes); c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}

// What the collector cannot know to be delivered may come again, or go on from before it. What it knows may not.
func TestWhatMayBeToldAgain(t *testing.T) {
	renamed := func(old, new string) change {
		return change{kind: "changed", class: "VirtualMachine", moref: "vm-1", property: "name", old: old, new: new}
	}
	from, to := world{"vm-1": {"name": "a"}}, world{"vm-1": {"name": "c"}}
	for name, c := range map[string]struct {
		unsettled map[int]bool
		second    []change
		want      string
	}{
		"the rest":                    {map[int]bool{0: true}, []change{renamed("b", "c")}, ""},
		"again":                       {map[int]bool{0: true}, []change{renamed("a", "b"), renamed("b", "c")}, ""},
		"in one step":                 {map[int]bool{0: true}, []change{renamed("a", "c")}, ""},
		"again and again":             {map[int]bool{0: true}, []change{renamed("a", "b"), renamed("a", "b")}, `and it was ["b"]`},
		"not to the end":              {map[int]bool{0: true}, []change{renamed("a", "b")}, `is "c"`},
		"the rest of what is settled": {nil, []change{renamed("b", "c")}, ""},
		"what is settled again":       {nil, []change{renamed("a", "b"), renamed("b", "c")}, `and it was ["b"]`},
	} {
		t.Run(name, func(t *testing.T) {
			first := renamed("a", "b")
			r := run{{status: 200, records: []record{{change: &first}}}, {status: 200}}
			for _, again := range c.second {
				r[1].records = append(r[1].records, record{change: &again})
			}
			if err := stepByStep(r, c.unsettled, from, to); c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}
