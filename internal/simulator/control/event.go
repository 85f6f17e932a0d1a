package control

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// Event is an event as /append takes it, and as /events gives it.
type Event struct {
	Class       string    `json:"class"`
	TypeID      string    `json:"typeId,omitempty"`
	Key         int32     `json:"key"`
	ChainID     int32     `json:"chainId,omitempty"`
	Created     time.Time `json:"created"`
	User        string    `json:"user,omitempty"`
	Message     string    `json:"message,omitempty"`
	EventTypeID string    `json:"eventTypeId,omitempty"` // of an EventEx
	Severity    string    `json:"severity,omitempty"`    // of an EventEx
	XML         string    `json:"xml,omitempty"`         // all that is inside of its element: then it is told exactly so
	Malformed   bool      `json:"malformed,omitempty"`   // its XML is not well-formed
}

func (c *Control) events(*http.Request) (any, error) {
	entries := c.sim.Journal().Entries()
	all := make([]Event, len(entries))
	for i, e := range entries {
		base := e.Event.GetEvent()
		all[i] = Event{
			Class: e.Class(), TypeID: e.TypeID(), Key: e.Key(), ChainID: base.ChainId,
			Created: e.Created(), User: base.UserName, Message: base.FullFormattedMessage,
		}
	}
	return all, nil
}

func (c *Control) append(r *http.Request) (any, error) {
	var wanted []Event
	if err := decode(r.Body, &wanted); err != nil {
		return nil, fmt.Errorf("read the list of events: %w", err)
	}
	events := make([]types.BaseEvent, len(wanted))
	for i, w := range wanted {
		var err error
		if events[i], err = w.event(c.sim.Now()); err != nil {
			return nil, err
		}
	}
	c.sim.Append(events...)
	return did{"appended": len(events), "lastKey": c.sim.Stats().LastKey}, nil
}

var typeOf = types.TypeFunc()

// event is of govmomi's type where it knows the class.
func (w Event) event(now time.Time) (types.BaseEvent, error) {
	switch {
	case w.XML != "":
		return journal.NewRaw(w.Class, w.XML)
	case w.Malformed:
		return journal.NewMalformed(w.Class, w.base()), nil
	}
	known, ok := typeOf(w.Class)
	if !ok {
		return w.raw(now)
	}
	event, ok := reflect.New(known).Interface().(types.BaseEvent)
	if !ok {
		return nil, fmt.Errorf("%s is not a class of events", w.Class)
	}
	*event.GetEvent() = w.base()
	if ex, ok := event.(*types.EventEx); ok {
		ex.EventTypeId, ex.Severity = w.EventTypeID, w.Severity
	}
	return event, nil
}

func (w Event) base() types.Event {
	return types.Event{
		Key: w.Key, ChainId: w.ChainID, CreatedTime: w.Created, UserName: w.User, FullFormattedMessage: w.Message,
	}
}

// raw is of a class from the future. The journal does not fill it in: it has a key only where one is given.
func (w Event) raw(now time.Time) (types.BaseEvent, error) {
	if w.Class == "" {
		return nil, errors.New("an event has no class")
	}
	if w.Created.IsZero() {
		w.Created = now
	}
	var b strings.Builder
	if w.Key != 0 {
		fmt.Fprintf(&b, "<key>%d</key><chainId>%d</chainId>", w.Key, w.ChainID)
	}
	fmt.Fprintf(&b, "<createdTime>%s</createdTime>", w.Created.UTC().Format(time.RFC3339Nano))
	for _, field := range [][2]string{{"userName", w.User}, {"fullFormattedMessage", w.Message}} {
		b.WriteString("<" + field[0] + ">")
		if err := xml.EscapeText(&b, []byte(field[1])); err != nil {
			return nil, err
		}
		b.WriteString("</" + field[0] + ">")
	}
	return journal.NewRaw(w.Class, b.String())
}
