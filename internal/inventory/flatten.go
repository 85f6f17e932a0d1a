package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

const (
	maxNames  = 1 << 16
	maxValues = 1 << 15
	longValue = 64 // a longer one is hardly ever there twice
)

// flattener reads the values of properties into flat lists. It is for one goroutine.
type flattener struct {
	names  *interner
	values *interner

	name    []byte // of what is being read
	shape   []byte // of name
	members []string
	out     []Property
}

func newFlattener() *flattener {
	return &flattener{names: newInterner(maxNames), values: newInterner(maxValues)}
}

// flatten appends what a value at a path holds.
func (f *flattener) flatten(out []Property, path string, value soapxml.Element, below soapxml.Elements) []Property {
	f.out = out
	f.name = append(f.name[:0], path...)
	f.shape = appendShape(f.shape[:0], path)
	switch {
	case noise[string(f.shape)]:
	case strings.HasPrefix(value.Type, "ArrayOf"):
		f.run(below)
	case strings.HasSuffix(path, "]"):
		f.one(value, below)
	default:
		f.node(value, below)
	}
	return f.out
}

// one reads an element of a list that comes alone.
func (f *flattener) one(e soapxml.Element, below soapxml.Elements) {
	if l, ok := lists[string(f.shape)]; ok {
		f.element(e, below, l, "")
		return
	}
	f.node(e, below)
}

// node reads a scalar or a structure.
func (f *flattener) node(e soapxml.Element, below soapxml.Elements) {
	if len(below) == 0 {
		f.add(e.Text)
		return
	}
	f.structure(e, below)
}

func (f *flattener) structure(e soapxml.Element, fields soapxml.Elements) {
	if classed[string(f.shape)] {
		f.add(e.Type)
	}
	f.fields(fields)
}

// fields reads those of a structure. A list is a run of siblings of one name.
func (f *flattener) fields(fields soapxml.Elements) {
	for len(fields) > 0 {
		n := runLength(fields)
		name, shape := len(f.name), len(f.shape)
		f.name = append(append(f.name, '.'), fields[0].Name...)
		f.shape = append(append(f.shape, '.'), fields[0].Name...)
		if !noise[string(f.shape)] {
			f.run(fields[:n])
		}
		f.name, f.shape = f.name[:name], f.shape[:shape]
		fields = fields[n:]
	}
}

// runLength is how many elements the leading siblings of one name are, with all below them.
func runLength(siblings soapxml.Elements) int {
	n := siblings[0].Span
	for n < len(siblings) && siblings[n].Name == siblings[0].Name {
		n += siblings[n].Span
	}
	return n
}

// run reads siblings of one name: a list, a set, or a value.
func (f *flattener) run(run soapxml.Elements) {
	if l, ok := lists[string(f.shape)]; ok {
		f.elements(run, l, "")
		return
	}
	switch {
	case len(run) == 0:
	case run[0].Span == len(run):
		f.node(run[0], run[1:])
	case !slices.ContainsFunc(run, func(e soapxml.Element) bool { return e.Span > 1 }):
		f.set(run)
	default:
		f.places(run)
	}
}

// elements reads a list of structures. All elements of a tree are named as if they were beside each other, so that one does
// not get another name when another is taken out above it.
func (f *flattener) elements(run soapxml.Elements, l list, parent string) {
	name := len(f.name)
	for e, fields := range run.All() {
		key := fields.Text(strings.Split(l.key, ".")...)
		if l.skip != nil && l.skip(e.Type, fields) {
			continue
		}
		f.name = appendKey(f.name, key)
		f.element(e, fields, l, parent)
		f.name = f.name[:name]
		if l.children != "" {
			f.elements(children(fields, l.children), l, key)
		}
	}
}

func (f *flattener) element(e soapxml.Element, fields soapxml.Elements, l list, parent string) {
	if l.value != "" {
		f.add(fields.Text(l.value))
		return
	}
	f.structure(e, fields)
	if parent != "" {
		f.name = append(f.name, ".parent"...)
		f.add(parent)
	}
}

// children are the siblings of one name among others.
func children(fields soapxml.Elements, name string) soapxml.Elements {
	for i := 0; i < len(fields); i += fields[i].Span {
		if fields[i].Name == name {
			return fields[i : i+runLength(fields[i:])]
		}
	}
	return nil
}

func (f *flattener) set(run soapxml.Elements) {
	f.members = f.members[:0]
	for _, e := range run {
		if e.Text != "" {
			f.members = append(f.members, e.Text)
		}
	}
	f.add(values(f.members))
}

// places reads a list that is not known.
func (f *flattener) places(run soapxml.Elements) {
	name, place := len(f.name), 0
	for e, below := range run.All() {
		f.name = appendKey(f.name, strconv.Itoa(place))
		f.node(e, below)
		f.name = f.name[:name]
		place++
	}
}

func (f *flattener) add(value string) {
	switch {
	case value == "":
		return
	case len(value) > longValue:
		value = strings.Clone(value)
	default:
		value = f.values.text(value)
	}
	f.out = append(f.out, Property{Name: f.names.bytes(f.name), Value: value})
}
