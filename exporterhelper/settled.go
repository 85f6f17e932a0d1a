package exporterhelper

// Settled is the proof that a batch needs no more sending. Its zero value proves nothing. Only Send makes one.
type Settled[P any] struct {
	position P
	valid    bool
}

// Valid reports whether this is a proof.
func (s Settled[P]) Valid() bool { return s.valid }

// Position is where the stream stands now that the batch is settled.
func (s Settled[P]) Position() P { return s.position }
