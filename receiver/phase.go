package receiver

// phase is what a stream is doing.
type phase int32

const (
	connecting phase = iota // to a session
	resuming                // finding its position, and making a collector there
	catchingUp              // reading whole pages
	tailing                 // at the end of the history, waiting for more
	held                    // nothing more is delivered: a batch is refused, or its position cannot be stored
	backingOff              // waiting for the next attempt
)

var phases = [...]string{
	connecting: "connecting",
	resuming:   "resuming",
	catchingUp: "catching_up",
	tailing:    "tailing",
	held:       "held",
	backingOff: "backing_off",
}

func (p phase) String() string { return phases[p] }

// phaseAfter is the phase that a page shows: one that may be the last is the tail.
func phaseAfter(short bool) phase {
	if short {
		return tailing
	}
	return catchingUp
}
