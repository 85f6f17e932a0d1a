package soapxml

import (
	"bytes"
	"io"
	"strings"
)

// Parse reads a whole document: one root element with everything below it. The elements own their strings, all of them
// parts of one copy of the document's text, so that any of them keeps all of it in memory.
func Parse(body []byte) (Elements, error) {
	p := page{scanner: NewScanner(body)}
	if p.scanner.err != nil {
		return nil, p.scanner.err
	}
	p.text.Grow(len(body)) // nothing that is read is longer than it was written
	// An element has two '<', of its start and of its end, and about 33 bytes; more are taken only when they are there.
	p.elements = make(Elements, 0, min(bytes.Count(body, []byte("<"))/2, len(body)/16)+1)
	for {
		kind, err := p.scanner.Next()
		switch err {
		case nil:
			p.add(kind)
		case io.EOF:
			return p.elements, nil
		default:
			return nil, err
		}
	}
}

// page is a document that is being read.
type page struct {
	scanner  *Scanner
	elements Elements
	open     [MaxDepth]int // indices of the elements that are open
	text     strings.Builder
	leaf     int         // where in text the character data of the last element begins
	names    [512]string // by hash
}

func (p *page) add(kind Kind) {
	s := p.scanner
	switch kind {
	case Start:
		p.open[s.Depth()-1] = len(p.elements)
		p.elements = append(p.elements, Element{Name: p.intern(s.Name()), Type: p.intern(s.Type()), Ref: p.intern(s.Ref())})
		p.leaf = p.text.Len()
	case Text:
		// Only the last element can still turn out to have no children.
		if p.open[s.Depth()-1] == len(p.elements)-1 {
			p.text.Write(s.Text())
		}
	case End:
		i := p.open[s.Depth()]
		e := &p.elements[i]
		if e.Span = len(p.elements) - i; e.Span == 1 {
			e.Text = p.text.String()[p.leaf:]
		}
	}
}

// intern returns name as a string. A page of 1,000 events has 30,000 names, and a hundred different ones.
func (p *page) intern(name []byte) string {
	if len(name) == 0 {
		return ""
	}
	n := len(name)
	known := &p.names[(n*131+int(name[0])*31+int(name[n/2])*17+int(name[n-1]))%len(p.names)]
	if *known != string(name) {
		from := p.text.Len()
		p.text.Write(name)
		*known = p.text.String()[from:]
	}
	return *known
}
