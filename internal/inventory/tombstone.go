package inventory

import (
	"cmp"
	"maps"
	"slices"
)

// maxTombstones bounds what is remembered of objects that are gone: about 2 MiB.
const maxTombstones = 4096

// graveyard remembers objects that are gone, as they were. It never changes.
type graveyard struct {
	entities map[string]Entity
	order    []string // morefs, the oldest first
}

// after is the graveyard of the snapshot that follows one. An object that came back has no grave. Objects that are there
// no longer are looked for where shards differ.
func (g *graveyard) after(before *Snapshot, now *tree) *graveyard {
	gone, back := g.moves(before, now)
	if len(gone) == 0 && !back {
		return g
	}
	next := &graveyard{entities: maps.Clone(g.entities), order: slices.Clone(g.order)}
	if next.entities == nil {
		next.entities = map[string]Entity{}
	}
	next.order = slices.DeleteFunc(next.order, func(moref string) bool { return now.get(moref) != nil })
	for _, o := range gone {
		e := describe(before, o)
		e.Removed = true
		next.entities[o.Moref] = e
		next.order = append(next.order, o.Moref)
	}
	next.order = slices.Clone(next.order[max(len(next.order)-maxTombstones, 0):])
	buried := setOf(next.order...)
	maps.DeleteFunc(next.entities, func(moref string, _ Entity) bool { return !buried[moref] })
	return next
}

// moves says what is gone, and whether something is back.
func (g *graveyard) moves(before *Snapshot, now *tree) (gone []*Object, back bool) {
	for i, old := range before.shards {
		next := now.shards[i]
		if old == next {
			continue
		}
		for moref, o := range old.all() {
			if _, buried := g.entities[moref]; !buried && next.get(moref) == nil {
				gone = append(gone, o)
			}
		}
		for moref := range next.all() {
			_, buried := g.entities[moref]
			back = back || buried
		}
	}
	slices.SortFunc(gone, func(a, b *Object) int { return cmp.Compare(a.Moref, b.Moref) })
	return gone, back
}
