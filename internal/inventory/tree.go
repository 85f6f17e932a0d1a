package inventory

import (
	"iter"
	"maps"

	"github.com/cespare/xxhash/v2"
)

// shardCount is into how many parts the objects are cut, in memory and in storage. With 10,000 objects one has 40: to
// change an object costs the copy of a map with 40 pointers, and 40 KiB of storage.
const shardCount = 256

// shard is a part of the objects, by moref. It never changes. A nil one is empty.
type shard struct{ objects map[string]*Object }

func (s *shard) get(moref string) *Object {
	if s == nil {
		return nil
	}
	return s.objects[moref]
}

func (s *shard) all() map[string]*Object {
	if s == nil {
		return nil
	}
	return s.objects
}

// tree is all objects, in shards. A copy of it is a new version that shares what it does not change.
type tree struct{ shards [shardCount]*shard }

func shardOf(moref string) int { return int(xxhash.Sum64String(moref) % shardCount) }

func (t *tree) get(moref string) *Object { return t.shards[shardOf(moref)].get(moref) }

func (t *tree) all() iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for _, s := range t.shards {
			for _, o := range s.all() {
				if !yield(o) {
					return
				}
			}
		}
	}
}

func (t *tree) len() (n int) {
	for _, s := range t.shards {
		n += len(s.all())
	}
	return n
}

// draft is a tree that is being changed: each shard is copied before its first change.
type draft struct {
	*tree
	own     [shardCount]bool
	changed bool
}

func draftOf(t *tree) *draft {
	copied := *t
	return &draft{tree: &copied}
}

// shard is the one of an object, and ours to change.
func (d *draft) shard(moref string) map[string]*Object {
	i := shardOf(moref)
	if !d.own[i] {
		d.own[i], d.changed = true, true
		objects := maps.Clone(d.shards[i].all())
		if objects == nil {
			objects = map[string]*Object{}
		}
		d.shards[i] = &shard{objects}
	}
	return d.shards[i].objects
}

// put sets an object. One that is equal stays what it is, so that pointers tell what has changed.
func (d *draft) put(o *Object) {
	if !o.equal(d.get(o.Moref)) {
		d.shard(o.Moref)[o.Moref] = o
	}
}

func (d *draft) remove(moref string) { delete(d.shard(moref), moref) }
