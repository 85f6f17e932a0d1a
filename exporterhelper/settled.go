package exporterhelper

import "slices"

// Settled is the proof that a batch needs no more sending: each of its records was accepted, or is in a dead letter. Its zero
// value proves nothing. Only Send makes one.
type Settled[P any] struct {
	position P
	letters  []Letter
	accepted int
	valid    bool
}

// Valid reports whether this is a proof.
func (s Settled[P]) Valid() bool { return s.valid }

// Position is where the stream stands now that the batch is settled.
func (s Settled[P]) Position() P { return s.position }

// Accepted is how many records the consumer took.
func (s Settled[P]) Accepted() int { return s.accepted }

// Letters are the records that the consumer refused for good. They have to be stored with the position, or they are lost.
func (s Settled[P]) Letters() []Letter { return slices.Clone(s.letters) }
