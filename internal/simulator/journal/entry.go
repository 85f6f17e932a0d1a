package journal

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
)

// Entry is one event in the journal. It does not change.
type Entry struct {
	Event types.BaseEvent

	seq      uint64 // of insertion, from 1
	key      int32
	created  time.Time
	inserted time.Time // by our clock
	clock    time.Time // the vCenter's at that moment
	hidden   bool      // from everybody, for ever
	names    []string  // what eventTypeId can call it: class, classes above it, and the id of an EventEx
	subjects []types.ManagedObjectReference
	content  func() []byte
}

func newEntry(e types.BaseEvent) *Entry {
	base := e.GetEvent()
	entry := &Entry{Event: e, key: base.Key, created: base.CreatedTime, names: names(e), subjects: subjects(e)}
	// Encoding costs more than anything else that the simulator does, and an event is read many times.
	entry.content = sync.OnceValue(func() []byte { return content(e) })
	return entry
}

// Class is the name of the event's class, as in its xsi:type.
func (e *Entry) Class() string { return Class(e.Event) }

// TypeID is what a vCenter calls the type of the event: its class, or the eventTypeId of an EventEx or ExtendedEvent.
func (e *Entry) TypeID() string { return TypeID(e.Event) }

// Seq is the number of the event in the order of insertion, from 1. It is never used again.
func (e *Entry) Seq() uint64 { return e.seq }

// Key is the event's key.
func (e *Entry) Key() int32 { return e.key }

// Created is the event's time.
func (e *Entry) Created() time.Time { return e.created }

// Inserted is when the event came into the journal, by our clock.
func (e *Entry) Inserted() time.Time { return e.inserted }

// Hidden tells an event that was appended as Hidden.
func (e *Entry) Hidden() bool { return e.hidden }

// XML is the inside of the event's element. It must not be changed.
func (e *Entry) XML() []byte { return e.content() }

// XMLWithoutMessage is XML without fullFormattedMessage, for collectors that asked for that.
func (e *Entry) XMLWithoutMessage() []byte {
	if raw, ok := e.Event.(*Raw); ok {
		return raw.withoutMessage()
	}
	event := Clone(e.Event)
	event.GetEvent().FullFormattedMessage = ""
	return content(event)
}

func content(e types.BaseEvent) []byte {
	if raw, ok := e.(*Raw); ok {
		return raw.content()
	}
	return encoded(e)
}

func encoded(e types.BaseEvent) []byte {
	b, err := envelope.Content(e)
	if err != nil {
		panic(fmt.Sprintf("simulator: an event that cannot be encoded was appended: %v", err))
	}
	return b
}

// Clone copies the event itself; what it points to is shared, and nobody changes that.
func Clone(e types.BaseEvent) types.BaseEvent {
	from := reflect.ValueOf(e).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	return to.Interface().(types.BaseEvent)
}

func (e *Entry) createdBefore(other *Entry) bool {
	switch {
	case !e.created.Equal(other.created):
		return e.created.Before(other.created)
	case e.key != other.key:
		return e.key < other.key
	default:
		return e.seq < other.seq
	}
}
