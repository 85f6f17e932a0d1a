package journal

import (
	"iter"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// filter is an EventFilterSpec. What it names must all hold; what it lists are alternatives.
type filter struct {
	types.EventFilterSpec
	settings Settings
}

func newFilter(spec types.EventFilterSpec, s Settings) filter { return filter{spec, s} }

// take collects the first n entries that match.
func (f filter) take(n int, entries iter.Seq[*Entry]) []*Entry {
	var page []*Entry
	for e := range entries {
		if len(page) >= n {
			break
		}
		if f.match(e) {
			page = append(page, e)
		}
	}
	return page
}

func backward(entries []*Entry) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for _, e := range slices.Backward(entries) {
			if !yield(e) {
				return
			}
		}
	}
}

func (f filter) match(e *Entry) bool {
	return f.matchTime(e) && f.matchType(e) && f.matchChain(e) && f.matchUser(e) &&
		f.matchCategory(e) && f.matchTag(e) && f.matchSource(e) && f.matchEntity(e)
}

// matchTime includes both ends.
func (f filter) matchTime(e *Entry) bool {
	t := f.Time
	return t == nil ||
		(t.BeginTime == nil || !e.created.Before(*t.BeginTime)) &&
			(t.EndTime == nil || !e.created.After(*t.EndTime))
}

// matchType holds for a class and everything below it, and for the id of an EventEx.
func (f filter) matchType(e *Entry) bool {
	named := func(wanted []string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(e.names, func(name string) bool { return slices.Contains(wanted, name) })
	}
	return named(f.EventTypeId) && named(f.Type)
}

func (f filter) matchChain(e *Entry) bool {
	return f.EventChainId == 0 || e.Event.GetEvent().ChainId == f.EventChainId
}

// matchUser counts an event without a user as the system's.
func (f filter) matchUser(e *Entry) bool {
	if f.UserName == nil {
		return true
	}
	user := e.Event.GetEvent().UserName
	if user == "" {
		return f.UserName.SystemUser
	}
	return slices.ContainsFunc(f.UserName.UserList, func(u string) bool { return strings.EqualFold(u, user) })
}

func (f filter) matchCategory(e *Entry) bool {
	return len(f.Category) == 0 || slices.Contains(f.Category, category(e.Event, f.settings.Category))
}

// category is what an event of an id of its own says of itself, else what the catalog says of its type.
func category(e types.BaseEvent, catalog func(string) string) string {
	if ex, ok := e.(*types.EventEx); ok && ex.Severity != "" {
		return ex.Severity
	}
	return catalog(TypeID(e))
}

func (f filter) matchTag(e *Entry) bool {
	return len(f.Tag) == 0 || slices.Contains(f.Tag, e.Event.GetEvent().ChangeTag)
}

// matchSource holds for the events of one alarm, or of one scheduled task.
func (f filter) matchSource(e *Entry) bool {
	if f.Alarm != nil {
		a, ok := e.Event.(types.BaseAlarmEvent)
		if !ok || a.GetAlarmEvent().Alarm.Alarm != *f.Alarm {
			return false
		}
	}
	if f.ScheduledTask != nil {
		t, ok := e.Event.(types.BaseScheduledTaskEvent)
		if !ok || t.GetScheduledTaskEvent().ScheduledTask.ScheduledTask != *f.ScheduledTask {
			return false
		}
	}
	return true
}

func (f filter) matchEntity(e *Entry) bool {
	if f.Entity == nil {
		return true
	}
	switch f.Entity.Recursion {
	case types.EventFilterSpecRecursionOptionSelf:
		return f.about(e)
	case types.EventFilterSpecRecursionOptionChildren:
		return f.below(e)
	default:
		return f.about(e) || f.below(e)
	}
}

// about tells whether the entity is one of the event's subjects. An event without any is about the vCenter, and so about
// the root folder.
func (f filter) about(e *Entry) bool {
	if len(e.subjects) == 0 {
		return f.Entity.Entity == f.settings.Root
	}
	return slices.Contains(e.subjects, f.Entity.Entity)
}

// below tells whether one of the event's subjects lies below the entity: by the inventory, or by what the event itself
// says, for its objects may be gone.
func (f filter) below(e *Entry) bool {
	if len(e.subjects) == 0 {
		return false
	}
	entity := f.Entity.Entity
	if entity == f.settings.Root || contains(entity.Type) && slices.Contains(e.subjects[1:], entity) {
		return true
	}
	return slices.ContainsFunc(e.subjects, func(subject types.ManagedObjectReference) bool {
		return slices.Contains(f.settings.Ancestors(subject), entity)
	})
}

// contains tells the types of which an event names a part before the whole: a VM, its host, its cluster, its datacenter.
func contains(kind string) bool {
	switch kind {
	case "HostSystem", "ComputeResource", "ClusterComputeResource", "Datacenter":
		return true
	default:
		return false
	}
}
