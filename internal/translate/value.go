package translate

import (
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

const (
	kindText = iota
	kindInt
	kindBool
	kindDouble
	kindList
)

// value is what an attribute holds: text, a list of texts, or bits that are a number.
type value struct {
	text string
	list []string
	bits uint64
	kind uint8
}

func textValue(text string) value { return value{text: text} }

func intValue(n int64) value { return value{bits: uint64(n), kind: kindInt} }

func listValue(list []string) value { return value{list: list, kind: kindList} }

// empty reports whether a value says nothing.
func (v value) empty() bool {
	return v.kind == kindText && v.text == "" || v.kind == kindList && len(v.list) == 0
}

func (v value) integer() int64  { return int64(v.bits) }
func (v value) boolean() bool   { return v.bits != 0 }
func (v value) double() float64 { return math.Float64frombits(v.bits) }

// scalarOf returns what an element says that it is. A text that is not of the type which it names stays a text.
func scalarOf(e *soapxml.Element) value {
	switch e.Type {
	case "int", "long", "short", "byte":
		if n, err := strconv.ParseInt(e.Text, 10, 64); err == nil {
			return intValue(n)
		}
	case "boolean":
		switch e.Text {
		case "true", "1":
			return value{bits: 1, kind: kindBool}
		case "false", "0":
			return value{kind: kindBool}
		}
	case "double", "float":
		// Infinities and NaN are no JSON, and no number to most back ends.
		if f, err := strconv.ParseFloat(e.Text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return value{bits: math.Float64bits(f), kind: kindDouble}
		}
	}
	return textValue(e.Text)
}

func (v value) copyTo(to pcommon.Value) {
	switch v.kind {
	case kindInt:
		to.SetInt(v.integer())
	case kindBool:
		to.SetBool(v.boolean())
	case kindDouble:
		to.SetDouble(v.double())
	case kindList:
		list := to.SetEmptySlice()
		list.EnsureCapacity(len(v.list))
		for _, text := range v.list {
			list.AppendEmpty().SetStr(text)
		}
	default:
		to.SetStr(v.text)
	}
}

// attribute is one that a record will have.
type attribute struct {
	name  string
	value value
}

func (a attribute) size() int {
	size := len(a.name) + len(a.value.text) + attributeFraming
	for _, text := range a.value.list {
		size += len(text) + elementFraming
	}
	return size
}
