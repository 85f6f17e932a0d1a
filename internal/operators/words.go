package operators

import (
	"iter"
	"reflect"
	"regexp"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator"
)

// mistake is something that a user can write, and that means something else.
type mistake struct {
	pattern *regexp.Regexp
	reason  string
}

var mistakes = []mistake{
	{
		// All our names have dots: a mask of attributes.user.name would be silent, and mask nothing.
		regexp.MustCompile(`\b(attributes|resource)\.(client|log|server|service|user|user_agent|vcenter)\.`),
		`a name with dots is written in brackets, as in attributes["user.name"]; without, it is the field "name" in an attribute "user"`,
	},
	{
		regexp.MustCompile(`\bnow\s*\(`),
		"a record that is sent again must be the same record, which it is not with the present time in it",
	},
}

// setting is the value of a setting that types of operators have in common, nil where one has not.
func setting(b operator.Builder, name string) any {
	field := reflect.Indirect(reflect.ValueOf(b)).FieldByName(name)
	if !field.IsValid() {
		return nil
	}
	return field.Interface()
}

// words are all texts in the configuration of an operator: expressions, names of fields, values.
func words(b operator.Builder) iter.Seq[string] {
	return func(yield func(string) bool) { walk(reflect.ValueOf(b), yield) }
}

// walk reports whether to go on.
func walk(v reflect.Value, yield func(string) bool) bool {
	if field, ok := fieldOf(v); ok {
		return yield(field)
	}
	switch v.Kind() {
	case reflect.String:
		return yield(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || walk(v.Elem(), yield)
	case reflect.Struct:
		return walkStruct(v, yield)
	case reflect.Slice:
		for i := range v.Len() {
			if !walk(v.Index(i), yield) {
				return false
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if !walk(v.MapIndex(key), yield) {
				return false
			}
		}
	}
	return true
}

func walkStruct(v reflect.Value, yield func(string) bool) bool {
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() && !walk(v.Field(i), yield) {
			return false
		}
	}
	return true
}

// fieldOf is the name of a field of entries, as a user writes it.
func fieldOf(v reflect.Value) (string, bool) {
	if !v.IsValid() || !v.CanInterface() {
		return "", false
	}
	switch field := v.Interface().(type) {
	case entry.AttributeField:
		return field.String(), true
	case entry.ResourceField:
		return field.String(), true
	}
	return "", false
}
