package event

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

var (
	errNoEvents = errors.New("the answer is not one of events")
	errNoEvent  = errors.New("there is something among the events that is none")
)

// Decode reads a ReadNextEventsResponse, or that of another method that returns events (a whole SOAP envelope), to
// events in the order of the answer.
func Decode(body []byte) ([]Event, error) {
	answer, err := soapxml.Body(body)
	if err != nil {
		return nil, fmt.Errorf("read page of events: %w", err)
	}
	if len(answer) == 0 || !strings.HasSuffix(answer[0].Name, "EventsResponse") {
		return nil, fmt.Errorf("read page of events: %w", errNoEvents)
	}
	events, err := DecodeArray(answer[1:answer[0].Span])
	if err != nil {
		return nil, fmt.Errorf("read page of events: %w", err)
	}
	return events, nil
}

// DecodeArray reads siblings that are events: elements named returnval, as in a response, or Event, as in the ArrayOfEvent
// that is the value of a collector's latestPage. Anything else among them is an error: passed over, it could be an event
// that nobody misses.
func DecodeArray(elements soapxml.Elements) ([]Event, error) {
	events := make([]Event, 0, count(elements))
	for element, fields := range elements.All() {
		if element.Name != "returnval" && element.Name != "Event" {
			return nil, errNoEvent
		}
		events = append(events, decode(element, fields))
	}
	lendTimes(events)
	return events, nil
}

func count(elements soapxml.Elements) (n int) {
	for i := 0; i < len(elements); i += elements[i].Span {
		n++
	}
	return n
}

// decode reads one event. Its class may be any: only what all events have is looked at.
func decode(element soapxml.Element, fields soapxml.Elements) Event {
	e := Event{Class: element.Type, Fields: fields}
	if e.Class == "" {
		e.Class = "Event" // what an element of an array is that says no other
	}
	for i := 0; i < len(fields); i += fields[i].Span {
		switch f := &fields[i]; f.Name {
		case "key":
			e.Key, e.Keyed = parseInt(f.Text)
		case "chainId":
			e.ChainID, _ = parseInt(f.Text)
		case "createdTime":
			e.Created, e.Timed = parseTime(f.Text)
		case "userName":
			e.UserName = f.Text
		case "fullFormattedMessage":
			e.Message = f.Text
		}
	}
	e.Hash, e.Size = fingerprint(e.Class, fields)
	return e
}

// lendTimes gives an event without a time that of the event before it, so that order and position stay what they are. One
// that stands before all times of its page gets the first of them.
func lendTimes(events []Event) {
	var last time.Time
	for i := range events {
		if events[i].Timed {
			last = events[i].Created
			break
		}
	}
	for i := range events {
		if !events[i].Timed {
			events[i].Created = last
		}
		last = events[i].Created
	}
}

// Lend gives the events of a page on which none has a time that of the event before them.
func Lend(events []Event, before time.Time) {
	for i := range events {
		if events[i].Created.IsZero() {
			events[i].Created = before
		}
	}
}

func parseInt(text string) (int32, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0, false
	}
	return int32(n), true
}

var (
	firstTime = time.Unix(0, 1)
	lastTime  = time.Unix(0, math.MaxInt64)
)

// parseTime reads an xsd:dateTime, whose zone is optional. A time that no log record can carry is none: Go's zero time,
// which a server written in Go sends for an unset field, would put the record into the year 1.
func parseTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999", text)
	}
	if err != nil || t.Before(firstTime) || t.After(lastTime) {
		return time.Time{}, false
	}
	return t.UTC(), true
}
