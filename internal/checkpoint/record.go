package checkpoint

// Record is a position as it is stored: a head, and parts that are written only when they changed.
type Record struct {
	Version byte // the codec's own; a codec reads all its versions for ever
	Head    []byte
	Parts   map[string][]byte
}

// Codec turns positions into records and back. Decode is given records of every version that Encode ever made.
type Codec[P any] struct {
	Encode func(P) (Record, error)
	Decode func(Record) (P, error)
}
