package journal

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Raw is an event of any class, also of one that govmomi does not know, given by its XML. It is told exactly so: a Raw
// without a key has none.
type Raw struct {
	types.Event          // what filters and orders go by; read from Content
	Class       string   // xsi:type
	EventTypeID string   // where Content has one
	Content     []byte   // everything inside of the event's element
	_           struct{} // to be made by NewRaw
}

// NewRaw reads what filters need out of an event's XML: the elements inside of the event's own.
func NewRaw(class, content string) (*Raw, error) {
	if !identifier.MatchString(class) {
		return nil, fmt.Errorf("read event: %q is not the name of a class", class)
	}
	raw := &Raw{Class: class, Content: []byte(content)}
	fields := struct {
		*types.Event
		EventTypeID string `xml:"eventTypeId"`
	}{Event: &raw.Event}
	if err := decode(content, &fields); err != nil {
		return nil, fmt.Errorf("read event %s: %w", class, err)
	}
	raw.EventTypeID = fields.EventTypeID
	return raw, nil
}

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
	}{r.Content}, start)
}

var identifier = regexp.MustCompile(`^[A-Za-z]\w*$`)

var message = regexp.MustCompile(`(?s)<fullFormattedMessage>.*?</fullFormattedMessage>`)

func (r *Raw) withoutMessage() []byte { return message.ReplaceAll(r.Content, nil) }
