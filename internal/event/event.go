package event

import (
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// Event is one event as vCenter told it.
type Event struct {
	Class    string // local part of xsi:type: "VmPoweredOnEvent", "EventEx"
	Key      int32
	Keyed    bool // false: the answer had no valid key
	ChainID  int32
	Created  time.Time // UTC; of the event before it where Timed is false
	Timed    bool
	UserName string
	Message  string           // fullFormattedMessage
	Fields   soapxml.Elements // every child element, in order, base fields included
	Hash     uint64           // of Class and Fields: the identity of an event without a key or a time
	Size     int              // length in bytes of its XML, written without white space, entities and namespaces

	Unreadable string // why the XML of the event could not be read, so that its own fields are missing; mostly ""
}

// TypeID returns the ID by which vCenter tells this type of event from others: the eventTypeId of an EventEx or
// ExtendedEvent ("com.vmware.vc.ha.VmRestartedByHAEvent"), for any other event its class ("VmPoweredOnEvent").
func (e *Event) TypeID() string {
	if isEnvelope(e.Class) {
		if id := e.Fields.Text("eventTypeId"); id != "" {
			return id
		}
	}
	return e.Class
}
