package inventory

import (
	"slices"
	"strings"
)

// Context answers what is known of an object. It is a value that never changes; its zero value knows nothing.
type Context struct{ snapshot *Snapshot }

// Entity is what a person wants to know of an object that is only named elsewhere. What is not known is empty.
type Entity struct {
	Type, Moref, Name string
	Path              string     // /DC1/vm/web/web-01, as vCenter's search takes it
	Datacenter        Place      // that it is in
	Cluster           Place      // that it is in, or is; not what a stand-alone host has to itself
	Host              Place      // that a VM is on
	InstanceUUID      string     // of a VM
	Attributes        []Property // custom ones, by name
	Removed           bool       // it is gone, and was so at the end
}

// Place is an object that another one is in.
type Place struct{ Name, Moref string }

// Known reports whether the inventory was read: before that, nothing is known of anything.
func (c Context) Known() bool { return c.snapshot != nil && c.snapshot.synced }

// Of returns what is known of an object, and of one that is gone what was known in the end. The name is that of the moment
// of the snapshot: an event of last week may have named it otherwise.
func (c Context) Of(moref string) (Entity, bool) {
	if !c.Known() {
		return Entity{}, false
	}
	if o := c.snapshot.get(moref); o != nil {
		return describe(c.snapshot, o), true
	}
	e, ok := c.snapshot.tombstones.entities[moref]
	return e, ok
}

// describe says what a snapshot knows of one of its objects.
func describe(s *Snapshot, o *Object) Entity {
	e := Entity{
		Type: o.Type, Moref: o.Moref, Name: o.Name(), Path: s.path(o),
		InstanceUUID: o.Get("config.instanceUuid"), Attributes: s.customAttributes(o),
	}
	if dc := s.above(o, "Datacenter"); dc != nil {
		e.Datacenter = placeOf(dc)
	}
	if host := s.get(o.Get("runtime.host")); host != nil {
		e.Host = placeOf(host)
	}
	if cluster := s.cluster(o); cluster != nil {
		e.Cluster = placeOf(cluster)
	}
	return e
}

func placeOf(o *Object) Place { return Place{Name: o.Name(), Moref: o.Moref} }

// maxDepth bounds the way up, which in a strange inventory could be a circle.
const maxDepth = 64

// above is the object itself or the first one above it that is of a type.
func (s *Snapshot) above(o *Object, class string) *Object {
	for range maxDepth {
		if o == nil || o.Type == class {
			return o
		}
		o = s.get(o.parent())
	}
	return nil
}

// cluster is the one that an object is, or is in: a VM by its host, or where that is hidden by its pool.
func (s *Snapshot) cluster(o *Object) *Object {
	const class = "ClusterComputeResource"
	for _, in := range []*Object{o, s.get(o.Get("runtime.host")), s.get(o.Get("owner")), s.get(s.get(o.Get("resourcePool")).Get("owner"))} {
		if found := s.above(in, class); found != nil {
			return found
		}
	}
	return nil
}

// shelter is more the less deep an object is, and 0 where nothing can be in it. What is gone is told before what it was in: once that was
// told nothing is known of it, and after a kill in between nobody could say where the rest had been.
func (s *Snapshot) shelter(o *Object) int {
	if o.Type == "VirtualMachine" {
		return 0
	}
	depth := 0
	for o != nil && depth < maxDepth {
		depth++
		o = s.get(o.parent())
	}
	return maxDepth + 1 - depth
}

// path names an object from below the root folder down. It is not known where something above is hidden from the account:
// a path that begins in the middle would name another object.
func (s *Snapshot) path(o *Object) string {
	var names []string
	for range maxDepth {
		if o == nil || o.Name() == "" && o.Moref != s.places.root {
			return ""
		}
		if o.Moref == s.places.root {
			slices.Reverse(names)
			return "/" + strings.Join(names, "/")
		}
		names = append(names, o.Name())
		o = s.get(o.parent())
	}
	return ""
}

// customAttributes are those that an object has a value of, by their names. Where a name is hidden, or gone, the value may be a secret,
// and is left out.
func (s *Snapshot) customAttributes(o *Object) (all []Property) {
	for key := range o.Elements("customValue") {
		if name := s.attributeName(key); name != "" {
			all = append(all, Property{Name: name, Value: o.Get("customValue[" + key + "]")})
		}
	}
	slices.SortFunc(all, byName)
	return all
}

// attributeName is what a person calls a custom attribute, "" where that is hidden or gone.
func (s *Snapshot) attributeName(key string) string {
	return s.get(s.places.attributes).Get("field[" + key + "].name")
}
