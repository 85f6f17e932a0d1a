package event_test

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
)

// This machine's clock was wrong when it was held against vCenter's, and was set before the position was stored: the next process
// compares with the clock as it is then.
func TestAReadingOutlivesThatThisMachinesClockIsSet(t *testing.T) {
	tests := map[string]struct {
		set   time.Duration // this machine's clock, while the process ran
		back  time.Duration // vCenter's clock, while none did
		begin time.Time     // zero: the position is not set back
	}{
		"not set":                      {},
		"ahead":                        {set: time.Hour},
		"back":                         {set: -time.Hour},
		"back, and vCenter's as well":  {set: -time.Hour, back: time.Hour, begin: after(-3600 - 5)},
		"ahead, and vCenter's is back": {set: time.Hour, back: time.Hour, begin: after(-3600 - 5)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			const overlap = 10 * time.Minute
			here := time.Now()
			p := event.Cold("uuid", time.Time{}, noon)
			p.Clock = event.Reading{VCenter: noon, Here: here}
			p = p.Advance(after(60)).Saved(after(60), setBy(t, here.Add(time.Minute), test.set))
			head, parts, err := p.Encode()
			require.NoError(t, err)
			stored, err := event.DecodePosition(event.PositionVersion, head, parts)
			require.NoError(t, err)
			got, back := stored.Heed(event.Reading{
				VCenter: after(7200).Add(-test.back),
				Here:    here.Round(0).Add(2*time.Hour + test.set),
			}, overlap)
			assert.Equal(t, !test.begin.IsZero(), back)
			if back {
				assert.Equal(t, test.begin, got.Begin(overlap))
			}
		})
	}
}

// setBy is a time as a clock tells it that was set meanwhile: unlike time.Time.Add, that leaves the monotonic clock as it is.
func setBy(t *testing.T, at time.Time, by time.Duration) time.Time {
	t.Helper()
	set := at.Add(by)
	monotonic := reflect.ValueOf(&set).Elem().FieldByName("ext")
	*(*int64)(unsafe.Pointer(monotonic.UnsafeAddr())) -= int64(by)
	require.Zero(t, set.Sub(at), "by the monotonic clock")
	require.Equal(t, by, set.Round(0).Sub(at.Round(0)), "by the wall clock")
	return set
}
