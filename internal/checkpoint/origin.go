package checkpoint

import "fmt"

// Origin is where an opened position comes from.
type Origin uint8

const (
	Cold    Origin = iota + 1 // there was no record
	Resumed                   // the record was read
	Damaged                   // there was a record that does not decode: kept aside, started cold
)

func (o Origin) String() string {
	switch o {
	case Cold:
		return "cold"
	case Resumed:
		return "resumed"
	case Damaged:
		return "damaged"
	}
	return fmt.Sprintf("origin %d", uint8(o))
}
