package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// Delta is how one object differs from what was delivered of it, as one or more changes. It is delivered as a whole.
type Delta struct {
	Changes []Change

	moref  string
	before *Object // as it was delivered; nil: it was not
	now    *Object // nil: it is gone
	last   int     // what says something of others is told after them; 0: it says nothing
}

// Last reports whether what is told of others depends on it, so that it is told and entered after them: they were in it, or it names what
// they have.
func (d Delta) Last() bool { return d.last > 0 }

// Moref tells the object.
func (d *Delta) Moref() string { return d.moref }

// comparison is of a state with a snapshot.
type comparison struct {
	tracking *Tracking
	before   *Snapshot // what was delivered, as if it were a snapshot
	now      *Snapshot
	uuid     string
}

// delta is how an object differs; it has no changes where only what is not tracked does.
func (c *comparison) delta(before, now *Object) Delta {
	d := Delta{before: before, now: now}
	switch {
	case before == nil:
		d.moref = now.Moref
		d.Changes = []Change{c.whole(Created, describe(c.now, now))}
	case now == nil:
		d.moref = before.Moref
		e := describe(c.before, before)
		e.Removed = true
		d.last = c.before.shelter(before)
		d.Changes = []Change{c.whole(Removed, e)}
	default:
		d.moref = now.Moref
		if d.moref == c.now.places.attributes {
			d.last = maxDepth + 1 // it names what others have, or had
		}
		if pairs := c.pairs(before, now); len(pairs) > 0 {
			d.Changes = c.changes(pairs, now)
		}
	}
	return d
}

func (c *comparison) whole(t ChangeType, e Entity) Change {
	return Change{Type: t, Entity: e, UID: uid(c.uuid, e.Moref, t.String())}
}

// pair is a property of two versions of an object.
type pair struct {
	name, old, now string
	element        bool   // it is all of a list element, which is new or gone,
	label          string // and which a person calls that
}

// pairs are the tracked properties that differ, by name.
func (c *comparison) pairs(before, now *Object) (all []pair) {
	for i, j := 0, 0; i < len(before.names) || j < len(now.names); {
		var p pair
		switch {
		case j == len(now.names) || i < len(before.names) && before.names[i] < now.names[j]:
			p = pair{name: before.names[i], old: before.values[i]}
			i++
		case i == len(before.names) || now.names[j] < before.names[i]:
			p = pair{name: now.names[j], now: now.values[j]}
			j++
		default:
			p = pair{name: now.names[j], old: before.values[i], now: now.values[j]}
			i, j = i+1, j+1
		}
		if p.old != p.now && c.tracking.Tracks(now.Type, p.name) {
			all = append(all, p)
		}
	}
	return elements(withoutConsequences(all, before, now), before, now)
}

// power is a property that has consequences: devices are disconnected because it is off, and connected because it is on.
const power = "runtime.powerState"

func isConsequence(name string) bool {
	return string(appendShape(nil, name)) == "config.hardware.device.connectable.connected"
}

// follows reports whether a property of a device that stays changes with the power. One that is new is told as a whole, whatever is told
// beside it: or it would be another record when it is told again without that.
func follows(name string, before, now *Object) bool {
	if !isConsequence(name) {
		return false
	}
	device, _ := elementOf(name)
	return before.has(device) && now.has(device)
}

// withoutConsequences leaves out what nobody is told of beside its cause.
func withoutConsequences(pairs []pair, before, now *Object) []pair {
	if !slices.ContainsFunc(pairs, func(p pair) bool { return p.name == power }) {
		return pairs
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return follows(p.name, before, now) })
}

// elements makes one pair of all that is in a list element which is new or gone: a new disk is one piece of news, not ten.
func elements(pairs []pair, before, now *Object) (all []pair) {
	for len(pairs) > 0 {
		element, ok := elementOf(pairs[0].name)
		if !ok || before.has(element) && now.has(element) {
			all, pairs = append(all, pairs[0]), pairs[1:]
			continue
		}
		n := 1
		for n < len(pairs) && within(pairs[n].name, element) {
			n++
		}
		all = append(all, whole(element, pairs[:n]))
		pairs = pairs[n:]
	}
	return all
}

// elementOf is the list element that a property is in: config.hardware.device[2000].capacityInKB is in
// config.hardware.device[2000]. One that is a value of its own is in none.
func elementOf(name string) (element string, ok bool) {
	i := strings.IndexByte(name, ']')
	if i < 0 {
		return "", false
	}
	if lists[string(appendShape(nil, name))].value != "" {
		return "", false
	}
	return name[:i+1], true
}

// whole is a list element as one value.
func whole(element string, parts []pair) pair {
	values := make([]Property, 0, len(parts))
	for _, p := range parts {
		values = append(values, Property{strings.TrimPrefix(p.name[len(element):], "."), cmp.Or(p.now, p.old)})
	}
	p := pair{name: element, element: true, label: labelOf(values)}
	if parts[0].now != "" {
		p.now = jsonOf(values)
	} else {
		p.old = jsonOf(values)
	}
	return p
}

// labelOf is what a person calls a list element: "Hard disk 2", "before the upgrade".
func labelOf(fields []Property) string {
	for _, label := range []string{"deviceInfo.label", "name", "network", ""} {
		for _, f := range fields {
			if f.Name == label {
				return f.Value
			}
		}
	}
	return ""
}

// changes tells pairs of an object.
func (c *comparison) changes(pairs []pair, now *Object) (all []Change) {
	e := describe(c.now, now)
	for _, p := range pairs {
		shape := string(appendShape(nil, p.name))
		property, named := c.readable(shape, p.name)
		all = append(all, Change{
			Type: Changed, Entity: e, Property: property, Old: p.old, New: p.now, Unnamed: !named,
			UID:  uid(c.uuid, now.Moref, p.name, p.old, p.now),
			path: p.name, element: p.element, label: p.label, oldName: c.names(shape, p.old, c.before), newName: c.names(shape, p.now, c.now),
		})
	}
	return all
}

// readable names custom attributes as people do: customValue[Owner]. One that was deleted, with all of its values, has the name that it
// had. Where no name is known, there is the key. The UID keeps the key, for a name can change.
func (c *comparison) readable(shape, name string) (readable string, named bool) {
	key, found := strings.CutPrefix(name, "customValue[")
	if !found || shape != "customValue" {
		return name, true
	}
	key = strings.TrimSuffix(key, "]")
	attribute := cmp.Or(c.now.attributeName(key), c.before.attributeName(key))
	return string(appendKey([]byte("customValue"), cmp.Or(attribute, key))), attribute != ""
}

// names puts names in the place of references, where they are known.
func (c *comparison) names(shape, value string, in *Snapshot) string {
	if !references[shape] || value == "" {
		return value
	}
	members := strings.Split(value, setSeparator)
	for i, moref := range members {
		if name := cmp.Or(c.now.get(moref).Get("name"), in.get(moref).Get("name")); name != "" {
			members[i] = name
		}
	}
	return values(members)
}
