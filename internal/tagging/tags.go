package tagging

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Tag is a tag as people know it.
type Tag struct {
	Category string // "" where the account may not see it
	Name     string
}

// String is category:name, or the name alone. Both may hold colons themselves.
func (t Tag) String() string {
	if t.Category == "" {
		return t.Name
	}
	return t.Category + ":" + t.Name
}

func byCategory(a, b Tag) int {
	return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name))
}

// Tags are the tags of objects as they were at one moment. It is a value that never changes and costs nothing to copy; its zero
// value knows nothing.
type Tags struct{ book *book }

// Known reports whether tags were ever read.
func (t Tags) Known() bool { return t.book != nil }

// At is when the last reading of everything ended; zero before that.
func (t Tags) At() time.Time {
	if t.book == nil {
		return time.Time{}
	}
	return t.book.at
}

// Of returns the tags of an object, by category and name; none where it has none or is not known. The slice must not be
// changed: others have it too.
func (t Tags) Of(moref string) []Tag { return t.label(moref).tags }

// Lacks reports whether the tags of an object were not asked for yet: it is new. One of a type that has no tags lacks none.
func (t Tags) Lacks(class, moref string) bool {
	if t.book == nil || !taggable[class] {
		return false
	}
	_, known := t.book.labels[moref]
	return !known
}

// Words are the same as texts.
func (t Tags) Words() Words { return Words{t} }

// Words are the tags of objects as texts: see Tag.String.
type Words struct{ tags Tags }

// Of returns the tags of an object in the order of Tags.Of. The slice must not be changed.
func (w Words) Of(moref string) []string { return w.tags.label(moref).words }

func (t Tags) label(moref string) label {
	if t.book != nil {
		if l := t.book.labels[moref]; l != nil {
			return *l
		}
	}
	return label{}
}

// label is a set of tags. Objects with the same tags share one.
type label struct {
	tags  []Tag
	words []string
}

func newLabel(tags []Tag) *label {
	slices.SortFunc(tags, byCategory)
	tags = slices.Clip(slices.Compact(tags))
	l := &label{tags: tags, words: make([]string, len(tags))}
	for i, tag := range tags {
		l.words[i] = tag.String()
	}
	return l
}

// maxGone bounds how many objects that are gone keep their tags. It is as many as the inventory remembers.
const maxGone = 4096

// book holds what was read. It never changes.
type book struct {
	at     time.Time
	labels map[string]*label // by moref, of all objects that were asked for; an empty one where there are no tags
	gone   []string          // morefs that are not wanted any more, the oldest first
}

// lacks returns those objects that were never asked for.
func (b *book) lacks(objects []object) (lacking []object) {
	if b == nil {
		return objects
	}
	for _, o := range objects {
		if _, known := b.labels[o.Value]; !known {
			lacking = append(lacking, o)
		}
	}
	return lacking
}

// with is the book after something was read. An object that was asked for in vain stays as it was.
func (b *book) with(read map[string]*label, inVain []object) *book {
	next := &book{labels: map[string]*label{}}
	if b != nil {
		next.at, next.gone, next.labels = b.at, b.gone, maps.Clone(b.labels)
	}
	for _, o := range inVain {
		if next.labels[o.Value] == nil {
			next.labels[o.Value] = nothing
		}
	}
	maps.Copy(next.labels, read)
	return next
}

var nothing = &label{}

// only is the book without the tags of objects that are not wanted, but for those that went last and had some.
func (b *book) only(wanted []object) *book {
	here := make(map[string]bool, len(wanted))
	for _, o := range wanted {
		here[o.Value] = true
	}
	gone := slices.DeleteFunc(slices.Clone(b.gone), func(moref string) bool { return here[moref] })
	before := setOf(gone)
	var more []string
	labels := make(map[string]*label, len(wanted))
	for moref, l := range b.labels {
		switch {
		case here[moref]:
			labels[moref] = l
		case !before[moref] && len(l.tags) > 0:
			more = append(more, moref)
		}
	}
	slices.SortFunc(more, strings.Compare)
	gone = append(gone, more...)
	gone = slices.Clip(gone[max(len(gone)-maxGone, 0):])
	for _, moref := range gone {
		labels[moref] = b.labels[moref]
	}
	return &book{at: b.at, labels: labels, gone: gone}
}

func setOf(all []string) map[string]bool {
	set := make(map[string]bool, len(all))
	for _, one := range all {
		set[one] = true
	}
	return set
}
