package translate

import (
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// subject is what the fixed part of a record says of an event: where it happened, to what, and how bad it is.
type subject struct {
	entities   [len(kinds)]entity
	object     entity
	standalone bool   // the event names a compute resource that is no cluster
	chained    bool   // the event has a chain ID
	status     string // to which an alarm changed
	message    string
	address    string // of a session's client
	agent      string
	secret     string // the name of a custom attribute whose value must not leave, mostly ""
	rest       []int  // indices of the fields that the fixed part does not say word for word
}

// read takes in an event. The memory of rest is used again.
func (s *subject) read(e *event.Event) {
	*s = subject{rest: s.rest[:0], secret: secretAttribute(e)}
	var named entity
	for i := 0; i < len(e.Fields); i += e.Fields[i].Span {
		field, children := &e.Fields[i], e.Fields[i+1:i+e.Fields[i].Span]
		if field.Name == "datastore" && named == (entity{}) {
			named, _ = entityOf(children)
		}
		if !s.takeCommon(e, field, children) && !s.takeEnvelope(e, field) && !s.withholds(field) {
			s.note(e, field)
			s.rest = append(s.rest, i)
		}
	}
	// The classes of datastore events have had a field of their own since before all events had "ds".
	if s.entities[datastore] == (entity{}) {
		s.entities[datastore] = named
	}
	s.aim()
}

// takeCommon takes a field that all events have. What cannot be read as what it should be is not taken: it is data.
func (s *subject) takeCommon(e *event.Event, field *soapxml.Element, children soapxml.Elements) bool {
	switch field.Name {
	case "key":
		return e.Keyed
	case "createdTime":
		return e.Timed
	case "chainId":
		s.chained = e.ChainID != 0 || field.Text == "0"
		return s.chained
	case "userName":
		return field.Text == e.UserName
	case "fullFormattedMessage":
		return field.Text == e.Message
	case "datacenter":
		return s.takeEntity(datacenter, children)
	case "computeResource":
		return s.takeCluster(children)
	case "host":
		return s.takeEntity(host, children)
	case "vm":
		return s.takeEntity(vm, children)
	case "ds":
		return s.takeEntity(datastore, children)
	case "net":
		return s.takeEntity(network, children)
	case "dvs":
		return s.takeEntity(dvs, children)
	}
	return false
}

// takeEntity takes the first entity of a kind. One that says more than a name and a reference is data besides.
func (s *subject) takeEntity(k kind, argument soapxml.Elements) bool {
	if s.entities[k] != (entity{}) {
		return false
	}
	e, whole := entityOf(argument)
	s.entities[k] = e
	return whole && e != (entity{})
}

// takeCluster takes a compute resource, which is a cluster or says nothing that the host does not.
func (s *subject) takeCluster(argument soapxml.Elements) bool {
	if e, whole := entityOf(argument); e.typ != clusterType {
		s.standalone = e.typ != ""
		return whole && e != (entity{})
	}
	return s.takeEntity(cluster, argument)
}

// takeEnvelope takes the fields of EventEx and ExtendedEvent that say of which type an event is and of what.
func (s *subject) takeEnvelope(e *event.Event, field *soapxml.Element) bool {
	if !isEnvelope(e.Class) {
		return false
	}
	switch field.Name {
	case "eventTypeId", "severity": // of which TypeID and CategoryOf know
	case "objectType":
		s.object.typ = field.Text
	case "objectId":
		s.object.moref = field.Text
	case "objectName":
		s.object.name = field.Text
	case "managedObject":
		s.object.typ, s.object.moref = field.Ref, field.Text
	default:
		return false
	}
	return true
}

// isEnvelope reports whether a class stands for many types of events, which it tells apart by their eventTypeId.
func isEnvelope(class string) bool { return class == "EventEx" || class == "ExtendedEvent" }

// secretAttribute is the name of the custom attribute whose new value an event tells, where that must not leave: then the event's own
// message, which has the value in it, must not either.
func secretAttribute(e *event.Event) string {
	if e.Class != "CustomFieldValueChangedEvent" {
		return ""
	}
	if name := e.Fields.Text("name"); isSecret(name) {
		return name
	}
	return ""
}

// withholds reports whether a field is a value that must not leave.
func (s *subject) withholds(field *soapxml.Element) bool {
	return s.secret != "" && (field.Name == "value" || field.Name == "prevState")
}

// note remembers what the fixed part says in other words, or under another name.
func (s *subject) note(e *event.Event, field *soapxml.Element) {
	switch field.Name {
	case "message":
		s.message = field.Text
	case "to":
		if e.Class == "AlarmStatusChangedEvent" {
			s.status = field.Text
		}
	case "ipAddress":
		if isSession(e.Class) {
			s.address = field.Text
		}
	case "userAgent":
		if isSession(e.Class) {
			s.agent = field.Text
		}
	}
}

// isSession reports whether an ipAddress in an event of a class is a client's. It is a host's in HostIpInconsistentEvent.
func isSession(class string) bool {
	return strings.HasSuffix(class, "SessionEvent") || class == "NoAccessUserEvent"
}

// aim finds the object that the event is about: the one that it names, else its most specific entity.
func (s *subject) aim() {
	if s.object.moref == "" && s.object.name == "" {
		s.object = s.mostSpecific()
		return
	}
	for i := range s.entities {
		if s.object.name == "" && s.entities[i].moref == s.object.moref {
			s.object.name = s.entities[i].name
		}
	}
}

func (s *subject) mostSpecific() entity {
	for _, k := range specific {
		if s.entities[k] != (entity{}) {
			return s.entities[k]
		}
	}
	return entity{}
}
