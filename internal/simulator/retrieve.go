package simulator

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// watchable is an object of ours that a property collector can read.
type watchable interface {
	object
	property(path string) (any, error) // nil for one that is unset
	properties() []string
}

func invalidProperty(name string) fault {
	return fault{&types.InvalidProperty{Name: name}, "Invalid property: " + name}
}

// watched finds an object of ours; false leaves it to vcsim.
func (s *Simulator) watched(one *session, ref types.ManagedObjectReference) (watchable, bool) {
	switch ref {
	case *s.content.EventManager:
		return eventManager{s}, true
	case vim25.ServiceInstance:
		return serviceInstance{s}, true
	case *s.content.Setting:
		return options{s}, true
	}
	if one == nil && ref.Type == "EventHistoryCollector" {
		return lost{}, true
	}
	return find[watchable](one, ref)
}

// lost is a collector as a client without a session sees it: there, with every property missing.
type lost struct{}

func (lost) kind() string { return "EventHistoryCollector" }

func (lost) properties() []string { return (*eventCollector)(nil).properties() }

func (lost) property(string) (any, error) { return nil, nil }

// retrieveHandler answers for objects of ours, where a call asks for nothing else.
func (s *Simulator) retrieveHandler(c *call) func(*call) (response, error) {
	var specs []types.PropertyFilterSpec
	switch req := c.method.Body.(type) {
	case *types.RetrievePropertiesEx:
		specs = req.SpecSet
	case *types.RetrieveProperties:
		specs = req.SpecSet
	}
	if !s.onlyOurs(c.session, specs...) {
		return nil
	}
	read := func(c *call) (response, error) { return s.retrieve(c, specs) }
	if c.session == nil {
		return read
	}
	return authenticated(read)
}

func (s *Simulator) onlyOurs(one *session, specs ...types.PropertyFilterSpec) bool {
	ours := 0
	for _, spec := range specs {
		for _, o := range spec.ObjectSet {
			if !s.ours(one, o.Obj) || len(o.SelectSet) > 0 {
				return false
			}
			ours++
		}
	}
	return ours > 0
}

// ours tells what vcsim knows nothing of. An event collector is ours also when it is gone: vcsim would make a filter over
// whatever it is told, and a client whose watch ends while it begins asks for just that.
func (s *Simulator) ours(one *session, ref types.ManagedObjectReference) bool {
	_, ok := s.watched(one, ref)
	return ok || ref.Type == "EventHistoryCollector"
}

func (s *Simulator) retrieve(c *call, specs []types.PropertyFilterSpec) (response, error) {
	var objects []types.ObjectContent
	for _, spec := range specs {
		for _, o := range spec.ObjectSet {
			w, ok := s.watched(c.session, o.Obj)
			switch {
			case !ok && spec.ReportMissingObjectsInResults != nil && *spec.ReportMissingObjectsInResults:
				continue
			case !ok:
				return nil, notFound(o.Obj)
			}
			object, err := contentOf(c.session, o.Obj, w, spec.PropSet)
			if err != nil {
				return nil, err
			}
			objects = append(objects, object)
		}
	}
	if _, old := c.method.Body.(*types.RetrieveProperties); old {
		return &types.RetrievePropertiesResponse{Returnval: objects}, nil
	}
	return &types.RetrievePropertiesExResponse{Returnval: &types.RetrieveResult{Objects: objects}}, nil
}

// contentOf reads properties. Without a session, a vCenter tells no fault: every property is missing.
func contentOf(one *session, ref types.ManagedObjectReference, w watchable, specs []types.PropertySpec) (types.ObjectContent, error) {
	content := types.ObjectContent{Obj: ref}
	for _, path := range paths(ref, w, specs) {
		if one == nil {
			content.MissingSet = append(content.MissingSet, types.MissingProperty{
				Path: path, Fault: types.LocalizedMethodFault{Fault: notAuthenticated(ref).BaseMethodFault},
			})
			continue
		}
		v, err := w.property(path)
		if err != nil {
			return content, err
		}
		if v != nil {
			content.PropSet = append(content.PropSet, types.DynamicProperty{Name: path, Val: v})
		}
	}
	return content, nil
}

// paths are what a filter asks of an object. An EventHistoryCollector is a HistoryCollector.
func paths(ref types.ManagedObjectReference, w watchable, specs []types.PropertySpec) (all []string) {
	for _, spec := range specs {
		if spec.Type != ref.Type && (spec.Type != "HistoryCollector" || ref.Type != "EventHistoryCollector") {
			continue
		}
		if spec.All != nil && *spec.All {
			all = append(all, w.properties()...)
			continue
		}
		all = append(all, spec.PathSet...)
	}
	return all
}

// serviceInstance is the ServiceInstance as the property collector sees it.
type serviceInstance struct{ *Simulator }

func (serviceInstance) kind() string { return "ServiceInstance" }

func (serviceInstance) properties() []string { return []string{"capability", "content", "serverClock"} }

func (i serviceInstance) property(path string) (any, error) {
	head, rest, _ := strings.Cut(path, ".")
	switch head {
	case "serverClock":
		return i.Now().UTC(), nil
	case "capability":
		return types.Capability{MultiHostSupported: !i.settings.HostAgent}, nil
	case "content":
		return field(reflect.ValueOf(i.serviceContent()), rest, path)
	}
	return nil, invalidProperty(path)
}

// field follows a path into a struct of govmomi's.
func field(v reflect.Value, rest, path string) (any, error) {
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		if v = v.FieldByName(strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]); !v.IsValid() {
			return nil, invalidProperty(path)
		}
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil, nil
			}
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct && rest != "" {
			return nil, invalidProperty(path)
		}
	}
	return v.Interface(), nil
}
