package journal

import (
	"slices"
	"time"
)

// SetRetention lets events vanish once they are older than maxAge by the vCenter's clock, as a vCenter's event.maxAge
// does: from now on, and by themselves. Zero keeps everything.
func (j *Journal) SetRetention(maxAge time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.retention = maxAge
}

// expire drops what is too old. Nobody can see an event between its end and the next look, so it is done at each look.
func (j *Journal) expire() {
	now := j.settings.Now()
	j.mu.RLock()
	begin := now.Add(-j.retention)
	due := j.retention > 0 && len(j.created) > 0 && j.created[0].created.Before(begin)
	j.mu.RUnlock()
	if due {
		j.PruneCreatedBefore(begin)
	}
}

// Prune drops the events that drop says yes to, and returns their number.
func (j *Journal) Prune(drop func(*Entry) bool) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := len(j.inserted)
	j.remember(j.inserted, drop)
	j.inserted = without(j.inserted, drop)
	j.created = without(j.created, drop)
	return before - len(j.inserted)
}

// PruneCreatedBefore drops what is older than a time.
func (j *Journal) PruneCreatedBefore(t time.Time) int {
	return j.Prune(func(e *Entry) bool { return e.created.Before(t) })
}

// PruneKeysBefore drops the events with a key lower than key.
func (j *Journal) PruneKeysBefore(key int32) int {
	return j.Prune(func(e *Entry) bool { return e.key < key })
}

// PruneOldest drops the n events that were inserted first.
func (j *Journal) PruneOldest(n int) int {
	j.mu.RLock()
	var last uint64
	if n = min(n, len(j.inserted)); n > 0 {
		last = j.inserted[n-1].seq
	}
	j.mu.RUnlock()
	return j.Prune(func(e *Entry) bool { return e.seq <= last })
}

// without copies, for readers may still hold the slice.
func without(entries []*Entry, drop func(*Entry) bool) []*Entry {
	return slices.DeleteFunc(slices.Clone(entries), drop)
}
