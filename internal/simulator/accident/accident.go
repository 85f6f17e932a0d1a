package accident

import (
	"fmt"
	"strings"
	"time"
)

// Accident is a kind of accident with its parameters. What a parameter means depends on the kind: see Kinds.
type Accident struct {
	Kind   string   `json:"kind"`
	After  Duration `json:"after,omitzero"`   // the pause before it
	For    Duration `json:"for,omitzero"`     // how long it lasts, where it does
	N      int      `json:"n,omitempty"`      // how many, or at which byte
	By     Duration `json:"by,omitzero"`      // how late, how far, how slow
	Method string   `json:"method,omitempty"` // the calls that it hits; "" for all
}

// String tells the accident in one line.
func (a Accident) String() string {
	var b strings.Builder
	b.WriteString(a.Kind)
	if a.For != 0 {
		b.WriteString(" for " + a.For.String())
	}
	if a.By != 0 {
		b.WriteString(" by " + a.By.String())
	}
	if a.N != 0 {
		fmt.Fprintf(&b, " n %d", a.N)
	}
	if a.Method != "" {
		b.WriteString(" of " + a.Method)
	}
	return b.String()
}

// Played is an accident that was played.
type Played struct {
	Number int `json:"number"` // in the order of playing, from 1
	Accident
	At    time.Time `json:"at"`
	Took  Duration  `json:"took"`
	Error string    `json:"error,omitempty"` // why it could not be played, or mended
}
