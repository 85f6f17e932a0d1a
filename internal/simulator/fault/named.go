package fault

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// named are the faults that a script can ask for by name, with a number and a time where those mean something.
var named = map[string]func(n int, pause time.Duration) Fault{
	"cut":              func(n int, _ time.Duration) Fault { return Cut(n) },
	"cut-chunked":      func(n int, _ time.Duration) Fault { return CutChunked(n) },
	"hold-request":     func(_ int, pause time.Duration) Fault { return HoldRequest(After(pause)) },
	"hold":             func(_ int, pause time.Duration) Fault { return Hold(After(pause)) },
	"hold-at":          func(n int, pause time.Duration) Fault { return HoldAt(n, After(pause)) },
	"drip":             func(n int, pause time.Duration) Fault { return Drip(n, After(pause)) },
	"reset-before":     func(int, time.Duration) Fault { return ResetBefore() },
	"reset-after":      func(int, time.Duration) Fault { return ResetAfter() },
	"lose":             func(int, time.Duration) Fault { return Lose() },
	"black-hole":       func(int, time.Duration) Fault { return BlackHole() },
	"black-hole-after": func(int, time.Duration) Fault { return BlackHoleAfter() },
	"duplicate":        func(int, time.Duration) Fault { return Duplicate() },
	"status":           func(n int, _ time.Duration) Fault { return Status(n, "no healthy upstream") },
	"html":             func(int, time.Duration) Fault { return HTML() },
	"empty":            func(int, time.Duration) Fault { return Empty() },
}

// Names are the faults that Named knows, sorted.
func Names() []string { return slices.Sorted(maps.Keys(named)) }

// Named is a fault by its name. Of the others, n is the number of bytes (cut, cut-chunked, hold-at, drip) or the HTTP
// status (status), and pause how long an answer is held (hold, hold-at, hold-request; zero: until the client gives up) or
// the time between two pieces (drip).
func Named(name string, n int, pause time.Duration) (Fault, error) {
	makes, ok := named[name]
	switch {
	case !ok:
		return Fault{}, fmt.Errorf("fault %q: not one of %s", name, strings.Join(Names(), ", "))
	case name == "status" && (n < 200 || n > 599):
		return Fault{}, fmt.Errorf("fault status: %d is not the status of an answer", n)
	case name == "drip" && pause <= 0:
		return Fault{}, fmt.Errorf("fault drip: it needs a time between two pieces")
	}
	return makes(n, pause), nil
}
