package dedup

import "time"

// maxLayers is how often an ID can be new in one minute: each time more than the tolerance from all times before.
const maxLayers = minuteMillis / tolerance

// chunk is the keys of one minute of creation time.
type chunk struct {
	minute  int64 // since 1970
	keys    int64
	layers  []layer
	encoded []byte // nil once a key is marked; never written to, because it was handed out
}

// end is right after the newest key of the chunk. It is not the end of the minute, which may lie in the future.
func (c *chunk) end() time.Time {
	var newest uint16
	for _, l := range c.layers {
		for _, r := range l {
			newest = max(newest, r.newest)
		}
	}
	return time.UnixMilli(c.minute*minuteMillis + int64(newest) + 1).UTC()
}

// has reports whether the chunk holds the ID at about that time.
func (c *chunk) has(id int64, offset int32) bool {
	for _, l := range c.layers {
		if l.has(id, offset) {
			return true
		}
	}
	return false
}

// mark adds a key and reports whether it was a new one. A key that is held is left alone: if it widened its run, a time that
// is told differently again and again would move the range on, a second each time.
func (c *chunk) mark(id int64, offset int32) bool {
	if c.has(id, offset) {
		return false
	}
	r := run{first: id, count: 1, oldest: uint16(offset), newest: uint16(offset)}
	c.put(r)
	c.keys++
	c.encoded = nil
	return true
}

// put adds a run of one ID to the first layer that has room for it.
func (c *chunk) put(r run) {
	for i, l := range c.layers {
		if at, held := l.find(r.first); !held {
			c.layers[i] = l.insert(at, r)
			return
		}
	}
	c.layers = append(c.layers, layer{r})
}
