package translate

import (
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// states are those that something can be in, each with vCenter's word for it.
type states[A comparable] []struct {
	word  string
	state A
}

// record tells 1 for the state that there is, and 0 for each of the others: a series that ends with its state would be
// taken for present for minutes more. Nothing is told where vCenter says nothing. A word that is not known stands for unknown,
// the zero value of which leaves all at 0.
func (s states[A]) record(at pcommon.Timestamp, word string, unknown A, record func(pcommon.Timestamp, int64, A)) {
	if word == "" {
		return
	}
	present := s.of(word, unknown)
	for _, known := range s {
		record(at, boolean(known.state == present), known.state)
	}
}

// of is the state that a word stands for.
func (s states[A]) of(word string, unknown A) A {
	for _, known := range s {
		if known.word == word {
			return known.state
		}
	}
	return unknown
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// whether records a property that is true or false, if it is there.
func whether(o *inventory.Object, property string, at pcommon.Timestamp, record func(pcommon.Timestamp, int64)) {
	if value := o.Get(property); value != "" {
		record(at, boolean(isTrue(value)))
	}
}

// amount records a number by the bounds of sense: there is none below zero; vCenter's -1 says that there is no limit.
func amount(o *inventory.Object, property string, at pcommon.Timestamp, record func(pcommon.Timestamp, int64)) {
	if n, ok := number(o, property); ok && n >= 0 {
		record(at, n)
	}
}

// told records a number that was asked for, if vCenter said it.
func told(n inventory.Number, at pcommon.Timestamp, record func(pcommon.Timestamp, int64)) {
	if n.Known {
		record(at, n.Value)
	}
}

// percent records a share of something, if that is there at all.
func percent(part, whole int64, at pcommon.Timestamp, record func(pcommon.Timestamp, float64)) {
	if whole > 0 {
		record(at, 100*float64(part)/float64(whole))
	}
}

// number reads a property that is one.
func number(o *inventory.Object, property string) (int64, bool) {
	value := o.Get(property)
	if value == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(value, 10, 64)
	return n, err == nil
}

// moment reads a property that is a moment.
func moment(o *inventory.Object, property string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, o.Get(property))
	return t, err == nil
}

func isTrue(value string) bool { return value == "true" || value == "1" }

// seconds is how long ago something was, in whole seconds. A clock that is a little ahead makes nothing negative.
func seconds(since, now time.Time) int64 { return max(0, int64(now.Sub(since)/time.Second)) }

// remaining is how long it is until something ends, negative once it has.
func remaining(end, now time.Time) int64 { return int64(end.Sub(now) / time.Second) }
