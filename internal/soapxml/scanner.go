package soapxml

import (
	"bytes"
	"io"
)

// Limits of a document. vCenter's answers stay far below: a page of 1,000 events is about 1.2 MB and 15 deep, a chain of
// 32 snapshots, the most that a VM can have, about 45 deep.
const (
	MaxDepth      = 128       // elements inside each other
	MaxSize       = 256 << 20 // bytes; offsets are kept in 32 bits
	MaxAttributes = 64        // of one element; each is compared with the others
)

// Kind is what a token is.
type Kind uint8

const (
	// Start is the begin of an element: Name, Type and Ref are its own.
	Start Kind = iota + 1
	// Text is a run of character data: Text is its unescaped value. An element's text can come in several runs.
	Text
	// End is the end of an element, also of one that closes itself: Name is its own.
	End
)

// Scanner pulls the tokens of a document. Comments, instructions and white space around the root element are not told.
//
// What Name, Type, Ref and Text return points into the body or into a buffer of the scanner, and holds until the next
// call of Next. A Scanner is for one goroutine.
type Scanner struct {
	body  []byte
	pos   int // of the next byte
	start int // of the current token

	name, typ, ref, text []byte

	depth  int
	open   [MaxDepth]span // names of the elements that are open, as written
	rooted bool           // the root element was seen
	owed   bool           // the element closed itself: its end is still to be told
	err    error

	unescaped  []byte // values that differ from how they were written
	attributes [MaxAttributes]attribute
	bindings   []binding
}

var byteOrderMark = []byte("\uFEFF")

// span is a range of the body.
type span struct{ from, to int32 }

// NewScanner returns a Scanner at the begin of body, which must not change while it is read.
func NewScanner(body []byte) *Scanner { return newScanner(body, MaxSize) }

func newScanner(body []byte, limit int) *Scanner {
	s := &Scanner{body: body}
	if len(body) > limit {
		s.err = s.fail("the body is too large")
	}
	if bytes.HasPrefix(body, byteOrderMark) {
		s.pos = len(byteOrderMark)
	} else if bytes.HasPrefix(byteOrderMark, body) {
		s.pos = len(body) // nothing, or a mark that was cut
	}
	return s
}

// Next goes on to the next token. It returns io.EOF when the document is complete, and the same error ever after.
func (s *Scanner) Next() (Kind, error) {
	if s.err != nil {
		return 0, s.err
	}
	kind, err := s.next()
	s.err = err
	return kind, err
}

// Name returns the local name of the element that begins or ends.
func (s *Scanner) Name() []byte { return s.name }

// Type returns the local part of the element's xsi:type, empty where it has none.
func (s *Scanner) Type() []byte { return s.typ }

// Ref returns the element's plain attribute `type`, empty where it has none.
func (s *Scanner) Ref() []byte { return s.ref }

// Text returns the character data.
func (s *Scanner) Text() []byte { return s.text }

// Depth returns how many elements are open, one that begins included and one that ends not.
func (s *Scanner) Depth() int { return s.depth }

func (s *Scanner) next() (Kind, error) {
	if s.owed {
		s.owed = false
		return s.close(), nil
	}
	for s.pos < len(s.body) {
		s.start = s.pos
		if s.body[s.pos] != '<' {
			if s.depth > 0 {
				return Text, s.characters()
			}
			if err := s.space(); err != nil {
				return 0, err
			}
			continue
		}
		kind, err := s.markup()
		if kind != 0 || err != nil {
			return kind, err
		}
	}
	s.start = s.pos
	if s.depth > 0 || !s.rooted {
		return 0, s.truncated()
	}
	return 0, io.EOF
}

// markup reads what begins with '<'. Its kind is zero for what is not told.
func (s *Scanner) markup() (Kind, error) {
	if s.pos+1 == len(s.body) {
		return 0, s.truncated()
	}
	switch s.body[s.pos+1] {
	case '/':
		return s.endTag()
	case '?':
		return 0, s.instruction()
	case '!':
		return s.declaration()
	default:
		return s.startTag()
	}
}

// space skips white space, the only character data that may stand outside of the root element.
func (s *Scanner) space() error {
	s.pos = s.skipSpace(s.pos)
	if s.pos < len(s.body) && s.body[s.pos] != '<' {
		return s.fail("text outside of the root element")
	}
	return nil
}

func (s *Scanner) skipSpace(i int) int {
	for i < len(s.body) && isSpace(s.body[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
