package inventory

import "strings"

// interner gives equal texts the same memory, and copies them out of the page that they were read in: a substring of a
// page would keep all of it.
type interner struct {
	texts map[string]string
	limit int // how many texts are known at most; then it begins anew
}

func newInterner(limit int) *interner {
	return &interner{texts: map[string]string{}, limit: limit}
}

func (i *interner) bytes(text []byte) string {
	if known, ok := i.texts[string(text)]; ok {
		return known
	}
	return i.add(string(text))
}

func (i *interner) text(text string) string {
	if known, ok := i.texts[text]; ok {
		return known
	}
	return i.add(strings.Clone(text))
}

func (i *interner) add(text string) string {
	if len(i.texts) >= i.limit {
		clear(i.texts)
	}
	i.texts[text] = text
	return text
}
