package inventory

import (
	"iter"
	"slices"
	"strings"
)

// Object is one managed object as it was at some moment. It never changes.
type Object struct {
	Type  string // VirtualMachine, ClusterComputeResource, …
	Moref string // the value of its reference: vm-42. It is unique in a vCenter, whatever the type

	names  []string // of the properties, sorted; shared with other objects
	values []string // as many
}

// newObject takes properties in any order, whose memory it does not keep.
func newObject(class, moref string, properties []Property, l *layouts) *Object {
	properties = sorted(properties)
	o := &Object{Type: class, Moref: moref, names: l.of(properties), values: make([]string, len(properties))}
	for i, p := range properties {
		o.values[i] = p.Value
	}
	return o
}

// Get returns the value of a property, "" where there is none.
func (o *Object) Get(name string) string {
	if o == nil {
		return ""
	}
	if i, found := slices.BinarySearch(o.names, name); found {
		return o.values[i]
	}
	return ""
}

// Name is what a person calls it; "" where that is not known. A slash in it is %2f, as vCenter has it.
func (o *Object) Name() string { return o.Get("name") }

// All yields the properties by name.
func (o *Object) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, name := range o.names {
			if !yield(name, o.values[i]) {
				return
			}
		}
	}
}

// Elements yields the keys of a list, each once: those of config.hardware.device are "2000", "4000" ….
func (o *Object) Elements(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		last, prefix := "", list+"["
		i, _ := slices.BinarySearch(o.names, prefix)
		for ; i < len(o.names) && strings.HasPrefix(o.names[i], prefix); i++ {
			key, _, _ := strings.Cut(o.names[i][len(prefix):], "]")
			if key != last && !yield(key) {
				return
			}
			last = key
		}
	}
}

// has reports whether there is anything at a path, or below it.
func (o *Object) has(path string) bool {
	i, found := slices.BinarySearch(o.names, path)
	return found || i < len(o.names) && within(o.names[i], path)
}

// properties are a copy of all.
func (o *Object) properties() []Property {
	all := make([]Property, len(o.names))
	for i, name := range o.names {
		all[i] = Property{Name: name, Value: o.values[i]}
	}
	return all
}

// below are the properties at some paths, and below them.
func (o *Object) below(paths []string) []Property {
	if len(paths) == 0 {
		return nil
	}
	return slices.DeleteFunc(o.properties(), func(p Property) bool {
		return !slices.ContainsFunc(paths, func(path string) bool { return within(p.Name, path) })
	})
}

// parent is the object that it is in. That of a VM in a vApp is the vApp, and that of a vApp may be one, too.
func (o *Object) parent() string {
	for _, name := range []string{"parent", "parentVApp", "parentFolder"} {
		if moref := o.Get(name); moref != "" {
			return moref
		}
	}
	return ""
}

func (o *Object) equal(other *Object) bool {
	return o == other || o != nil && other != nil && o.Type == other.Type && o.Moref == other.Moref &&
		slices.Equal(o.names, other.names) && slices.Equal(o.values, other.values)
}

// entered is the object of an update that tells all of it. What is missing is as it was before: nothing says that it changed.
func entered(u update, before *Object, l *layouts) *Object {
	var all []Property
	for _, c := range u.changes {
		all = append(all, c.properties...)
	}
	if before != nil && before.Type == u.class {
		all = append(all, before.below(u.missing)...)
	}
	return newObject(u.class, u.moref, all, l)
}

// modified is the object after an update that tells what changed. An object that was not known begins with that.
func modified(u update, before *Object, l *layouts) *Object {
	var all []Property
	if before != nil {
		all = before.properties()
	}
	for _, c := range u.changes {
		all = replaced(all, c.path, c.properties)
	}
	return newObject(u.class, u.moref, all, l)
}
