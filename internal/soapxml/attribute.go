package soapxml

import "bytes"

// attribute is one attribute of the current start tag.
type attribute struct {
	name  []byte // as written
	local int    // where its local part begins
	value []byte
}

func (a *attribute) prefix() []byte { return a.name[:max(a.local-1, 0)] }

// binding says what a prefix stands for in the element at depth and below.
type binding struct {
	prefix []byte
	depth  int
	schema bool // the namespace of xsi:type
}

var schemaInstance = []byte("http://www.w3.org/2001/XMLSchema-instance")

// readAttributes reads from behind a tag's name to the '/' or '>' that ends the tag, and sets Type and Ref.
func (s *Scanner) readAttributes(i int) (int, error) {
	s.unescaped = s.unescaped[:0]
	for n := 0; ; n++ {
		if i = s.skipSpace(i); i == len(s.body) {
			return 0, s.truncated()
		}
		if s.body[i] == '/' || s.body[i] == '>' {
			s.interpret(s.attributes[:n])
			return i, nil
		}
		if n == MaxAttributes {
			return 0, s.fail("too many attributes")
		}
		var err error
		if i, err = s.readAttribute(i, n); err != nil {
			return 0, err
		}
	}
}

// readAttribute reads `name="value"` as the attribute n.
func (s *Scanner) readAttribute(i, n int) (int, error) {
	colon, end, err := s.readName(i)
	if err != nil {
		return 0, err
	}
	name := s.body[i:end]
	for _, other := range s.attributes[:n] {
		if bytes.Equal(other.name, name) {
			return 0, s.fail("an attribute twice")
		}
	}
	value, next, err := s.readValue(end)
	s.attributes[n] = attribute{name: name, local: colon + 1 - i, value: value}
	return next, err
}

// readValue reads `="value"` in either quote.
func (s *Scanner) readValue(i int) ([]byte, int, error) {
	if i = s.skipSpace(i); i == len(s.body) {
		return nil, 0, s.truncated()
	}
	if s.body[i] != '=' {
		return nil, 0, s.fail("an attribute without a value")
	}
	if i = s.skipSpace(i + 1); i == len(s.body) {
		return nil, 0, s.truncated()
	}
	var value []byte
	var err error
	switch s.body[i] {
	case '"':
		value, i, err = s.unescape(i+1, len(s.body), inDouble)
	case '\'':
		value, i, err = s.unescape(i+1, len(s.body), inSingle)
	default:
		return nil, 0, s.fail("an attribute value without quotes")
	}
	if err == nil && i == len(s.body) {
		err = s.truncated()
	}
	return value, i + 1, err
}

// interpret takes from the attributes of an element what Type and Ref say. Prefixes come first: an element may use a
// prefix before it binds it, as in `xsi:type="VmEvent" xmlns:xsi="…"`.
func (s *Scanner) interpret(attributes []attribute) {
	for i := range attributes {
		a := &attributes[i]
		if string(a.prefix()) == "xmlns" {
			s.bindings = append(s.bindings, binding{a.name[a.local:], s.depth, bytes.Equal(a.value, schemaInstance)})
		}
	}
	certain := false
	for i := range attributes {
		a := &attributes[i]
		if string(a.name[a.local:]) != "type" || string(a.prefix()) == "xmlns" {
			continue
		}
		if a.local == 0 {
			s.ref = a.value
			continue
		}
		schema, bound := s.resolve(a.prefix())
		name := typeName(a.value)
		if len(name) > 0 && (schema && !certain || !bound && s.typ == nil) {
			s.typ, certain = name, schema
		}
	}
}

// resolve reports whether a prefix stands for the namespace of xsi:type, and whether it stands for any. One that nobody
// bound is taken for it: a middle box that cuts an answer down to its body drops the binding on the Envelope.
func (s *Scanner) resolve(prefix []byte) (schema, bound bool) {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if bytes.Equal(s.bindings[i].prefix, prefix) {
			return s.bindings[i].schema, true
		}
	}
	return false, string(prefix) == "xml"
}

// typeName returns the local part of an xsi:type: `vim25:VmEvent` is VmEvent.
func typeName(value []byte) []byte {
	value = bytes.TrimSpace(value)
	return value[bytes.IndexByte(value, ':')+1:]
}
