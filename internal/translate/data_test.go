package translate

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/event"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

func TestData(t *testing.T) {
	pair := func(key, value string) soapxml.Elements {
		return node("arguments", leaf("key", key), leaf("value", value))
	}
	for _, test := range []struct {
		name     string
		class    string
		fields   soapxml.Elements
		expected map[string]any
		dropped  int
	}{
		{"a name that comes again later: the first stays", "X", siblings(leaf("a", "1"), leaf("b", "2"), leaf("a", "3")), map[string]any{"a": "1", "b": "2"}, 1},
		{"a user twice, neither being the last", "X", siblings(leaf("userName", "b"), leaf("userName", "a"), leaf("userName", "c"), leaf("userName", "a")), map[string]any{"userName": "b"}, 1},
		{"arguments are a field of other classes", "X", pair("k", "v"), map[string]any{"arguments": `{"key":"k","value":"v"}`}, 0},
		{"an argument without a key", "EventEx", node("arguments", leaf("value", "v")), map[string]any{"arguments": "v"}, 0},
		{"an argument without a value", "EventEx", node("arguments", leaf("key", "k")), map[string]any{}, 0},
		{"an argument that is called as a field", "EventEx", siblings(leaf("message", "m"), pair("message", "n")), map[string]any{"message": "m"}, 1},
		{"an argument that is called as an empty field", "EventEx", siblings(leaf("message", ""), pair("message", "n")), map[string]any{"message": "n"}, 0},
		{"a structure of nothing", "X", node("spec", leaf("a", "")), map[string]any{}, 0},
		{"session IDs", "X", siblings(leaf("sessionId", "S"), leaf("sessionId", "T"), leaf("x", "y")), map[string]any{"x": "y"}, 0},
		{"an entity of which more is said", "X", node("host", leaf("name", "h"), leaf("uuid", "u")), map[string]any{"host": `{"name":"h","uuid":"u"}`}, 0},
		{"a structure of one reference", "X", node("connectee", soapxml.Elements{{Name: "entity", Ref: "VirtualMachine", Text: "vm-1", Span: 1}}), map[string]any{"connectee": `{"entity":{"type":"VirtualMachine","value":"vm-1"}}`}, 0},
		{"an entity that is none", "X", siblings(leaf("vm", "text"), node("host", leaf("uuid", "u"))), map[string]any{"vm": "text", "host": `{"uuid":"u"}`}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			record := one(t, event.Event{Class: test.class, UserName: "a", Fields: test.fields})
			actual := map[string]any{}
			for name, value := range record.Attributes().All() {
				if len(name) > len(dataPrefix) && name[:len(dataPrefix)] == dataPrefix {
					actual[name[len(dataPrefix):]] = value.AsRaw()
				}
			}
			assert.Equal(t, test.expected, actual)
			assert.EqualValues(t, test.dropped, record.DroppedAttributesCount())
			checkBounds(t, record)
		})
	}
}
