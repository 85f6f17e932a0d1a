package journal

import (
	"reflect"
	"slices"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// Class is the name of an event's class, as in its xsi:type.
func Class(e types.BaseEvent) string {
	if raw, ok := e.(*Raw); ok {
		return raw.Class
	}
	return reflect.TypeOf(e).Elem().Name()
}

// TypeID is the class, or the eventTypeId of an event whose class has one.
func TypeID(e types.BaseEvent) string {
	switch e := e.(type) {
	case *types.EventEx:
		return e.EventTypeId
	case *types.ExtendedEvent:
		return e.EventTypeId
	case *Raw:
		if e.EventTypeID != "" {
			return e.EventTypeID
		}
	}
	return Class(e)
}

// names are all names that a filter can call the event by.
func names(e types.BaseEvent) []string {
	var classes []string
	if raw, ok := e.(*Raw); ok {
		classes = []string{raw.Class, "Event"}
	} else {
		classes = hierarchy(reflect.TypeOf(e).Elem())
	}
	if id := TypeID(e); id != classes[0] {
		return append(slices.Clone(classes), id)
	}
	return classes
}

var hierarchies sync.Map // of reflect.Type to []string

// hierarchy is a class and the classes above it: in govmomi, a class embeds the one that it extends, as its first field.
func hierarchy(class reflect.Type) []string {
	if known, ok := hierarchies.Load(class); ok {
		return known.([]string)
	}
	var all []string
	for t := class; t.Name() != "DynamicData"; t = t.Field(0).Type {
		all = append(all, t.Name())
	}
	hierarchies.Store(class, all)
	return all
}

// subjects are the objects that the event is about, from the most specific to the least.
func subjects(event types.BaseEvent) []types.ManagedObjectReference {
	var refs []types.ManagedObjectReference
	if ex, ok := event.(*types.EventEx); ok && ex.ObjectId != "" {
		refs = append(refs, types.ManagedObjectReference{Type: ex.ObjectType, Value: ex.ObjectId})
	}
	e := event.GetEvent()
	if e.Vm != nil {
		refs = append(refs, e.Vm.Vm)
	}
	if e.Host != nil {
		refs = append(refs, e.Host.Host)
	}
	if e.ComputeResource != nil {
		refs = append(refs, e.ComputeResource.ComputeResource)
	}
	if e.Ds != nil {
		refs = append(refs, e.Ds.Datastore)
	}
	if e.Net != nil {
		refs = append(refs, e.Net.Network)
	}
	if e.Dvs != nil {
		refs = append(refs, e.Dvs.Dvs)
	}
	if e.Datacenter != nil {
		refs = append(refs, e.Datacenter.Datacenter)
	}
	return refs
}
