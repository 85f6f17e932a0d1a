package simulator

import (
	"github.com/vmware/govmomi/vim25/types"
)

// propertyCollectorHandler answers for filters over objects of ours. A property collector itself is vcsim's; one that
// has a filter of ours has a watch, which answers its long polls. It can not have filters of both kinds.
func (s *Simulator) propertyCollectorHandler(c *call) func(*call) (response, error) {
	if c.session == nil {
		return nil
	}
	switch req := c.method.Body.(type) {
	case *types.CreateFilter:
		ours := s.onlyOurs(c.session, req.Spec)
		switch {
		case ours && c.session.hasForeignFilter(c.method.This), !ours && c.session.watch(c.method.This) != nil:
			return mixed
		case ours:
			return authenticated(s.createFilter)
		}
	case *types.WaitForUpdatesEx:
		if w := c.session.watch(c.method.This); w != nil {
			return w.waitForUpdatesEx
		}
	case *types.CancelWaitForUpdates:
		c.session.cancelWaits(c.method.This)
		if c.session.watch(c.method.This) != nil {
			return func(*call) (response, error) { return []byte(nil), nil }
		}
	case *types.DestroyPropertyFilter:
		if f, ok := find[*filter](c.session, c.method.This); ok {
			return authenticated(f.destroy)
		}
	case *types.DestroyPropertyCollector:
		c.session.unwatch(c.method.This)
	}
	return nil
}

func mixed(*call) (response, error) {
	return nil, fault{&types.NotSupported{}, "The simulator does not watch history and inventory with one property collector."}
}

func (s *Simulator) createFilter(c *call) (response, error) {
	spec := c.method.Body.(*types.CreateFilter).Spec
	for _, o := range spec.ObjectSet {
		object, ok := s.watched(c.session, o.Obj)
		if !ok {
			return nil, notFound(o.Obj)
		}
		for _, path := range paths(o.Obj, object, spec.PropSet) {
			if _, err := object.property(path); err != nil {
				return nil, err
			}
		}
	}
	w := c.session.addWatch(c.method.This, s)
	f := &filter{ref: c.session.newReference("PropertyFilter"), watch: w, spec: spec, told: map[watchedProperty][]byte{}}
	c.session.put(f.ref, f)
	w.add(f)
	return &types.CreateFilterResponse{Returnval: f.ref}, nil
}

// hasForeignFilter tells whether a property collector has a filter of vcsim's.
func (s *session) hasForeignFilter(pc types.ManagedObjectReference) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.objects {
		if f, ok := o.(foreign); ok && f.kind() == "PropertyFilter" && f.maker == pc {
			return true
		}
	}
	return false
}

// watch is the watch of a property collector, nil where there is none.
func (s *session) watch(pc types.ManagedObjectReference) *watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watches[pc]
}

// addWatch is watch, made where there is none.
func (s *session) addWatch(pc types.ManagedObjectReference, sim *Simulator) *watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watches[pc]
	if w == nil {
		w = newWatch(sim, s)
		s.watches[pc] = w
	}
	return w
}

// unwatch ends the waits on a property collector that is destroyed, and its watch.
func (s *session) unwatch(pc types.ManagedObjectReference) {
	s.cancelWaits(pc)
	s.mu.Lock()
	w := s.watches[pc]
	delete(s.watches, pc)
	s.mu.Unlock()
	if w == nil {
		return
	}
	filters, _ := w.state()
	for _, f := range filters {
		s.remove(f.ref)
	}
}
