package property

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// follow finds what a version of an object has at a path; the zero Value where it has nothing.
func follow(object any, path string) reflect.Value {
	v := reflect.ValueOf(object)
	for name := range strings.SplitSeq(path, ".") {
		if v = dereference(v); v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		at, ok := fieldsOf(v.Type())[name]
		if !ok {
			return reflect.Value{}
		}
		v = v.FieldByIndex(at)
	}
	return v
}

func dereference(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// read is what an object has at a path, as the wire has it; nil where the property is unset. A list that is a property of
// its own is there even where it is empty.
func read(object any, path string) any {
	v := follow(object, path)
	if v = dereference(v); !v.IsValid() {
		return nil
	}
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() && strings.Contains(path, ".") {
			return nil
		}
		return array(v)
	case reflect.String:
		if v.Len() == 0 && strings.Contains(path, ".") {
			return nil
		}
	case reflect.Struct:
		if ref, ok := v.Interface().(types.ManagedObjectReference); ok && ref.Value == "" {
			return nil
		}
	}
	return v.Interface()
}

var typeNamed = types.TypeFunc()

// array is a list in the type that a property has to have: ArrayOfVirtualDevice.
func array(v reflect.Value) any {
	name := v.Type().Elem().Name()
	if v.Type().Elem().Kind() == reflect.Interface {
		name = strings.TrimPrefix(name, "Base")
	}
	switch name {
	case "int32":
		name = "int"
	case "int64":
		name = "long"
	case "uint8":
		name = "byte"
	}
	of, ok := typeNamed("ArrayOf" + strings.ToUpper(name[:1]) + name[1:])
	if !ok {
		return v.Interface()
	}
	list := reflect.New(of).Elem()
	list.Field(0).Set(v)
	return list.Interface()
}

// references are the objects that an object names at a path.
func references(object any, path string) []types.ManagedObjectReference {
	switch v := read(object, path).(type) {
	case types.ManagedObjectReference:
		return []types.ManagedObjectReference{v}
	case types.ArrayOfManagedObjectReference:
		return v.ManagedObjectReference
	}
	return nil
}
