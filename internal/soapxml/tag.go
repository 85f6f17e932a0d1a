package soapxml

import (
	"bytes"
	"encoding/xml"
)

// startTag reads `<name attributes>` or `<name attributes/>`.
func (s *Scanner) startTag() (Kind, error) {
	if s.depth == 0 && s.rooted {
		return 0, s.fail("a second root element")
	}
	if s.depth == MaxDepth {
		return 0, s.fail("too many elements inside each other")
	}
	colon, end, err := s.readName(s.pos + 1)
	if err != nil {
		return 0, err
	}
	s.rooted = true
	s.open[s.depth] = span{int32(s.pos + 1), int32(end)}
	s.depth++
	s.name, s.typ, s.ref = s.body[colon+1:end], nil, nil
	return Start, s.startTagEnd(end)
}

// startTagEnd reads a start tag from behind its name on.
func (s *Scanner) startTagEnd(i int) error {
	if i < len(s.body) && s.body[i] == '>' {
		s.pos = i + 1
		return nil
	}
	i, err := s.readAttributes(i)
	if err != nil {
		return err
	}
	if s.body[i] == '/' {
		if i++; i == len(s.body) {
			return s.truncated()
		}
		s.owed = true
	}
	if s.body[i] != '>' {
		return s.fail("a tag has no end")
	}
	s.pos = i + 1
	return nil
}

// endTag reads `</name>`, which must be the name of the element that was opened last.
func (s *Scanner) endTag() (Kind, error) {
	if s.depth == 0 {
		return 0, s.fail("an end tag without a start")
	}
	open := s.open[s.depth-1]
	name := s.body[open.from:open.to]
	from := s.pos + 2
	if end := from + len(name); end < len(s.body) && s.body[end] == '>' && bytes.Equal(s.body[from:end], name) {
		s.pos = end + 1
		return s.close(), nil
	}
	_, end, err := s.readName(from)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(s.body[from:end], name) {
		return 0, s.fail("an end tag of another element")
	}
	if end = s.skipSpace(end); end == len(s.body) {
		return 0, s.truncated()
	}
	if s.body[end] != '>' {
		return 0, s.fail("an end tag has no end")
	}
	s.pos = end + 1
	return s.close(), nil
}

// close ends the element that was opened last, and with it the prefixes that it bound.
func (s *Scanner) close() Kind {
	for n := len(s.bindings); n > 0 && s.bindings[n-1].depth == s.depth; n-- {
		s.bindings = s.bindings[:n-1]
	}
	s.depth--
	open := s.open[s.depth]
	name := s.body[open.from:open.to]
	s.name = name[localPart(name):]
	return End
}

// Classes of bytes in names.
const (
	nameFirst = 1 << iota // may begin a name
	nameNext              // may be inside a name
	nameWide              // is part of a character beyond ASCII
)

var nameClass = func() (class [256]uint8) {
	for c := range class {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == ':':
			class[c] = nameFirst | nameNext
		case '0' <= c && c <= '9', c == '-', c == '.':
			class[c] = nameNext
		case c >= 0x80:
			class[c] = nameFirst | nameNext | nameWide
		}
	}
	return class
}()

// readName reads a name that begins at i. It returns the offset of the byte before the local part (the colon, if there
// is a prefix) and the end. A name that reaches the end of the body was cut.
func (s *Scanner) readName(i int) (colon, end int, err error) {
	from, colons, class := i, 0, uint8(0)
	colon = i - 1
	for ; i < len(s.body) && nameClass[s.body[i]]&nameNext != 0; i++ {
		class |= nameClass[s.body[i]]
		if s.body[i] == ':' {
			colon = i
			colons++
		}
	}
	switch {
	case i == len(s.body):
		return 0, 0, s.truncated()
	case i == from || nameClass[s.body[from]]&nameFirst == 0 || colons > 1:
		return 0, 0, s.fail("a name is missing or malformed")
	case class&nameWide != 0 && !isWideName(s.body[from:i]):
		return 0, 0, s.fail("a malformed name")
	case colon == from || colon == i-1:
		colon = from - 1 // no prefix, or no local part: as encoding/xml has it, all of it is the local part
	}
	return colon, i, nil
}

// localPart returns where the local part of a name begins.
func localPart(name []byte) int {
	if colon := bytes.IndexByte(name, ':'); colon > 0 && colon < len(name)-1 {
		return colon + 1
	}
	return 0
}

// isWideName judges a name with characters beyond ASCII. VMware has none, so the price of asking does not matter.
func isWideName(name []byte) bool {
	document := append(append([]byte{'<'}, name...), '/', '>')
	_, err := xml.NewDecoder(bytes.NewReader(document)).RawToken()
	return err == nil
}
