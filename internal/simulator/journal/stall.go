package journal

// stall is which cursors find nothing, though there is something: vCenters have been seen to go silent so, without a fault,
// after their keys overflowed. The latest page is not touched.
type stall struct {
	all  bool   // of them
	upTo uint64 // those with a serial up to this one
}

// SetStalled stalls every cursor, also those to come, or lets all go on that were not stalled by StallCursors.
func (j *Journal) SetStalled(on bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stall.all = on
}

// StallCursors stalls the cursors that there are, for ever. Those to come are well.
func (j *Journal) StallCursors() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stall.upTo = j.cursors.Load()
}

func (v view) stalls(c *Cursor) bool { return v.stall.all || c.serial <= v.stall.upTo }
