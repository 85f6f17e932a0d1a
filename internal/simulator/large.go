package simulator

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// large is an inventory of our own in the place of vcsim's, and what is before it on the wire.
type large struct {
	*property.Inventory
	tagging *property.Tagging
	tokens  atomic.Int64 // of readings that go on
}

// newLarge is nil where vcsim's inventory will do.
func (s *Simulator) newLarge() *large {
	settings := s.settings.Inventory
	if settings.VMs == 0 || s.settings.HostAgent {
		return nil
	}
	settings.Root, settings.Attributes = s.content.RootFolder, *s.content.CustomFieldsManager
	settings.Licenses = *s.content.LicenseManager
	settings.Now, settings.Coalesce = s.Now, s.Coalesce
	settings.Events = func(chains ...[]types.BaseEvent) { s.journal.AppendChains(chains...) }
	settings.Login = func(user, password string) bool {
		return s.validLogin(&types.Login{UserName: user, Password: password})
	}
	inventory := property.New(settings)
	return &large{Inventory: inventory, tagging: property.NewTagging(inventory)}
}

// Large is the large inventory, to let something happen in it; nil without Settings.Inventory.
func (s *Simulator) Large() *property.Inventory {
	if s.large == nil {
		return nil
	}
	return s.large.Inventory
}

// Tagging is the tagging API of the large inventory; nil without Settings.Inventory.
func (s *Simulator) Tagging() *property.Tagging {
	if s.large == nil {
		return nil
	}
	return s.large.tagging
}

// These are objects of a session.
type (
	largeView   struct{ *property.View }
	largeFilter struct{ *property.Filter }
	// unread is the rest of a reading that was too large for one answer.
	unread struct {
		*property.Reading
		limit int
	}
)

func (largeView) kind() string   { return "ContainerView" }
func (largeFilter) kind() string { return "PropertyFilter" }
func (unread) kind() string      { return "RetrieveResult" }

// largeHandler answers for the objects of the large inventory, and for views of it; nil leaves a call to others.
func (s *Simulator) largeHandler(c *call) func(*call) (response, error) {
	if s.large == nil {
		return nil
	}
	switch req := c.method.Body.(type) {
	case *types.RetrievePropertiesEx:
		return s.largeReader(c, req.SpecSet)
	case *types.RetrieveProperties:
		return s.largeReader(c, req.SpecSet)
	}
	if c.session == nil {
		return nil
	}
	switch req := c.method.Body.(type) {
	case *types.CreateContainerView:
		if s.large.Has(req.Container) {
			return played(s.createLargeView)
		}
	case *types.DestroyView:
		if _, ok := find[largeView](c.session, c.method.This); ok {
			return played(destroyLarge)
		}
	case *types.ContinueRetrievePropertiesEx, *types.CancelRetrievePropertiesEx:
		return played(s.goOnReading)
	}
	return s.largeCollectorHandler(c)
}

// largeCollectorHandler is the part that waits. A property collector itself is vcsim's; see propertyCollectorHandler.
func (s *Simulator) largeCollectorHandler(c *call) func(*call) (response, error) {
	pc := c.session.collector(c.method.This)
	switch req := c.method.Body.(type) {
	case *types.CreateFilter:
		ours := s.large.Concerns(req.Spec)
		switch {
		case ours && (c.session.hasForeignFilter(c.method.This) || c.session.watch(c.method.This) != nil), !ours && pc != nil:
			return mixed
		case ours:
			return played(s.createLargeFilter)
		}
	case *types.DestroyPropertyFilter:
		if _, ok := find[largeFilter](c.session, c.method.This); ok {
			return played(destroyLarge)
		}
	case *types.WaitForUpdatesEx:
		if pc != nil {
			return func(c *call) (response, error) { return waitLarge(c, pc) }
		}
	case *types.CancelWaitForUpdates:
		if pc != nil {
			return func(*call) (response, error) {
				pc.Cancel()
				return []byte(nil), nil
			}
		}
	case *types.DestroyPropertyCollector:
		if pc != nil {
			c.session.dropCollector(c.method.This)
		}
	}
	return nil
}

// played is for a session, and tells the faults of package property as ours.
func played(handle func(*call) (response, error)) func(*call) (response, error) {
	return authenticated(func(c *call) (response, error) {
		res, err := handle(c)
		return res, faultOf(err)
	})
}

func faultOf(err error) error {
	if f := (property.Fault{}); errors.As(err, &f) {
		return fault{f.BaseMethodFault, f.Message}
	}
	return err
}

func (s *Simulator) createLargeView(c *call) (response, error) {
	req := c.method.Body.(*types.CreateContainerView)
	view, err := s.large.NewView(req.Container, req.Type, req.Recursive)
	if err != nil {
		return nil, err
	}
	ref := c.session.newReference("ContainerView")
	c.session.put(ref, largeView{view})
	return &types.CreateContainerViewResponse{Returnval: ref}, nil
}

// destroyLarge removes a view or a filter.
func destroyLarge(c *call) (response, error) {
	if f, ok := find[largeFilter](c.session, c.method.This); ok {
		f.Destroy()
	}
	c.session.remove(c.method.This)
	return []byte(nil), nil
}

// views finds the views of a session.
func (s *session) views(ref types.ManagedObjectReference) *property.View {
	v, _ := find[largeView](s, ref)
	return v.View
}

func (s *Simulator) createLargeFilter(c *call) (response, error) {
	pc := c.session.addCollector(c.method.This, s.large.Inventory)
	f, err := pc.CreateFilter(c.session.newReference("PropertyFilter"), c.method.Body.(*types.CreateFilter).Spec, c.session.views)
	if err != nil {
		return nil, err
	}
	c.session.put(f.Ref(), largeFilter{f})
	return &types.CreateFilterResponse{Returnval: f.Ref()}, nil
}

// waitLarge ends with the client's connection and with the session.
func waitLarge(c *call, pc *property.Collector) (response, error) {
	req := c.method.Body.(*types.WaitForUpdatesEx)
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.session.ctx, func() { cancel(notAuthenticated(c.method.This)) })()
	set, err := pc.Wait(ctx, req.Version, req.Options)
	if err != nil && c.session.ctx.Err() != nil {
		err = notAuthenticated(c.method.This) // whatever else the end of the session has ended
	}
	return &types.WaitForUpdatesExResponse{Returnval: set}, faultOf(err)
}

// largeReader reads, also for a client without a session, who learns what is missing.
func (s *Simulator) largeReader(c *call, specs []types.PropertyFilterSpec) func(*call) (response, error) {
	if !s.large.Concerns(specs...) {
		return nil
	}
	if c.session != nil {
		return played(func(c *call) (response, error) { return s.readLarge(c, specs, c.session.views) })
	}
	return func(c *call) (response, error) {
		res, err := s.readLarge(c, specs, nil)
		return res, faultOf(err)
	}
}

func (s *Simulator) readLarge(c *call, specs []types.PropertyFilterSpec, views property.Views) (response, error) {
	reading, err := s.large.Read(specs, views)
	if err != nil {
		return nil, err
	}
	req, paged := c.method.Body.(*types.RetrievePropertiesEx)
	if !paged {
		return &types.RetrievePropertiesResponse{Returnval: reading.Next(0)}, nil
	}
	if reading.Len() == 0 {
		return &types.RetrievePropertiesExResponse{}, nil
	}
	return &types.RetrievePropertiesExResponse{Returnval: s.page(c, reading, int(req.Options.MaxObjects))}, nil
}

// page is the next part of a reading. Its token is good for one call.
func (s *Simulator) page(c *call, reading *property.Reading, limit int) *types.RetrieveResult {
	if limit <= 0 || limit > property.MostObjects {
		limit = property.MostObjects
	}
	page := &types.RetrieveResult{Objects: reading.Next(limit)}
	if c.session != nil && reading.Len() > 0 {
		page.Token = strconv.FormatInt(s.large.tokens.Add(1), 10)
		c.session.put(readingOf(page.Token), unread{reading, limit})
	}
	return page
}

func readingOf(token string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "RetrieveResult", Value: token}
}

// goOnReading answers with the next page, or forgets the pages that are left.
func (s *Simulator) goOnReading(c *call) (response, error) {
	token, goOn := "", false
	switch req := c.method.Body.(type) {
	case *types.ContinueRetrievePropertiesEx:
		token, goOn = req.Token, true
	case *types.CancelRetrievePropertiesEx:
		token = req.Token
	}
	rest, ok := take[unread](c.session, readingOf(token))
	if !ok {
		return nil, invalidArgument("token")
	}
	if !goOn {
		return []byte(nil), nil
	}
	return &types.ContinueRetrievePropertiesExResponse{Returnval: *s.page(c, rest.Reading, rest.limit)}, nil
}

// collector is what a property collector watches of the large inventory, nil where it is nothing.
func (s *session) collector(ref types.ManagedObjectReference) *property.Collector {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.collectors[ref]
}

// addCollector is collector, made where there is none. It ends with the session.
func (s *session) addCollector(ref types.ManagedObjectReference, i *property.Inventory) *property.Collector {
	s.mu.Lock()
	defer s.mu.Unlock()
	pc := s.collectors[ref]
	if pc == nil {
		pc = i.NewCollector()
		s.collectors[ref] = pc
		context.AfterFunc(s.ctx, func() { pc.Destroy() })
	}
	return pc
}

func (s *session) dropCollector(ref types.ManagedObjectReference) {
	s.mu.Lock()
	pc := s.collectors[ref]
	delete(s.collectors, ref)
	s.mu.Unlock()
	if pc == nil {
		return
	}
	for _, filter := range pc.Destroy() {
		s.remove(filter)
	}
}
