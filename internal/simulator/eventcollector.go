package simulator

import (
	"sync"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
)

// eventCollector is an EventHistoryCollector.
type eventCollector struct {
	cursor *journal.Cursor
	spec   types.EventFilterSpec

	mu       sync.Mutex // guards the fields below
	pageSize int        // of latestPage
	delayed  bool       // latestPage is empty until the client resets or rewinds
}

func newEventCollector(j *journal.Journal, spec types.EventFilterSpec) *eventCollector {
	c := &eventCollector{cursor: j.Cursor(spec), spec: spec, pageSize: defaultPage}
	if spec.MaxCount > 0 {
		c.pageSize = int(spec.MaxCount)
	}
	c.delayed = spec.DelayedInit != nil && *spec.DelayedInit
	return c
}

func (*eventCollector) kind() string { return "EventHistoryCollector" }

func (*eventCollector) properties() []string { return []string{"filter", "latestPage"} }

func (c *eventCollector) property(path string) (any, error) {
	switch path {
	case "filter":
		return c.spec, nil
	case "latestPage":
		return envelope.Value{Class: "ArrayOfEvent", Content: events("Event", c.latestPage(), withoutMessage(c.spec))}, nil
	}
	return nil, invalidProperty(path)
}

func (c *eventCollector) latestPage() []*journal.Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.delayed {
		return nil
	}
	return c.cursor.Latest(c.pageSize)
}

func (c *eventCollector) setPageSize(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pageSize, c.delayed = n, false
}

func (c *eventCollector) initialize() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delayed = false
}

// answerEventCollector answers all methods of an EventHistoryCollector.
func (s *Simulator) answerEventCollector(c *call) (response, error) {
	collector, ok := find[*eventCollector](c.session, c.method.This)
	if !ok {
		return nil, notFound(c.method.This)
	}
	return collector.answer(c)
}

func (c *eventCollector) answer(call *call) (response, error) {
	switch req := call.method.Body.(type) {
	case *types.ReadNextEvents:
		return c.read(c.cursor.Next, req.MaxCount)
	case *types.ReadPreviousEvents:
		return c.read(c.cursor.Previous, req.MaxCount)
	case *types.RewindCollector:
		c.initialize()
		c.cursor.Rewind()
	case *types.ResetCollector:
		c.initialize()
		c.cursor.Reset()
	case *types.SetCollectorPageSize:
		if req.MaxCount <= 0 || req.MaxCount > maxPage {
			return nil, invalidArgument("maxCount")
		}
		c.setPageSize(int(req.MaxCount))
	case *types.DestroyCollector:
		call.session.remove(call.method.This)
	default:
		return nil, fault{&types.MethodNotFound{Receiver: call.method.This, Method: call.method.Name}, "method not found"}
	}
	return []byte(nil), nil
}

// read moves the cursor, whether or not the answer arrives.
func (c *eventCollector) read(next func(int) []*journal.Entry, n int32) (response, error) {
	if n <= 0 {
		return nil, invalidArgument("maxCount")
	}
	return events("returnval", next(min(int(n), maxPage)), withoutMessage(c.spec)), nil
}
