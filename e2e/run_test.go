package e2e

import (
	"iter"
	"slices"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// record is one log record as it arrived.
type record struct {
	uid     string // log.record.uid
	kind    string // vcenter.event.type
	key     int64  // vcenter.event.key
	created time.Time
	stream  string          // in Loki
	change  *change         // that it tells of
	gap     *robustness.Gap // that it tells of
	refused string          // the uid that it says was refused for good
	blamed  bool            // the back end has something against this very record
	bytes   string          // the record with its resource and scope, as OTLP
}

// delivery is one request to the back end.
type delivery struct {
	place   int // in the run, from 0
	life    int // of the collector: 1 after the first start, 2 after the first restart
	at      time.Time
	status  int // what it was answered
	size    int // of its body, in bytes
	records []record
}

func (d delivery) accepted() bool { return d.status == 200 }

// run is all that the back end was sent, in order.
type run []delivery

// ofEvents is the run without the records of inventory changes, which are another stream.
func (r run) ofEvents() (events run) {
	for _, d := range r {
		changes := func(rec record) bool { return rec.change != nil }
		if len(d.records) > 0 && !slices.ContainsFunc(d.records, func(rec record) bool { return !changes(rec) }) {
			continue
		}
		d.records = slices.DeleteFunc(slices.Clone(d.records), changes)
		events = append(events, d)
	}
	return events
}

// accepted yields each accepted record with the life of the collector that sent it.
func (r run) accepted() iter.Seq2[int, record] {
	return func(yield func(int, record) bool) {
		for _, d := range r {
			if !d.accepted() {
				continue
			}
			for _, rec := range d.records {
				if !yield(d.life, rec) {
					return
				}
			}
		}
	}
}

// distinct counts the records that were accepted, each once.
func (r run) distinct() int {
	seen := map[string]bool{}
	for _, rec := range r.accepted() {
		seen[rec.uid] = true
	}
	return len(seen)
}

// statuses are the answers that were given.
func (r run) statuses() (list []int) {
	for _, d := range r {
		if !slices.Contains(list, d.status) {
			list = append(list, d.status)
		}
	}
	return list
}

// largest is the most records of one request.
func (r run) largest() int {
	most := 0
	for _, d := range r {
		most = max(most, len(d.records))
	}
	return most
}

// repeats counts, for each life, the accepted records that had been accepted before.
func (r run) repeats() map[int]int {
	seen, repeats := map[string]bool{}, map[int]int{}
	for life, rec := range r.accepted() {
		if seen[rec.uid] {
			repeats[life]++
		}
		seen[rec.uid] = true
	}
	return repeats
}
