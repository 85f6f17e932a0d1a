package translate

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// data adds the fields that the fixed part does not say.
func (b *builder) data(e *event.Event) {
	fields, rest := e.Fields, b.subject.rest
	for len(rest) > 0 {
		first, n := rest[0], 1
		end := first + fields[first].Span
		for n < len(rest) && rest[n] == end && fields[end].Name == fields[first].Name {
			end += fields[end].Span
			n++
		}
		b.run(e.Class, fields[first:end])
		rest = rest[n:]
	}
}

// run adds the fields of one name that stand together.
func (b *builder) run(class string, run soapxml.Elements) {
	switch {
	case isPairs(class, run[0].Name):
		b.pairs(run)
	case run[0].Span == len(run):
		b.field(run[0].Name, &run[0], run[1:])
	default:
		b.list(run)
	}
}

// isPairs reports whether a field holds pairs of key and value: they are the true fields of an event that has no class of
// its own.
func isPairs(class, field string) bool {
	return class == "EventEx" && field == "arguments" || class == "ExtendedEvent" && field == "data"
}

func (b *builder) pairs(run soapxml.Elements) {
	for i := 0; i < len(run); i += run[i].Span {
		key := run[i].Name // of a pair without one
		pair := run[i+1 : i+run[i].Span]
		for j := 0; j < len(pair); j += pair[j].Span {
			switch member := &pair[j]; {
			case member.Name == "key" && member.Text != "":
				key = member.Text
			case member.Name == "value":
				b.field(key, member, pair[j+1:j+member.Span])
			}
		}
	}
}

// field adds one field or argument.
func (b *builder) field(name string, e *soapxml.Element, children soapxml.Elements) {
	names := b.names.of(name)
	argument, whole := entityOf(children)
	switch {
	case names.secret:
	case e.Ref != "":
		b.add(names.moref, textValue(e.Text))
	case len(children) == 0 && !isObject(e):
		b.add(names.value, scalarOf(e))
	case whole && argument.name != "":
		b.add(names.name, textValue(argument.name))
		b.add(names.moref, textValue(argument.moref))
	default:
		b.json = b.json[:0]
		b.json.element(e, children)
		b.addJSON(names.value)
	}
}

// list adds fields of one name as one array.
func (b *builder) list(run soapxml.Elements) {
	names := b.names.of(run[0].Name)
	if names.secret {
		return
	}
	b.json = b.json[:0]
	b.json.list(run)
	b.addJSON(names.value)
}

// addJSON adds what was written, unless all of it was empty.
func (b *builder) addJSON(name string) {
	if len(b.json) > len("{}") {
		b.add(name, textValue(string(b.json)))
	}
}

// add adds an attribute if it says anything and there is room for it.
func (b *builder) add(name string, v value) {
	if v.empty() {
		return
	}
	a := attribute{name, v}
	a.value.text = b.cut(v.text, maxValue)
	// The last place is kept for the number of what was dropped.
	if len(b.attributes) == maxAttributes-1 || a.size() > b.room {
		if len(a.value.text) == len(v.text) { // else counted already
			b.dropped++
		}
		return
	}
	b.room -= a.size()
	b.attributes = append(b.attributes, a)
}
