package inventory

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// trackingVersion is to be raised with every change of what is asked for or kept: what an older version did not know of is
// then no news.
const trackingVersion = 1

// Tracking says which properties are news when they change.
type Tracking struct {
	version int
	exclude []string
}

// PatternError names a pattern that can match no property.
type PatternError struct{ Pattern string }

func (e *PatternError) Error() string {
	return fmt.Sprintf("%q is not the name of a property, or a pattern of such names as in guest.* or config.hardware.device[*].backing", e.Pattern)
}

// NewTracking tracks all but what is excluded: names of properties, in which * stands for anything, and which stand for
// all that is below them. A type before it, as in VirtualMachine:guest.ipAddress, restricts a pattern to objects of that
// type.
func NewTracking(exclude []string) (*Tracking, error) {
	for _, pattern := range exclude {
		if _, name, typed := strings.Cut(pattern, ":"); pattern == "" || typed && name == "" || strings.ContainsAny(pattern, " \t\n") {
			return nil, &PatternError{pattern}
		}
	}
	return &Tracking{version: trackingVersion, exclude: slices.Sorted(slices.Values(exclude))}, nil
}

// Tracks reports whether a change of a property is news.
func (t *Tracking) Tracks(class, name string) bool {
	var buffer [128]byte
	if untracked[string(appendShape(buffer[:0], name))] {
		return false
	}
	return !slices.ContainsFunc(t.exclude, func(pattern string) bool { return excludes(pattern, class, name) })
}

func excludes(pattern, class, name string) bool {
	if only, rest, typed := strings.Cut(pattern, ":"); typed {
		if only != class {
			return false
		}
		pattern = rest
	}
	return matches(pattern, name)
}

// matches reports whether a pattern matches a name, or one that the name is below.
func matches(pattern, name string) bool {
	literal, rest, star := strings.Cut(pattern, "*")
	if !star {
		return within(name, literal)
	}
	if !strings.HasPrefix(name, literal) {
		return false
	}
	for name = name[len(literal):]; ; name = name[1:] {
		if rest == "" || matches(rest, name) {
			return true
		}
		if name == "" {
			return false
		}
	}
}

// tracked yields the properties of an object that are.
func (t *Tracking) tracked(o *Object) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, value := range o.All() {
			if t.Tracks(o.Type, name) && !yield(name, value) {
				return
			}
		}
	}
}

func (t *Tracking) equal(other *Tracking) bool {
	return t.version == other.version && slices.Equal(t.exclude, other.exclude)
}
