package translate

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// document is JSON that is being written of elements, in their order. Past maxValue it takes no more elements, so that
// the configuration of a large VM costs no more than what is kept of it.
type document []byte

func (d *document) full() bool { return len(*d) > maxValue }

func (d *document) put(text string) { *d = append(*d, text...) }

// element writes one element: a scalar, a reference, a list or an object.
func (d *document) element(e *soapxml.Element, children soapxml.Elements) {
	switch {
	case e.Ref != "":
		d.put(`{"type":`)
		d.text(e.Ref)
		d.put(`,"value":`)
		d.text(e.Text)
		d.put("}")
	case strings.HasPrefix(e.Type, "ArrayOf"):
		d.list(children)
	case len(children) == 0 && !isObject(e):
		d.scalar(e)
	default:
		d.object(e.Type, children)
	}
}

// isObject tells a fault without members, <fault xsi:type="HostNotConnected"/>, from an empty text. VMware's classes begin
// with a capital, XML's own types do not.
func isObject(e *soapxml.Element) bool {
	return e.Text == "" && e.Type != "" && e.Type[0] >= 'A' && e.Type[0] <= 'Z'
}

func (d *document) scalar(e *soapxml.Element) {
	switch value := scalarOf(e); value.kind {
	case kindInt:
		*d = strconv.AppendInt(*d, value.integer(), 10)
	case kindBool:
		*d = strconv.AppendBool(*d, value.boolean())
	case kindDouble:
		*d = strconv.AppendFloat(*d, value.double(), 'g', -1, 64)
	default:
		d.text(e.Text)
	}
}

// list writes siblings as an array.
func (d *document) list(siblings soapxml.Elements) {
	d.put("[")
	for i := 0; i < len(siblings) && !d.full(); i += siblings[i].Span {
		if i > 0 {
			d.put(",")
		}
		d.element(&siblings[i], siblings[i+1:i+siblings[i].Span])
	}
	d.put("]")
}

// object writes siblings as members, but for those that say nothing. Those of one name stand together, as VMware's schema
// has them, and are an array.
func (d *document) object(typeName string, siblings soapxml.Elements) {
	open := "{"
	if typeName != "" {
		d.put(`{"_typeName":`)
		d.text(typeName)
		open = ","
	}
	hidden := hiddenOf(typeName, siblings)
	for i := 0; i < len(siblings) && !d.full(); {
		end := runOf(siblings, i)
		empty := end == i+1 && siblings[i].Text == "" && !isObject(&siblings[i])
		if name := siblings[i].Name; name != hidden && !empty && !isSecret(name) {
			d.put(open)
			open = ","
			d.text(name)
			d.put(":")
			d.run(siblings[i:end])
		}
		i = end
	}
	if open == "{" {
		d.put(open)
	}
	d.put("}")
}

// run writes siblings of one name: an array if they are many.
func (d *document) run(siblings soapxml.Elements) {
	if siblings[0].Span == len(siblings) {
		d.element(&siblings[0], siblings[1:])
		return
	}
	d.list(siblings)
}

// runOf returns the end of the siblings that follow the one at i and have its name.
func runOf(siblings soapxml.Elements, i int) int {
	name := siblings[i].Name
	for i < len(siblings) && siblings[i].Name == name {
		i += siblings[i].Span
	}
	return i
}

// hiddenOf names the member of an object that is a secret because of another: the key of a UserSession is its session
// ID, and the value of an option is secret if its key says so.
func hiddenOf(typeName string, siblings soapxml.Elements) string {
	switch {
	case typeName == "UserSession":
		return "key"
	case len(siblings) > 1 && siblings[0].Name == "key" && isSecret(siblings[0].Text):
		return "value"
	}
	return ""
}

const hex = "0123456789abcdef"

// text writes a string. What is not UTF-8 becomes U+FFFD.
func (d *document) text(s string) {
	*d = append(*d, '"')
	plain, i := 0, 0 // what is before plain is written
	for i < len(s) && len(*d)+i-plain <= maxValue {
		c, size := s[i], 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		} else if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		d.put(s[plain:i])
		d.escape(c)
		i += size
		plain = i
	}
	d.put(s[plain:i])
	*d = append(*d, '"')
}

func (d *document) escape(c byte) {
	switch {
	case c == '"' || c == '\\':
		*d = append(*d, '\\', c)
	case c == '\n':
		d.put(`\n`)
	case c == '\r':
		d.put(`\r`)
	case c == '\t':
		d.put(`\t`)
	case c < ' ':
		*d = append(*d, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	default:
		d.put(`\ufffd`)
	}
}
