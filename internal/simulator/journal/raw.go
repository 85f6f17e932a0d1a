package journal

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Raw is an event of any class, also of one that govmomi does not know, given by its XML. It is told exactly so: a Raw
// without a key has none. It is made by NewRaw; or by NewFuture or NewMalformed, and then it has what a journal fills in.
type Raw struct {
	types.Event        // what filters and orders go by; read from Content
	Class       string // xsi:type
	EventTypeID string // where Content has one
	Content     []byte // everything inside of the event's element; nil: made of Event when it is told
	Malformed   bool   // its XML is not well-formed

	more             string // XML behind what is made of Event
	keyless, untimed bool   // what Content does not say
}

// NewRaw reads what filters need out of an event's XML: the elements inside of the event's own.
func NewRaw(class, content string) (*Raw, error) {
	if !identifier.MatchString(class) {
		return nil, fmt.Errorf("read event: %q is not the name of a class", class)
	}
	raw := &Raw{Class: class, Content: append([]byte{}, content...)}
	fields := struct {
		*types.Event
		Key         *int32     `xml:"key"`
		CreatedTime *time.Time `xml:"createdTime"`
		EventTypeID string     `xml:"eventTypeId"`
	}{Event: &raw.Event}
	if err := decode(content, &fields); err != nil {
		return nil, fmt.Errorf("read event %s: %w", class, err)
	}
	raw.EventTypeID, raw.keyless, raw.untimed = fields.EventTypeID, fields.Key == nil, fields.CreatedTime == nil
	if fields.Key != nil {
		raw.Key = *fields.Key
	}
	if fields.CreatedTime != nil {
		raw.CreatedTime = *fields.CreatedTime
	}
	return raw, nil
}

// NewMalformed makes an event whose XML is not well-formed, so that no answer that it is part of can be read: vCenters
// have told names with characters that XML forbids.
func NewMalformed(class string, e types.Event) *Raw {
	return &Raw{Event: e, Class: class, Malformed: true, more: "<arguments><value>no end tag</arguments>"}
}

// NewFuture makes an event of a class that govmomi does not know, with more fields, in XML, than all events have.
func NewFuture(class string, e types.Event, more string) *Raw {
	return &Raw{Event: e, Class: class, more: more}
}

func (r *Raw) content() []byte {
	if r.given() {
		return r.Content
	}
	return append(encoded(&r.Event), r.more...)
}

// given tells an event that is told exactly as its XML was given.
func (r *Raw) given() bool { return r.Content != nil }

// Decode makes an event of its XML: of govmomi's type where it knows the class, else a Raw.
func Decode(class, content string) (types.BaseEvent, error) {
	known, ok := typeOf(class)
	if !ok {
		return NewRaw(class, content)
	}
	event, ok := reflect.New(known).Interface().(types.BaseEvent)
	if !ok {
		return nil, fmt.Errorf("read event: %s is not a class of events", class)
	}
	if err := decode(content, event); err != nil {
		return nil, fmt.Errorf("read event %s: %w", class, err)
	}
	return event, nil
}

var typeOf = types.TypeFunc()

func decode(content string, into any) error {
	decoder := xml.NewDecoder(strings.NewReader(open + content + end))
	decoder.TypeFunc = typeOf
	return decoder.Decode(into)
}

// Inside of an Envelope these prefixes are declared.
const (
	open = `<event xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">`
	end  = `</event>`
)

// MarshalXML writes the event as it was given.
func (r *Raw) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = []xml.Attr{{Name: xml.Name{Space: "http://www.w3.org/2001/XMLSchema-instance", Local: "type"}, Value: r.Class}}
	return e.EncodeElement(struct {
		Content []byte `xml:",innerxml"`
	}{r.content()}, start)
}

var identifier = regexp.MustCompile(`^[A-Za-z]\w*$`)

var message = regexp.MustCompile(`(?s)<fullFormattedMessage>.*?</fullFormattedMessage>`)

func (r *Raw) withoutMessage() []byte { return message.ReplaceAll(r.content(), nil) }
