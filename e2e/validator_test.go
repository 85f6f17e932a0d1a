package e2e

import (
	"cmp"
	"slices"
	"testing"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// The validators of package robustness, over what a back end was sent.

// reliable: every wanted record was accepted.
func reliable(r run, want []string) error {
	judged := r.judged()
	judged.Events = eventsOf(want)
	return robustness.Reliable(judged)
}

// genuine: nothing but records of known events was sent.
func genuine(r run, known []string) error {
	judged := r.judged()
	judged.Events = eventsOf(known)
	return robustness.Genuine(judged)
}

// unique: nothing was accepted twice.
func unique(r run) error {
	return robustness.Unique(r.judged())
}

// boundedRepeats: after a kill at most one batch is repeated, and without one nothing is.
func boundedRepeats(r run, lives []robustness.Life) error {
	judged := r.judged()
	judged.Lives = lives
	return robustness.Judge(judged, robustness.Unique, robustness.BoundedRepeats)
}

// sameBytes: a record is the same every time it is sent, be it refused, repeated or sent by another process.
func sameBytes(r run) error { return robustness.SameBytes(r.hashed()) }

// ordered: apart from repeats, records were accepted in the order of the cursor. Its events must be inserted in order of
// their keys.
func ordered(r run, order robustness.Order) error {
	judged := r.judged()
	judged.Settings.Order = order
	judged.Events = r.events()
	return robustness.Ordered(judged)
}

// small: no request is larger than limit, unless a single record is.
func small(r run, limit int) error {
	judged := r.judged()
	judged.Settings.Limit = limit
	return robustness.Small(judged)
}

// judged is the run as the validators see it, of lives of which nothing is known: none may repeat a thing.
func (r run) judged() (judged robustness.Run) {
	for _, d := range r {
		judged.Attempts = append(judged.Attempts, d.attempt())
	}
	return judged
}

// judged is a run with all that is known of the collector's lives and of the vCenter.
func (c *collector) judged(t *testing.T, v *vcenter, r run) robustness.Run {
	t.Helper()
	judged, recording := r.hashed(), v.recording(t)
	judged.Lives = c.lives()
	judged.Events, judged.Openings = eventsOfRecording(t, recording), openings(recording)
	return judged
}

func (d delivery) attempt() robustness.Attempt {
	a := robustness.Attempt{At: d.at, Life: d.life, Status: d.status, Bytes: d.size}
	for _, rec := range d.records {
		a.Records = append(a.Records, robustness.Record{UID: rec.uid, Gap: rec.gap, Refused: rec.refused, Blamed: rec.blamed})
	}
	return a
}

// hashed is judged with the bytes of the records, which take their time: not for a test that asks again and again.
func (r run) hashed() robustness.Run {
	judged := r.judged()
	for i, d := range r {
		for j, rec := range d.records {
			judged.Attempts[i].Records[j].Hash = robustness.Hash([]byte(rec.bytes))
		}
	}
	return judged
}

// events are those of the accepted records, by their keys.
func (r run) events() (events []robustness.Event) {
	for _, rec := range r.accepted() {
		events = append(events, robustness.Event{UID: rec.uid, Key: int32(rec.key), Created: rec.created})
	}
	slices.SortStableFunc(events, func(a, b robustness.Event) int { return cmp.Compare(a.Key, b.Key) })
	return slices.CompactFunc(events, func(a, b robustness.Event) bool { return a.UID == b.UID })
}

func eventsOf(uids []string) (events []robustness.Event) {
	for _, uid := range uids {
		events = append(events, robustness.Event{UID: uid})
	}
	return events
}
