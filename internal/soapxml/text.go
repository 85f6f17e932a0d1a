package soapxml

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Places where character data stands; each is left by other bytes.
const (
	inText   = 1 << iota // between tags
	inDouble             // in double quotes
	inSingle             // in single quotes
	inCDATA
	everywhere = inText | inDouble | inSingle | inCDATA
)

// stops says in which places a byte needs a look. All others are plain: they are what they stand for.
var stops = func() (places [256]uint8) {
	for c := range places {
		if c < 0x20 || c >= utf8.RuneSelf {
			places[c] = everywhere
		}
	}
	places['\t'], places['\n'] = 0, 0
	places['<'] = everywhere &^ inCDATA
	places['&'] = everywhere &^ inCDATA
	places[']'] = inText
	places['"'] = inDouble
	places['\''] = inSingle
	return places
}()

// characters reads a run of text up to the next '<'.
func (s *Scanner) characters() (err error) {
	s.unescaped = s.unescaped[:0]
	s.text, s.pos, err = s.unescape(s.pos, len(s.body), inText)
	return err
}

// unescape reads character data from one offset to at most another and returns its value and where it ended. The value
// is a part of the body where that says what it means, otherwise it is written behind what s.unescaped holds.
func (s *Scanner) unescape(from, to int, place uint8) (value []byte, end int, err error) {
	body, i, begin := s.body[:to], from, len(s.unescaped)
	written := from // up to here the value is in s.unescaped, if it is there at all
	for {
		for i < len(body) && stops[body[i]]&place == 0 {
			i++
		}
		if i == len(body) || s.ends(i, place) {
			break
		}
		char, next, err := s.special(i, place)
		if err != nil {
			return nil, 0, err
		}
		if char >= 0 {
			s.unescaped = append(s.unescaped, body[written:i]...)
			s.unescaped = utf8.AppendRune(s.unescaped, char)
			written = next
		}
		i = next
	}
	if written == from {
		return body[from:i], i, nil
	}
	s.unescaped = append(s.unescaped, body[written:i]...)
	return s.unescaped[begin:], i, nil
}

// ends reports whether the byte at i ends the character data.
func (s *Scanner) ends(i int, place uint8) bool {
	switch s.body[i] {
	case '<':
		return place == inText
	case '"', '\'':
		return true // it stops only in its own kind of quotes
	}
	return false
}

// special judges a byte that is not plain. It returns the character that stands for what was read, or -1 where that
// stands for itself, and where to go on.
func (s *Scanner) special(i int, place uint8) (rune, int, error) {
	switch rest := s.body[i:]; rest[0] {
	case '&':
		return s.entity(i)
	case '\r':
		if len(rest) > 1 && rest[1] == '\n' {
			return '\n', i + 2, nil
		}
		return '\n', i + 1, nil
	case ']':
		if bytes.HasPrefix(rest, []byte("]]>")) {
			return 0, 0, s.fail("]]> outside of CDATA")
		}
		return -1, i + 1, nil
	case '<':
		return 0, 0, s.fail("< inside of quotes")
	default:
		return s.character(i)
	}
}

// character judges a control character, or one beyond ASCII.
func (s *Scanner) character(i int) (rune, int, error) {
	char, size := utf8.DecodeRune(s.body[i:])
	switch {
	case char == utf8.RuneError && size == 1 && !utf8.FullRune(s.body[i:]):
		return 0, 0, s.truncated()
	case char == utf8.RuneError && size == 1:
		return 0, 0, s.fail("invalid UTF-8")
	case !isCharacter(char):
		return 0, 0, s.fail("an illegal character")
	}
	return -1, i + size, nil
}

// isCharacter is the production Char of XML 1.0.
func isCharacter(r rune) bool {
	return r >= 0x20 && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= unicode.MaxRune
}

// longestEntity is more than any reference needs, leading zeros aside.
const longestEntity = 64

// entity reads a reference: one of the five that XML has, or a character by number.
func (s *Scanner) entity(i int) (rune, int, error) {
	rest := s.body[i+1:]
	length := bytes.IndexByte(rest[:min(len(rest), longestEntity)], ';')
	switch {
	case length < 0 && len(rest) < longestEntity:
		return 0, 0, s.unfinished(rest)
	case length < 0:
		return 0, 0, s.fail("an unknown entity")
	}
	char, ok := named(rest[:length])
	if !ok {
		char, ok = numbered(rest[:length])
	}
	if !ok || !isCharacter(char) {
		return 0, 0, s.fail("an unknown entity")
	}
	return char, i + 1 + length + 1, nil
}

// unfinished tells a reference that was cut from one that lacks its semicolon.
func (s *Scanner) unfinished(rest []byte) error {
	for _, c := range rest {
		if c != '#' && nameClass[c]&nameNext == 0 {
			return s.fail("an entity without an end")
		}
	}
	return s.truncated()
}

func named(name []byte) (rune, bool) {
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	return 0, false
}

// numbered reads #n or #xn. A surrogate becomes U+FFFD, as in encoding/xml: one odd character in one message is no
// reason to refuse a page.
func numbered(text []byte) (rune, bool) {
	digits, ok := bytes.CutPrefix(text, []byte("#"))
	base := rune(10)
	if hex, cut := bytes.CutPrefix(digits, []byte("x")); cut {
		digits, base = hex, 16
	}
	value := rune(0)
	for _, c := range digits {
		d := digit(c)
		if d >= base || value > unicode.MaxRune {
			return 0, false
		}
		value = value*base + d
	}
	if value >= 0xD800 && value <= 0xDFFF {
		value = utf8.RuneError
	}
	return value, ok && len(digits) > 0
}

func digit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return unicode.MaxRune
}
