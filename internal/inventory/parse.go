package inventory

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// parse reads what the Body of an answer holds. A guest may call itself anything, and vCenter passes it on: a control character in the
// name of one machine, which no XML has, must not hide all the others.
func parse(body []byte) (soapxml.Elements, error) {
	elements, err := soapxml.Body(body)
	if soapxml.IsSyntax(err) && !soapxml.IsTruncated(err) {
		return soapxml.Body(legible(body))
	}
	return elements, err
}

// reference is a character by number.
var reference = regexp.MustCompile(`&#(x[0-9A-Fa-f]+|[0-9]+);`)

// legible puts U+FFFD in the place of what is no character of XML, and of what is not UTF-8.
func legible(body []byte) []byte {
	body = bytes.Map(func(r rune) rune {
		if isCharacter(r) {
			return r
		}
		return utf8.RuneError
	}, body)
	return reference.ReplaceAllFunc(body, func(text []byte) []byte {
		number := text[len("&#") : len(text)-len(";")]
		base := 10
		if number[0] == 'x' {
			number, base = number[1:], 16
		}
		if n, err := strconv.ParseInt(string(number), base, 32); err == nil && isCharacter(rune(n)) {
			return text
		}
		return []byte(string(utf8.RuneError))
	})
}

// isCharacter is the production Char of XML 1.0.
func isCharacter(r rune) bool {
	return r >= ' ' && utf8.ValidRune(r) && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == '\n' || r == '\r'
}
