package property

import (
	"reflect"
	"strings"
	"sync"

	"github.com/vmware/govmomi/vim25/mo"
)

// class is a type of managed objects.
type class struct {
	name  string
	of    reflect.Type // govmomi's struct
	bases []string     // the types above it
}

var classes = map[string]*class{}

func init() {
	for _, o := range []any{
		mo.ManagedEntity{}, mo.Folder{}, mo.StoragePod{}, mo.Datacenter{}, mo.ComputeResource{}, mo.ClusterComputeResource{},
		mo.HostSystem{}, mo.ResourcePool{}, mo.VirtualApp{}, mo.VirtualMachine{}, mo.Datastore{}, mo.Network{},
		mo.OpaqueNetwork{}, mo.DistributedVirtualPortgroup{}, mo.DistributedVirtualSwitch{},
		mo.VmwareDistributedVirtualSwitch{}, mo.CustomFieldsManager{}, mo.ContainerView{},
		mo.Alarm{}, mo.LicenseManager{}, mo.HostCertificateManager{},
	} {
		c := &class{name: reflect.TypeOf(o).Name(), of: reflect.TypeOf(o)}
		for t := c.of; t.NumField() > 0 && t.Field(0).Anonymous; {
			t = t.Field(0).Type
			c.bases = append(c.bases, t.Name())
		}
		classes[c.name] = c
	}
}

// is reports whether objects of the class are of a type.
func (c *class) is(name string) bool {
	if c.name == name {
		return true
	}
	for _, base := range c.bases {
		if base == name {
			return true
		}
	}
	return false
}

// isEntity reports whether a view may have the type.
func isEntity(name string) bool {
	c, known := classes[name]
	return known && c.is("ManagedEntity")
}

// properties are the names of all properties of the class.
func (c *class) properties() (names []string) {
	for _, f := range reflect.VisibleFields(c.of) {
		if name := nameOf(f); !f.Anonymous && name != "" && name != "self" {
			if at, ok := fieldsOf(c.of)[name]; ok && reflect.DeepEqual(at, f.Index) {
				names = append(names, name)
			}
		}
	}
	return names
}

// knows reports whether a path is one of the class. What lies behind a property that can be of several types is not known.
func (c *class) knows(path string) bool {
	t := c.of
	for name := range strings.SplitSeq(path, ".") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Interface {
			return true
		}
		if t.Kind() != reflect.Struct {
			return false
		}
		at, ok := fieldsOf(t)[name]
		if !ok {
			return false
		}
		t = t.FieldByIndex(at).Type
	}
	return true
}

var fieldIndex sync.Map // of reflect.Type to map[string][]int

// fieldsOf are the fields of a struct by their names in XML. A field hides those of the same name in what is embedded.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldIndex.Load(t); ok {
		return known.(map[string][]int)
	}
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		name := nameOf(f)
		if at, twice := fields[name]; name != "" && !f.Anonymous && (!twice || len(f.Index) < len(at)) {
			fields[name] = f.Index
		}
	}
	fieldIndex.Store(t, fields)
	return fields
}

func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
