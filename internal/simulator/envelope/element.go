package envelope

import (
	"bytes"
	"fmt"

	"github.com/vmware/govmomi/vim25/xml"
)

// What govmomi writes, and what a vCenter writes.
var (
	declaration = []byte(` xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance"`)
	attribute   = []byte(` _XMLSchema-instance:type=`)
	xsiType     = []byte(` xsi:type=`)
)

// Style rewrites what govmomi encoded. Quotes within text are escaped, so only attributes can match.
func Style(encoded []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(encoded, declaration, nil), attribute, xsiType)
}

// Content is the XML inside of a value's element.
func Content(v any) ([]byte, error) {
	const open, end = "<v>", "</v>"
	var b bytes.Buffer
	if err := xml.NewEncoder(&b).EncodeElement(v, xml.StartElement{Name: xml.Name{Local: "v"}}); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	encoded := Style(b.Bytes())
	if !bytes.HasPrefix(encoded, []byte(open)) {
		return nil, fmt.Errorf("encode %T: not an element without attributes: %.40q", v, encoded)
	}
	return encoded[len(open) : len(encoded)-len(end)], nil
}

// Element is an element of a known class with content that is XML already.
func Element(name, class string, content []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(content) + 2*len(name) + len(class) + 24)
	WriteElement(&b, name, class, content)
	return b.Bytes()
}

// WriteElement appends an Element to a buffer.
func WriteElement(b *bytes.Buffer, name, class string, content []byte) {
	b.WriteByte('<')
	b.WriteString(name)
	b.WriteString(` xsi:type="`)
	b.WriteString(class)
	b.WriteString(`">`)
	b.Write(content)
	b.WriteString("</")
	b.WriteString(name)
	b.WriteByte('>')
}

// Value is a property's value that is XML already: an element of any name with this class and content.
type Value struct {
	Class   string
	Content []byte
}

// MarshalXML writes the value as it is.
func (v Value) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = []xml.Attr{{Name: xml.Name{Space: "http://www.w3.org/2001/XMLSchema-instance", Local: "type"}, Value: v.Class}}
	return e.EncodeElement(struct {
		Content []byte `xml:",innerxml"`
	}{v.Content}, start)
}
