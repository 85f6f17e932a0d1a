package translate

import "unicode/utf8"

// The bounds of a record. Loki refuses a line with more than 128 entries or 64 KiB of metadata, and adds about ten entries
// of its own and of the resource.
const (
	maxAttributes = 96
	maxValue      = 4 << 10
	maxRecord     = 32 << 10

	// maxFixed is how much of a record its fixed attributes may take. They are never left out, so when all of them are of
	// the longest they are cut shorter: 26 of 4 KiB would be 104 KiB.
	maxFixed = 16 << 10

	// attributeFraming is what an attribute takes in OTLP beside its name and its text, at most: four tags, three lengths of
	// up to three bytes before the last tag, and after it one more, or a number of ten bytes (with a length of one byte).
	attributeFraming = 21
	// elementFraming is what a text in a list takes beside itself: two tags, and two lengths of up to three bytes.
	elementFraming = 8
	// recordFraming is what a record takes beside its name, its body and its attributes, at most.
	recordFraming = 64
)

// cut returns as much of text as fits into limit bytes, and whether that is less than all. It does not cut a character.
func cut(text string, limit int) (string, bool) {
	if len(text) <= limit {
		return text, false
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit], true
}
