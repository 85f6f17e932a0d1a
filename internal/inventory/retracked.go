package inventory

import "slices"

// Retracked is the state as if it had been delivered with the present tracking: what was stored may have been delivered with another one,
// and must not be compared before. Where it was not, it is this state itself.
func (s *State) Retracked(now *Snapshot) *State {
	if s.former == nil {
		return s
	}
	d, names := draftOf(&s.tree), newLayouts()
	for before := range s.all() {
		if after := now.get(before.Moref); after != nil {
			d.shard(before.Moref)[before.Moref] = newObject(after.Type, after.Moref, s.former.adopted(before, after), names)
		}
	}
	next := &State{tree: *d.tree, tracking: s.tracking, untold: s.untold}
	next.encode(nil)
	return next
}

// adopted are the properties of an object that was delivered with this tracking, and of which more is tracked now: all that is as it was,
// and what was not tracked as it is, which is no news. An upgrade would otherwise tell each property that it brings, of each object; and
// for what another version did not read, or read in other words, it takes all that only one of both has.
func (t *Tracking) adopted(before, after *Object) (all []Property) {
	same := t.version == trackingVersion
	for _, p := range before.properties() {
		if same || after.Get(p.Name) != "" {
			all = append(all, p)
		}
	}
	for _, p := range after.properties() {
		if before.Get(p.Name) == "" && (!same || t.overlooked(p.Name, before, after)) {
			all = append(all, p)
		}
	}
	return all
}

// overlooked reports whether a property is one that was not tracked. Where it is in a list element of which something was, and nothing was
// there, all of the element is new.
func (t *Tracking) overlooked(name string, before, after *Object) bool {
	if t.Tracks(after.Type, name) {
		return false
	}
	element, ok := elementOf(name)
	return !ok || before.has(element) || !slices.ContainsFunc(after.inElement(element), func(other string) bool { return t.Tracks(after.Type, other) })
}

// inElement are the names of what is in a list element, which stand together: a machine with hundreds of devices is not looked through for
// each property of each.
func (o *Object) inElement(element string) []string {
	from, _ := slices.BinarySearch(o.names, element)
	to := from
	for to < len(o.names) && within(o.names[to], element) {
		to++
	}
	return o.names[from:to]
}
