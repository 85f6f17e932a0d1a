package exporterhelper

// Returned is the error of a batch that is given back unsettled: no witness can come any more for what is left of it, but may
// when it is sent again, with what follows it.
type Returned struct {
	Err     error    // of Request.Follow
	Taken   []string // the records that the consumer has taken already, as Settings.Identify knows them
	Letters []Letter // the records that were given up; they have to go with the next request, or they are lost
}

func (r *Returned) Error() string { return "no witness can come: " + r.Err.Error() }

func (r *Returned) Unwrap() error { return r.Err }
