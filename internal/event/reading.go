package event

import "time"

// Reading is what vCenter's clock said at a time by this machine's. Two of them tell whether vCenter's clock was set back in
// between, also where it has caught up since.
type Reading struct {
	VCenter time.Time `json:"vcenter"`
	Here    time.Time `json:"here"`
}

// Carried is the reading with its time by this machine's clock as that is set now: the clock may have been set since, and what is
// stored is compared with it by the next process.
func (r Reading) Carried(now time.Time) Reading {
	if !r.Here.IsZero() {
		r.Here = now.Add(-now.Sub(r.Here))
	}
	return r
}

// SetBack reports whether vCenter's clock was set back between this reading and a later one, and the time from which its new
// stamps can be on: what the later clock would have said at the first reading. Where this machine's clock was set ahead meanwhile,
// while no process ran, it looks the same: then something is read again.
func (r Reading) SetBack(later Reading) (from time.Time, back bool) {
	if r.VCenter.IsZero() {
		return time.Time{}, false // an older version has stored none
	}
	from = later.VCenter.Add(-later.Here.Sub(r.Here) - clockTolerance)
	return from, from.Before(r.VCenter.Add(-2 * clockTolerance))
}

func (r Reading) utc() Reading { return Reading{r.VCenter.UTC(), r.Here.UTC()} }
