package vsphere

import "time"

// clock is vCenter's clock, carried on by the monotonic clock of this machine: neither a step of this machine's wall
// clock nor a wrong time zone moves it.
type clock struct {
	vcenter time.Time // what vCenter said
	here    time.Time // when it said so
}

// newClock takes vCenter's answer as given in the middle between request and answer, which is off by half of the time
// that both took, at most.
func newClock(vcenter, asked, answered time.Time) *clock {
	return &clock{vcenter: vcenter.UTC(), here: asked.Add(answered.Sub(asked) / 2)}
}

func (c *clock) now() time.Time { return c.vcenter.Add(time.Since(c.here)) }
