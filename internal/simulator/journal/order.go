package journal

import "fmt"

// Order is the order in which collectors return events.
type Order uint8

const (
	// Insertion is the order in which events came into the journal.
	Insertion Order = iota
	// Creation is the order of creation times, and of keys where those are equal.
	Creation
)

// String is the order's name, as ParseOrder reads it.
func (o Order) String() string {
	if o == Creation {
		return "creation"
	}
	return "insertion"
}

// ParseOrder reads the name of an order.
func ParseOrder(name string) (Order, error) {
	for _, o := range []Order{Insertion, Creation} {
		if o.String() == name {
			return o, nil
		}
	}
	return 0, fmt.Errorf("order %q: neither insertion nor creation", name)
}

func (o Order) before(a, b *Entry) bool {
	if o == Creation {
		return a.createdBefore(b)
	}
	return a.seq < b.seq
}
