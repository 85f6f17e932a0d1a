package operators

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// put writes a value that an operator may have made.
func put(value any, to pcommon.Value) {
	switch v := value.(type) {
	case map[string]any:
		putMap(v, to.SetEmptyMap())
	case []any:
		putSlice(v, to.SetEmptySlice())
	case []string:
		putSlice(v, to.SetEmptySlice())
	case time.Time:
		to.SetStr(v.UTC().Format(time.RFC3339Nano))
	default:
		if err := to.FromRaw(v); err != nil {
			to.SetStr(fmt.Sprint(v))
		}
	}
}

// putMap writes attributes in the order of their names: a map has none, and the bytes are to be the same every time.
func putMap(values map[string]any, to pcommon.Map) {
	to.Clear()
	to.EnsureCapacity(len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		put(values[name], to.PutEmpty(name))
	}
}

func putSlice[T any](values []T, to pcommon.Slice) {
	to.EnsureCapacity(len(values))
	for _, v := range values {
		put(v, to.AppendEmpty())
	}
}
