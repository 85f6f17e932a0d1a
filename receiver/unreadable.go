package receiver

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/history"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// condemnedAfter is how often a page must have come as XML that is not well-formed, at the same place, before it is vCenter
// itself that is taken to write it so, and not the line.
const condemnedAfter = 3

// damage is pages that cannot be read, because an event in them is not well-formed. That event condemns its page, but not the
// stream: it is read around, one event at a time.
type damage struct {
	failing bool      // the last page could not be read,
	last    uint64    // because of these bytes: an event up to where it is not well-formed, hashed
	begin   time.Time // of the collector that came to it
	places  []int     // events that a collector with that begin returned before each page that could not be read
	around  bool      // the present collector is to read around them
	read    int       // events that it has returned

	times map[uint64]int // how often such bytes could not be read
}

// mostTimes bounds what is remembered. An event that is forgotten is found to be not well-formed once more.
const mostTimes = 10_000

// careful says that the next collector is to find its way around the damage, for which it begins where the one before did.
func (d *damage) careful() bool { return d.failing && d.times[d.last] >= condemnedAfter }

// opened notes that a collector is made, and where it should begin, which would be at a time: there, or earlier, but not before
// the window of keys is complete.
func (d *damage) opened(begin, complete time.Time) time.Time {
	d.read, d.around = 0, d.careful() && !d.begin.Before(complete)
	if !d.around {
		d.begin, d.places = begin, nil
	}
	return d.begin
}

// forget is for a new pass, which meets the damage anew. What was found to be so in vCenter is known then.
func (d *damage) forget() {
	maps.DeleteFunc(d.times, func(_ uint64, times int) bool { return times < condemnedAfter || len(d.times) > mostTimes })
	*d = damage{times: d.times}
}

// size is how many events the next read asks for: one by one where a page could not be read, and as many again, for
// late events may have moved the damage on.
func (d *damage) size(page int) int32 {
	near := func(place int) bool { return d.read+page > place && d.read < place+2*page }
	if slices.ContainsFunc(d.places, near) {
		return 1
	}
	return int32(page)
}

// passed notes that a page was read. A collector that breaks from here on was given up for the line: the next one goes on where
// the pass has got to, and meets the damage again if it is still ahead.
func (d *damage) passed(events int) {
	d.read += events
	d.failing = false
}

// met says that a collector broke for what it came to, and not for the line.
func (d *damage) met() bool { return d.failing && d.around || d.careful() }

// failed notes that a page could not be read for some bytes. A line that breaks what it carries does so elsewhere the next
// time, for a collector that goes on after it begins elsewhere; vCenter itself does it in the same event.
func (d *damage) failed(bytes uint64) {
	if d.times == nil {
		d.times = map[uint64]int{}
	}
	d.failing, d.last = true, bytes
	d.times[bytes]++
	d.places = append(d.places, d.read)
}

// events reads a page.
func (s *eventStream) events(raw history.Page) ([]event.Event, error) {
	events, err := event.Decode(raw.Body)
	var syntax *soapxml.SyntaxError
	if errors.As(err, &syntax) {
		s.damage.failed(broken(raw.Body, syntax.Offset))
		e, alone := event.Salvage(raw.Body, err)
		if !alone || raw.Size > 1 || !s.damage.careful() {
			return nil, err
		}
		events, err = []event.Event{s.salvaged(e)}, nil
	}
	if err == nil {
		event.Lend(events, s.pass.Edge())
		s.damage.passed(len(events))
		s.cursor.Resize(s.damage.size(s.settings.Events.PageSize))
	}
	return events, err
}

// broken is a hash of the event in which a body stops being well-formed, up to there.
func broken(body []byte, offset int) uint64 {
	body = body[:min(offset, len(body))]
	return xxhash.Sum64(body[max(0, bytes.LastIndex(body, []byte("<returnval"))):])
}

// salvaged takes in an event that is not well-formed.
func (s *eventStream) salvaged(e event.Event) event.Event {
	if !e.Timed {
		e.Created = s.pass.Edge()
	}
	if !s.position.Has(&e) {
		s.logger.Error("vCenter sent an event that is not well-formed XML: it is delivered without its own fields",
			zap.String("uid", e.UID(s.source.InstanceUUID)), zap.String("reason", e.Unreadable))
	}
	return e
}
