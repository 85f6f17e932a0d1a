package event

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/dedup"
)

const (
	// PositionVersion is the version of the encoding that Encode writes. Every older one stays readable.
	PositionVersion = 1

	// WindowLimit is the most keys that are remembered; beyond it the overlap shrinks.
	WindowLimit = 1_000_000

	// inlineLimit is the largest window that is kept in the head. With file_storage one small value costs
	// a commit of 2.3 ms with fsync; a larger window is cut into parts, of which only a few change with a batch.
	inlineLimit = 64 << 10

	// tailMargin is how far behind vCenter's clock an empty read proves that everything was read:
	// an event is stamped before it is inserted.
	tailMargin = 5 * time.Second

	// keyTolerance is how much further back than a pass begins the window is kept: a key is compared by a
	// creation time of ± 1 s.
	keyTolerance = time.Second

	// clockTolerance is how far a position may be ahead of vCenter's clock, which is measured once a session.
	clockTolerance = 5 * time.Second
)

// Position is how far the events of one vCenter have been read and settled. All times are by vCenter's clock.
type Position struct {
	InstanceUUID string
	// Since is the pin of the cold start: nothing created before it is asked for. Zero: the history's beginning.
	Since time.Time
	// ReadTo says that everything created before it has been read and settled, matching or not.
	ReadTo time.Time
	// Newest is the creation time of the newest event that was settled, wanted or not, none from vCenter's future.
	Newest time.Time
	// Filter is the fingerprint of the filter under which ReadTo holds; empty where nothing is filtered.
	Filter string
	// SavedAt is when the position was last given to the storage.
	SavedAt time.Time
	// Clock is the last reading of vCenter's clock; zero: none is known.
	Clock Reading
	// Delivered holds the keys of the events in the overlap before and after ReadTo.
	Delivered *dedup.Window
	// Sweep is how far the history was read by key; nothing is known of that where vCenter does not offer it.
	Sweep *Sweep
}

// Cold is the position of a start without a record: since zero is the beginning of the history.
func Cold(instanceUUID string, since, now time.Time) Position {
	return Position{
		InstanceUUID: instanceUUID,
		Since:        since,
		ReadTo:       since,
		SavedAt:      now,
		Delivered:    dedup.NewWindow(WindowLimit),
		Sweep:        &Sweep{blank: true},
	}
}

// Begin is where a full pass begins: the overlap before ReadTo, but never before the pin, nor before the window is
// complete, or events whose keys are forgotten would be delivered again.
//
// After a silence that is longer than the overlap it is the newest event: the tail is confirmed by comparing with
// vCenter's newest, and a collector that begins after it shows none.
func (p Position) Begin(overlap time.Duration) time.Time {
	begin := p.ReadTo.Add(-overlap)
	if !p.Newest.IsZero() {
		begin = earliest(begin, p.Newest)
	}
	return latest(latest(p.Since, p.Delivered.CompleteFrom()), begin)
}

// Mark remembers events as delivered, at a time by vCenter's clock. The window is that of every copy of the position:
// what is stored is the window as it is when the position is encoded.
func (p Position) Mark(events []Event, clock time.Time) Position {
	for i := range events {
		id := events[i].Identity()
		if !events[i].Timed {
			id.Created = clock // it is no younger, and must not be forgotten before it is
		}
		p.Delivered.Mark(id)
	}
	return p.Seen(events, clock)
}

// Seen notes the newest of events that are settled. One that is not wanted counts as well: a filter that matches rarely would
// otherwise have every pass begin with the last event that it matched.
func (p Position) Seen(events []Event, clock time.Time) Position {
	for i := range events {
		if created := events[i].Created; !created.After(clock) {
			p.Newest = latest(p.Newest, created)
		}
	}
	return p
}

// Prune forgets the keys that neither the next pass nor a collector that goes on with this one asks for.
func (p Position) Prune(overlap time.Duration, reopen time.Time) {
	p.Delivered.Prune(earliest(p.Begin(overlap), reopen).Add(-keyTolerance))
}

// Has reports whether an event is delivered. One that was created before the window is complete counts as such: no
// collector asks for it any more.
func (p Position) Has(e *Event) bool {
	return p.marked(e) || e.Created.Before(p.Delivered.CompleteFrom())
}

// marked knows an event without a time of its own by its hash alone: another page lends it another time.
func (p Position) marked(e *Event) bool {
	id := e.Identity()
	return p.Delivered.Has(id) || !e.Timed && p.Delivered.Used(id.ID)
}

// Fresh returns the events that were not delivered yet, each once, in their order.
func (p Position) Fresh(events []Event) []Event {
	fresh := make([]Event, 0, len(events))
	seen := make(map[dedup.Key]struct{}, len(events))
	for i := range events {
		id := events[i].Identity()
		if _, twice := seen[id]; twice || p.marked(&events[i]) {
			continue
		}
		seen[id] = struct{}{}
		fresh = append(fresh, events[i])
	}
	return fresh
}

// Advance moves ReadTo; it never goes back.
func (p Position) Advance(to time.Time) Position {
	p.ReadTo = latest(p.ReadTo, to)
	return p
}

// Refilter puts the position under another filter, which holds from ReadTo on. Before that neither the window nor the sweep says
// anything of what the other filter left out: in the overlap, or by its key, it would be delivered as if it were late.
func (p Position) Refilter(fingerprint string) Position {
	p.Filter = fingerprint
	p.Delivered.SetCompleteFrom(latest(p.Delivered.CompleteFrom(), p.ReadTo))
	p.Sweep.refilter(p.ReadTo)
	return p
}

// Untouched reports whether no event was ever settled, neither wanted nor not. ReadTo may have moved: over a gap, or over what a filter
// in vCenter left out.
func (p Position) Untouched() bool { return p.Newest.IsZero() && p.Delivered.Len() == 0 }

// AheadOf reports whether ReadTo lies in vCenter's future: its clock was set back.
func (p Position) AheadOf(clock time.Time) bool { return p.ReadTo.After(clock.Add(clockTolerance)) }

// Heed takes a reading of vCenter's clock, and reports whether the position is set back because the clock was: the one way in which
// ReadTo goes back. Left in the future, it would ask for nothing that is created until the clock has caught up; and where that has
// happened since the reading before, for nothing that was created meanwhile.
//
// What was created since the clock was set lies within the overlap before the present, unless nobody has looked for longer: then
// it is no older than what the clock would have said at the reading before.
func (p Position) Heed(present Reading, overlap time.Duration) (Position, bool) {
	to, begin, back := p.ReadTo, p.Begin(overlap), p.AheadOf(present.VCenter)
	if back {
		to, begin = present.VCenter, earliest(begin, present.VCenter.Add(-overlap))
	}
	if from, set := p.Clock.SetBack(present); set && from.Before(begin) {
		to, begin, back = earliest(to, from.Add(overlap)), from, true
	}
	p.Clock = present
	if back {
		p = p.setBack(to, begin)
	}
	return p, back
}

// setBack has everything from a begin on read again, though the window may not be complete there: events of the old time may be
// delivered twice rather than new ones not at all.
func (p Position) setBack(to, begin time.Time) Position {
	p.ReadTo, p.Since = to, earliest(p.Since, begin)
	if p.Newest.After(begin) {
		p.Newest = time.Time{} // at no other time there need be an event
	}
	p.Delivered.SetCompleteFrom(earliest(p.Delivered.CompleteFrom(), begin))
	p.Sweep.setBack(begin)
	return p
}

// Saved is the position as it is given to the storage at a time by vCenter's clock, and by this machine's.
func (p Position) Saved(clock, here time.Time) Position {
	p.SavedAt, p.Clock = clock, p.Clock.Carried(here)
	return p
}

// TailAt is how far an empty read, asked for at a time by vCenter's clock, proves that everything was read.
func TailAt(asked time.Time) time.Time { return asked.Add(-tailMargin) }

// head is the encoding of a position, but for the parts of a large window.
type head struct {
	InstanceUUID string            `json:"instance_uuid"`
	Since        time.Time         `json:"since"`
	ReadTo       time.Time         `json:"read_to"`
	Floor        time.Time         `json:"floor,omitzero"`
	Newest       time.Time         `json:"newest,omitzero"`
	Filter       string            `json:"filter,omitempty"`
	SavedAt      time.Time         `json:"saved_at"`
	Clock        Reading           `json:"clock,omitzero"`
	Sweep        *swept            `json:"sweep,omitempty"`
	Delivered    map[string][]byte `json:"delivered,omitempty"` // unix minute → runs of keys; nil where it is in parts
}

// Encode returns the position as a head and, where the window is large, parts by unix minute.
func (p Position) Encode() ([]byte, map[string][]byte, error) {
	chunks, size := map[string][]byte{}, 0
	for minute, runs := range p.Delivered.Chunks() {
		chunks[strconv.FormatInt(minute, 10)] = runs
		size += len(runs)
	}
	h := head{InstanceUUID: p.InstanceUUID, Since: p.Since, ReadTo: p.ReadTo, Floor: p.Delivered.CompleteFrom(), Newest: p.Newest, Filter: p.Filter, SavedAt: p.SavedAt, Clock: p.Clock.utc(), Sweep: p.Sweep.encode()}
	if size <= inlineLimit {
		h.Delivered, chunks = chunks, nil
	}
	encoded, err := json.Marshal(h)
	return encoded, chunks, err
}

// DecodePosition reads what Encode wrote, in this version or an older one.
func DecodePosition(version byte, encoded []byte, parts map[string][]byte) (Position, error) {
	if version != PositionVersion {
		return Position{}, fmt.Errorf("position of unknown version %d", version)
	}
	var h head
	if err := json.Unmarshal(encoded, &h); err != nil {
		return Position{}, fmt.Errorf("decode position: %w", err)
	}
	if len(parts) == 0 {
		parts = h.Delivered
	}
	window, err := decodeWindow(parts)
	if err != nil {
		return Position{}, err
	}
	window.SetCompleteFrom(h.Floor)
	sweep, err := h.Sweep.decode(h.SavedAt)
	if err != nil {
		return Position{}, fmt.Errorf("decode position: %w", err)
	}
	return Position{h.InstanceUUID, h.Since, h.ReadTo, h.Newest, h.Filter, h.SavedAt, h.Clock, window, sweep}, nil
}

func decodeWindow(parts map[string][]byte) (*dedup.Window, error) {
	chunks := make(map[int64][]byte, len(parts))
	for name, runs := range parts {
		minute, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("decode position: %q is no minute", name)
		}
		chunks[minute] = runs
	}
	window, err := dedup.DecodeWindow(WindowLimit, chunks)
	if err != nil {
		return nil, fmt.Errorf("decode position: %w", err)
	}
	return window, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
