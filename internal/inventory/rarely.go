package inventory

import (
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// rarely is something that is read so rarely that it is repeated in between. The zero value of last is the beginning.
type rarely[T any] struct {
	interval time.Duration
	last     time.Time
	known    T
}

// get is what is known, read anew where that is due. What vCenter refuses it refuses the next time, too: that is no reason to
// ask each time. What failed on its way is tried by the next poll, and so is what was asked of a view that is gone: that has its own.
func (r *rarely[T]) get(read func() (T, error)) (T, error) {
	if !r.last.IsZero() && time.Since(r.last) < r.interval {
		return r.known, nil
	}
	known, err := read()
	if err == nil {
		r.known = known
	}
	if err == nil || vsphere.IsFault(err) && !vsphere.IsNotAuthenticated(err) && !vsphere.IsGone(err) {
		r.last = time.Now()
	}
	return r.known, err
}
