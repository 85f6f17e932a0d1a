package soapxml

import "iter"

// Element is one XML element of a flat list in document order.
type Element struct {
	Name string // local name
	Type string // local part of xsi:type, "" where there is none
	Ref  string // value of the plain attribute `type`: the type of a ManagedObjectReference
	Text string // unescaped character data; "" where there are child elements
	Span int    // number of elements of this one and everything below it: the next sibling is Span further
}

// Elements are siblings in document order, each followed by everything below it.
type Elements []Element

// All yields each sibling with its children.
func (e Elements) All() iter.Seq2[Element, Elements] {
	return func(yield func(Element, Elements) bool) {
		for i := 0; i < len(e); i += e[i].Span {
			if !yield(e[i], e[i+1:i+e[i].Span]) {
				return
			}
		}
	}
}

// Find returns the first sibling of that name with its children.
func (e Elements) Find(name string) (Element, Elements, bool) {
	for i := 0; i < len(e); i += e[i].Span {
		if e[i].Name == name {
			return e[i], e[i+1 : i+e[i].Span], true
		}
	}
	return Element{}, nil, false
}

// Text returns the text at a path of names, "" where there is none.
func (e Elements) Text(path ...string) string {
	var found Element
	for _, name := range path {
		var ok bool
		if found, e, ok = e.Find(name); !ok {
			return ""
		}
	}
	return found.Text
}
