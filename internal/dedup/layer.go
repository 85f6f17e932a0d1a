package dedup

import (
	"cmp"
	"math"
	"slices"
)

// layer is runs in ascending order that share no ID.
type layer []run

// find gives the run that holds the ID, or the place where a run of it belongs.
func (l layer) find(id int64) (at int, held bool) {
	at, exact := slices.BinarySearchFunc(l, id, func(r run, id int64) int { return cmp.Compare(r.first, id) })
	if exact {
		return at, true
	}
	if at > 0 && l[at-1].last() >= id {
		return at - 1, true
	}
	return at, false
}

// has reports whether the layer holds the ID at about that time.
func (l layer) has(id int64, offset int32) bool {
	at, held := l.find(id)
	return held && l[at].near(offset)
}

// highest is the highest ID up to a limit; math.MinInt64 where there is none.
func (l layer) highest(limit int64) int64 {
	at, held := l.find(limit)
	switch {
	case held:
		return limit
	case at == 0:
		return math.MinInt64
	}
	return l[at-1].last()
}

// insert puts a run of IDs that the layer does not hold at its place, as part of its neighbours where it joins them.
func (l layer) insert(at int, r run) layer {
	from, to := at, at
	if at > 0 && l[at-1].joins(r) {
		from, r = at-1, l[at-1].joined(r)
	}
	if at < len(l) && r.joins(l[at]) {
		to, r = at+1, r.joined(l[at])
	}
	if from == to {
		return slices.Insert(l, at, r)
	}
	l[from] = r
	return slices.Delete(l, from+1, to)
}
