package inventory

import (
	"cmp"
	"slices"
)

// State is what was delivered of each object. It never changes; it shares its objects with the snapshots that it followed.
type State struct {
	tree
	tracking *Tracking
	encoded  [shardCount][]byte // of the shards, nil where there is nothing
	outdated bool               // it was delivered with another tracking
}

// NewState is the state when nothing was delivered.
func NewState(t *Tracking) *State { return &State{tracking: t} }

// Baseline is the state when all of a snapshot is known without having been told: the first time, nothing is new.
func (s *State) Baseline(now *Snapshot) *State {
	next := &State{tree: now.tree, tracking: s.tracking}
	next.encode(nil)
	return next
}

// Len is how many objects it has.
func (s *State) Len() int { return s.len() }

// Compare returns how a snapshot differs from what was delivered, by moref (very many: by shard), and the state to go on from: it differs from
// this one in what needs no telling. Before the inventory was read there is nothing to compare.
func (s *State) Compare(instanceUUID string, now *Snapshot) ([]Delta, *State) {
	if !now.synced {
		return nil, s
	}
	s = s.retracked(now)
	next := *s
	c := comparison{tracking: s.tracking, now: now, uuid: instanceUUID}
	c.before = &Snapshot{tree: s.tree, places: now.places}
	d := draftOf(&s.tree)
	var all []Delta
	for i, old := range s.shards {
		if old == now.shards[i] {
			continue
		}
		for moref := range both(old, now.shards[i]) {
			before, after := old.get(moref), now.shards[i].get(moref)
			if before == after {
				continue
			}
			if delta := c.delta(before, after); len(delta.Changes) > 0 {
				all = append(all, delta)
			} else {
				d.shard(moref)[moref] = after
			}
		}
	}
	next.tree = *d.tree
	order := byMoref
	if len(all) > shardCount {
		order = byShard
	}
	slices.SortFunc(all, order)
	return all, &next
}

// both yields each moref of two shards once.
func both(a, b *shard) func(func(string) bool) {
	return func(yield func(string) bool) {
		for moref := range a.all() {
			if !yield(moref) {
				return
			}
		}
		for moref := range b.all() {
			if a.get(moref) == nil && !yield(moref) {
				return
			}
		}
	}
}

func byMoref(a, b Delta) int { return compareMorefs(a.moref, b.moref) }

// byShard keeps together what is stored together. Of thousands, a batch then changes some shards, and not a bit of all.
func byShard(a, b Delta) int {
	return cmp.Or(cmp.Compare(shardOf(a.moref), shardOf(b.moref)), byMoref(a, b))
}

// compareMorefs puts vm-9 before vm-10.
func compareMorefs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// Precedes reports whether a delta begins where this state is: nothing of its object was delivered since the comparison.
func (s *State) Precedes(d Delta) bool { return s.get(d.moref) == d.before }

// With is the state when deltas were delivered.
func (s *State) With(deltas ...Delta) *State {
	next := *s
	d := draftOf(&s.tree)
	for _, delta := range deltas {
		if delta.now == nil {
			d.remove(delta.moref)
		} else {
			d.shard(delta.moref)[delta.moref] = delta.now
		}
	}
	next.tree = *d.tree
	next.encode(&d.own)
	return &next
}

// retracked is the state as if it had been delivered with the present tracking. What was not tracked then, or is not now, is
// taken over without a word: otherwise an upgrade would tell each property that it brings, of each object.
func (s *State) retracked(now *Snapshot) *State {
	if !s.outdated {
		return s
	}
	d := draftOf(&s.tree)
	for before := range s.all() {
		if after := now.get(before.Moref); after != nil {
			d.shard(before.Moref)[before.Moref] = adopted(before, after)
		}
	}
	next := &State{tree: *d.tree, tracking: s.tracking}
	next.encode(nil)
	return next
}

// adopted is an object with what both versions have of it as it was, and all else as it is.
func adopted(before, after *Object) *Object {
	o := *after
	o.values = slices.Clone(after.values)
	for i, name := range o.names {
		o.values[i] = cmp.Or(before.Get(name), o.values[i])
	}
	return &o
}
