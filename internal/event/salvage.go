package event

import (
	"bytes"
	"html"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"
)

// Salvage makes an event of an answer with one event that is not well-formed XML, for the reason of a failed Decode: what
// can be told of it without a document. Its key and its time, where they can be read, make it the event that it is; its own
// fields are lost. It reports false for an answer that holds no event, or more than one.
func Salvage(answer []byte, reason error) (Event, bool) {
	_, response, found := bytes.Cut(answer, []byte("EventsResponse"))
	if !found || bytes.Count(response, []byte("<returnval")) != 1 {
		return Event{}, false
	}
	_, content, _ := bytes.Cut(response, []byte("<returnval"))
	tag, fields, _ := strings.Cut(string(content), ">")
	e := Event{Class: salvagedClass(tag), Unreadable: reason.Error(), Hash: xxhash.Sum64(content), Size: len(content)}
	e.Key, e.Keyed = parseInt(salvagedText(fields, "key"))
	e.ChainID, _ = parseInt(salvagedText(fields, "chainId"))
	e.Created, e.Timed = parseTime(salvagedText(fields, "createdTime"))
	e.UserName = salvagedText(fields, "userName")
	e.Message = salvagedText(fields, "fullFormattedMessage")
	return e, true
}

// salvagedClass is the local part of the xsi:type in a start tag.
func salvagedClass(tag string) string {
	_, value, found := strings.Cut(tag, `type="`)
	value, _, closed := strings.Cut(value, `"`)
	if !found || !closed || !strings.HasSuffix(value, "Event") && !strings.HasSuffix(value, "EventEx") {
		return "Event"
	}
	return printable(value[strings.LastIndexByte(value, ':')+1:])
}

// salvagedText is the text of the first element of a name. The base fields stand before a class's own, in which the same
// names may come again.
func salvagedText(fields, name string) string {
	_, rest, found := strings.Cut(fields, "<"+name+">")
	text, _, closed := strings.Cut(rest, "</"+name+">")
	if !found || !closed || strings.ContainsRune(text, '<') {
		return ""
	}
	return printable(html.UnescapeString(text))
}

// printable leaves out what makes a text unfit for a record: bytes that are no UTF-8, and control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
