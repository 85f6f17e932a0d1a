package inventory

import (
	"cmp"
	"slices"
	"time"
)

// State is what was delivered of each object. It never changes; it shares its objects with the snapshots that it followed.
type State struct {
	tree
	tracking *Tracking
	former   *Tracking          // that it was delivered with; nil: the present one
	encoded  [shardCount][]byte // of the shards, nil where there is nothing
	untold   *Summary           // of a baseline that nobody was told of yet; mostly nil
}

// Summary is what is told of an inventory that was read for the first time.
type Summary struct {
	Read   time.Time      `json:"read"`   // by vCenter's clock
	Counts map[string]int `json:"counts"` // of objects, by type
}

// NewState is the state when nothing was delivered.
func NewState(t *Tracking) *State { return &State{tracking: t} }

// Baseline is the state when all of a snapshot is known: the first time, nothing is new. That there is so much is to be told.
func (s *State) Baseline(now *Snapshot) *State {
	next := &State{tree: now.tree, tracking: s.tracking, untold: &Summary{now.at.UTC(), now.Counts()}}
	next.encode(nil)
	return next
}

// Untold is what is to be told of the baseline, nil once it was.
func (s *State) Untold() *Summary { return s.untold }

// Told is the state when that was told.
func (s *State) Told() *State {
	next := *s
	next.untold = nil
	return &next
}

// Len is how many objects it has.
func (s *State) Len() int { return s.len() }

// Compare returns how a snapshot differs from what was delivered, by moref (very many: by shard), and the state to go on from: it differs from
// this one in what needs no telling. Before the inventory was read there is nothing to compare.
func (s *State) Compare(instanceUUID string, now *Snapshot) ([]Delta, *State) {
	if !now.synced {
		return nil, s
	}
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
	slices.SortFunc(all, func(a, b Delta) int { return cmp.Or(cmp.Compare(a.last, b.last), order(a, b)) })
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
