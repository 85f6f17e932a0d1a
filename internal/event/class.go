package event

import (
	"reflect"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

var (
	typeOf    = types.TypeFunc()
	baseEvent = reflect.TypeFor[types.BaseEvent]()
	lineages  sync.Map // of the names of classes that govmomi knows to []string
)

// lineage is a class and the classes above it, as far as govmomi knows: every class is an Event.
func lineage(class string) []string {
	if known, ok := lineages.Load(class); ok {
		return known.([]string)
	}
	if !isClass(class) {
		return []string{class, "Event"} // not kept: there may be any number of them
	}
	var names []string
	t, _ := typeOf(class)
	for t.Name() != "DynamicData" { // in govmomi a class embeds the one above it, as its first field
		names = append(names, t.Name())
		t = t.Field(0).Type
	}
	lineages.Store(class, names)
	return names
}

// isClass reports whether govmomi knows a class of events.
func isClass(name string) bool {
	t, ok := typeOf(name)
	return ok && t.Name() == name && reflect.PointerTo(t).Implements(baseEvent)
}

// isFamily reports whether there are classes below one, or types of other names in it. For a class with
// subclasses govmomi has an interface, which it registers beside the class.
func isFamily(class string) bool {
	_, below := typeOf("Base" + class)
	return below || isEnvelope(class)
}

// isEnvelope reports whether a class stands for many types of events, which it tells apart by their eventTypeId.
func isEnvelope(class string) bool { return class == "EventEx" || class == "ExtendedEvent" }
