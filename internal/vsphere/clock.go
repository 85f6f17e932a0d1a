package vsphere

import "time"

// clock is vCenter's clock, carried on by the monotonic clock of this machine: neither a step of this machine's wall
// clock nor a wrong time zone moves it.
type clock struct {
	vcenter time.Time // what vCenter said
	here    time.Time // when the answer was there
}

// newClock takes vCenter's answer as given when it arrived. So the clock is never ahead of vCenter's, and behind it by at
// most what the call took. It must not be ahead: a start "from the end" would leave out what is created in between.
func newClock(vcenter, answered time.Time) *clock {
	return &clock{vcenter: vcenter.UTC(), here: answered}
}

func (c *clock) now() time.Time { return c.vcenter.Add(time.Since(c.here)) }
