package soapxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

var errStricter = errors.New("encoding/xml reads it, this package refuses it")

// reference builds Elements with encoding/xml, slowly and naively, and refuses what doc.go says is refused beyond that.
type reference struct {
	body     []byte
	elements Elements
	open     []opened
	texts    []string
}

type opened struct {
	index   int
	name    xml.Name
	schemas map[string]bool // bound prefixes: do they stand for the namespace of xsi:type?
}

func parseReference(body []byte) (Elements, error) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	r := &reference{body: body, open: []opened{{index: -1, schemas: map[string]bool{"xml": false}}}}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		from := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return r.finish()
		}
		if err != nil {
			return nil, err
		}
		if err = r.add(token, body[from:decoder.InputOffset()]); err != nil {
			return nil, err
		}
	}
}

func (r *reference) finish() (Elements, error) {
	if len(r.open) != 1 || len(r.elements) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	for i := range r.elements {
		if r.elements[i].Span == 1 {
			r.elements[i].Text = r.texts[i]
		}
	}
	return r.elements, nil
}

func (r *reference) add(token xml.Token, raw []byte) error {
	top := r.open[len(r.open)-1]
	switch t := token.(type) {
	case xml.StartElement:
		return r.start(t, top)
	case xml.EndElement:
		if top.index < 0 || top.name != t.Name {
			return errors.New("mismatched end tag")
		}
		r.elements[top.index].Span = len(r.elements) - top.index
		r.open = r.open[:len(r.open)-1]
	case xml.CharData:
		switch {
		case top.index >= 0:
			r.texts[top.index] += string(t)
		case strings.Trim(string(raw), " \t\r\n") != "":
			return errStricter
		}
	case xml.ProcInst:
		declares := strings.EqualFold(t.Target, "xml")
		if declares && (&raw[0] != &r.body[0] || t.Target != "xml" || !isHeader(raw[len("<?xml"):len(raw)-len("?>")])) {
			return errStricter
		}
	case xml.Directive:
		return errStricter
	}
	return nil
}

func (r *reference) start(t xml.StartElement, top opened) error {
	if len(r.open) == 1 && len(r.elements) > 0 || len(r.open) > MaxDepth || len(t.Attr) > MaxAttributes {
		return errStricter
	}
	schemas := map[string]bool{}
	for prefix, schema := range top.schemas {
		schemas[prefix] = schema
	}
	for i, a := range t.Attr {
		if slices.ContainsFunc(t.Attr[:i], func(b xml.Attr) bool { return a.Name == b.Name }) {
			return errStricter
		}
		if a.Name.Space == "xmlns" {
			schemas[a.Name.Local] = a.Value == "http://www.w3.org/2001/XMLSchema-instance"
		}
	}
	e := Element{Name: t.Name.Local}
	e.Type, e.Ref = types(t.Attr, schemas)
	r.open = append(r.open, opened{len(r.elements), t.Name, schemas})
	r.elements = append(r.elements, e)
	r.texts = append(r.texts, "")
	return nil
}

func types(attributes []xml.Attr, schemas map[string]bool) (kind, ref string) {
	local := func(a xml.Attr) string {
		value := strings.TrimSpace(a.Value)
		return value[strings.IndexByte(value, ':')+1:]
	}
	guess := ""
	for _, a := range attributes {
		schema, bound := schemas[a.Name.Space]
		switch {
		case a.Name.Local != "type" || a.Name.Space == "xmlns":
		case a.Name.Space == "":
			ref = a.Value
		case schema && kind == "":
			kind = local(a)
		case !bound && guess == "":
			guess = local(a)
		}
	}
	if kind == "" {
		kind = guess
	}
	return kind, ref
}
