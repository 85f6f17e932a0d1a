package simulator

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/catalog"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

const (
	maxPage     = 1000 // the most that a collector returns at once
	defaultPage = 10   // of latestPage
)

func (s *Simulator) eventManagerHandler(c *call) func(*call) (response, error) {
	var handle func(*call) (response, error)
	switch c.method.Body.(type) {
	case *types.CreateCollectorForEvents:
		handle = s.createCollectorForEvents
	case *types.QueryEvents:
		handle = s.queryEvents
	case *types.PostEvent:
		handle = s.postEvent
	case *types.LogUserEvent:
		handle = s.logUserEvent
	case *types.RetrieveArgumentDescription:
		handle = func(*call) (response, error) { return []byte(nil), nil }
	}
	return authenticated(handle)
}

func (s *Simulator) createCollectorForEvents(c *call) (response, error) {
	spec := c.method.Body.(*types.CreateCollectorForEvents).Filter
	if spec.MaxCount < 0 || spec.MaxCount > maxPage {
		return nil, invalidArgument("maxCount")
	}
	collector := newEventCollector(s.journal, spec)
	ref := c.session.newReference("EventHistoryCollector")
	if !c.session.putLimited(ref, collector, s.MaxCollectors()) {
		return nil, fault{&types.InvalidState{}, "Too many event collectors to create"}
	}
	s.record.open(c.session.key, spec)
	return &types.CreateCollectorForEventsResponse{Returnval: ref}, nil
}

// queryEvents returns the newest events, newest first; or, where a vCenter offers it, those next to a key.
func (s *Simulator) queryEvents(c *call) (response, error) {
	query := c.method.Body.(*types.QueryEvents)
	spec := query.Filter
	if spec.MaxCount < 0 {
		return nil, invalidArgument("maxCount")
	}
	n := maxPage
	if spec.MaxCount > 0 {
		n = min(n, int(spec.MaxCount))
	}
	if query.EventViewSpec == nil {
		return events("returnval", s.journal.Cursor(spec).Latest(n), withoutMessage(spec)), nil
	}
	if !s.offersViews() {
		return nil, unexpectedElement("eventViewSpec", c.method.Name)
	}
	start, ok := query.EventViewSpec.(*types.EventManagerViewByStartId)
	if !ok || start.StartEventId < 0 {
		return nil, invalidArgument("eventViewSpec.startEventId")
	}
	return events("returnval", s.journal.ByKey(spec, start.StartEventId, journal.Side(start.IsForward), n), withoutMessage(spec)), nil
}

// offersViews tells a vCenter that reads its history by key, without a collector.
func (s *Simulator) offersViews() bool {
	major, _, _ := strings.Cut(s.settings.Version, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 9
}

// postEvent takes the event as it comes, but for what a vCenter says itself.
func (s *Simulator) postEvent(c *call) (response, error) {
	event := c.method.Body.(*types.PostEvent).EventToPost
	if event == nil {
		return nil, invalidArgument("eventToPost")
	}
	s.appendAs(c.session, event)
	return []byte(nil), nil
}

func (s *Simulator) logUserEvent(c *call) (response, error) {
	req := c.method.Body.(*types.LogUserEvent)
	event := &types.GeneralUserEvent{}
	event.Message, event.FullFormattedMessage = req.Msg, "User logged event: "+req.Msg
	event.Entity = &types.ManagedEntityEventArgument{Entity: req.Entity}
	s.appendAs(c.session, event)
	return []byte(nil), nil
}

func (s *Simulator) appendAs(one *session, event types.BaseEvent) {
	e := event.GetEvent()
	e.Key, e.ChainId, e.UserName, e.CreatedTime = 0, 0, one.user, s.Now().UTC()
	s.journal.Append(event)
}

func withoutMessage(spec types.EventFilterSpec) bool {
	return spec.DisableFullMessage != nil && *spec.DisableFullMessage
}

// events are elements of the same name, one for each entry.
func events(name string, page []*journal.Entry, withoutMessage bool) []byte {
	var b bytes.Buffer
	for _, e := range page {
		content := e.XML()
		if withoutMessage {
			content = e.XMLWithoutMessage()
		}
		envelope.WriteElement(&b, name, e.Class(), content)
	}
	return b.Bytes()
}

// eventManager is the EventManager as the property collector sees it.
type eventManager struct{ *Simulator }

func (eventManager) kind() string { return "EventManager" }

func (m eventManager) property(path string) (any, error) {
	switch path {
	case "description":
		return description(), nil
	case "description.eventInfo":
		return eventInfo(), nil
	case "maxCollector":
		return int32(m.MaxCollectors()), nil
	case "latestEvent":
		e := m.journal.Last()
		if e == nil || e.Hidden() {
			return nil, nil
		}
		return envelope.Value{Class: e.Class(), Content: e.XML()}, nil
	}
	return nil, invalidProperty(path)
}

func (eventManager) properties() []string {
	return []string{"description", "latestEvent", "maxCollector"}
}

// The description is large, and every session asks for it.
var (
	description = sync.OnceValue(func() any {
		return encoded("EventDescription", catalog.Description())
	})
	eventInfo = sync.OnceValue(func() any {
		return encoded("ArrayOfEventDescriptionEventDetail", types.ArrayOfEventDescriptionEventDetail{
			EventDescriptionEventDetail: catalog.Description().EventInfo,
		})
	})
)

func encoded(class string, v any) any {
	content, err := envelope.Content(v)
	if err != nil {
		return v
	}
	return envelope.Value{Class: class, Content: content}
}
