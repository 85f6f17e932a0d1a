package inventory

import (
	"cmp"
	"encoding/json"
	"strings"
)

// jsonOf writes a list element as one flat object, in the order of the names: {"type":"VirtualDisk","backing.fileName":…}.
func jsonOf(fields []Property) string {
	var b strings.Builder
	separator := "{"
	for _, f := range fields {
		b.WriteString(separator + quoted(cmp.Or(f.Name, "type")) + ":" + quoted(f.Value))
		separator = ","
	}
	b.WriteByte('}')
	return b.String()
}

// quoted is a text in JSON, with < and & as they are.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text is never refused
	return strings.TrimSuffix(b.String(), "\n")
}
