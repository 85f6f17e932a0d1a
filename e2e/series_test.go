package e2e

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// The validators of metrics. They judge what was sent, in order, whatever the back end answered. Nothing is sent twice: so what was accepted
// is a part of it, in which points may be missing, and with them the ends of series.

// identified: no two objects share a service.instance.id, and each keeps its own over all lives. In one collection an object has a second
// resource only where that does nothing but end series.
func identified(all []collection) error {
	objects, ids := map[string]string{}, map[string]string{}
	for _, c := range all {
		told := map[string]bool{}
		for _, r := range c.resources {
			if r.tells() && told[r.id] {
				return fmt.Errorf("%v: %s is told by two resources", c, r.id)
			}
			told[r.id] = told[r.id] || r.tells()
			for i, name := range r.names {
				if is := note(ids, name, r.id); is != r.id {
					return fmt.Errorf("%v: %s is %s, and was %s", c, name, r.id, is)
				}
				if is := note(objects, r.id, r.names[0]); i == 0 && is != name {
					return fmt.Errorf("%v: %s is of %s, and was of %s", c, r.id, name, is)
				}
			}
		}
	}
	return nil
}

// note notes what stands for a key, unless something did before, and returns what does.
func note(known map[string]string, key, is string) string {
	if was, there := known[key]; there {
		return was
	}
	known[key] = is
	return is
}

// rising: within a life the times of a series rise, a sum begins before it is told and never earlier than it did, and one that is monotonic
// falls only where it begins anew.
func rising(all []collection) error {
	for life := range byLife(all) {
		before := map[string]sample{}
		for _, c := range life {
			for _, s := range c.samples() {
				was, known := before[s.name]
				if err := s.follows(was, known); err != nil {
					return fmt.Errorf("%v: %w", c, err)
				}
				if s.ended {
					s.value = was.value // from which it may go on
				}
				before[s.name] = s
			}
		}
	}
	return nil
}

// follows holds that a sample may stand behind another one, if there is one.
func (s sample) follows(was sample, known bool) error {
	switch {
	case s.sum && s.start > s.at:
		return fmt.Errorf("%s begins %s after it is told", s.name, s.start.AsTime().Sub(s.at.AsTime()))
	case !known:
		return nil
	case s.at <= was.at:
		return fmt.Errorf("%s is of %s, after one of %s", s.name, s.at, was.at)
	case s.sum && s.start < was.start:
		return fmt.Errorf("%s begins at %s, and began at %s", s.name, s.start, was.start)
	case s.monotonic && !s.ended && s.start == was.start && s.value < was.value:
		return fmt.Errorf("%s falls from %v to %v", s.name, was.value, s.value)
	}
	return nil
}

// vital is told of each virtual machine but templates whenever anything is told of the inventory: vCenter pushes it.
const vital = "vcenter.vm.power.status"

// polled is told of each virtual machine whenever vCenter answers what it is asked.
const polled = "vcenter.vm.disk.usage"

// ended: a series is ended once, unless it came back meanwhile, and by a life that has told it. When a virtual machine is not told any more
// all that is open of it is ended, and it never comes back: vCenter gives no reference twice. Nor does what is polled of it, for what could
// not be asked for has not ended.
func ended(all []collection) error {
	over := map[string]bool{}
	for life := range byLife(all) {
		open := openSeries{}
		for i, c := range life {
			if err := open.take(c, over); err != nil {
				return fmt.Errorf("%v: %w", c, err)
			}
			if !c.ofObjects() || i == len(life)-1 {
				continue // what is not known has not ended, and of the last one a kill may have cut a part off
			}
			if err := open.leave(c, over); err != nil {
				return fmt.Errorf("%v: %w", c, err)
			}
		}
	}
	return nil
}

// take notes what a collection tells and ends, and which objects, and which of the series that are polled, are over for good.
func (o openSeries) take(c collection, over map[string]bool) error {
	told := c.told()
	for id, s := range c.samples() {
		if _, open := o[id][s.name]; s.ended && !open {
			return fmt.Errorf("%s ends, and is not open in this life", s.name)
		}
		o.note(id, s)
		over[id] = over[id] || s.ended && s.metric == vital
		over[s.name] = over[s.name] || s.ended && s.metric == polled
		if over[id] && told[id] {
			return fmt.Errorf("%s is told after its end", id)
		}
		if over[s.name] && !s.ended {
			return fmt.Errorf("%s is told after its end", s.name)
		}
	}
	return nil
}

// leave holds that nothing is open of a virtual machine that is not told.
func (o openSeries) leave(c collection, over map[string]bool) error {
	told := c.told()
	for id, series := range o {
		if told[id] {
			continue
		}
		for name, metric := range series {
			if over[id] || metric == vital {
				return fmt.Errorf("%s is not told, and %s is one of %d series of it that have not ended", id, name, len(series))
			}
		}
	}
	return nil
}

// lapsed: after a calm time nothing is open but what was told last.
func lapsed(all []collection) error {
	var last collection
	open := openSeries{}
	for _, c := range all {
		if c.life != last.life {
			open = openSeries{}
		}
		for id, s := range c.samples() {
			open.note(id, s)
		}
		last = c
	}
	for id, s := range last.samples() {
		delete(open[id], s.name)
	}
	for _, series := range open {
		for name := range series {
			return fmt.Errorf("%v: %s was told before, and is neither told nor ended", last, name)
		}
	}
	return nil
}

// openSeries are those that a life has told and not ended, with their metrics, by resource.
type openSeries map[string]map[string]string

// note opens a series, or closes it.
func (o openSeries) note(id string, s sample) {
	if o[id] == nil {
		o[id] = map[string]string{}
	}
	if s.ended {
		delete(o[id], s.name)
	} else {
		o[id][s.name] = s.metric
	}
}

// silent: what is collected in a time in which vCenter is known not to answer tells that, again and again, and nothing of its objects.
func silent(all []collection, from, to time.Time) error {
	n := 0
	for _, c := range all {
		if at := c.at.AsTime(); at.Before(from) || at.After(to) {
			continue
		}
		n++
		if value, told := c.up(); !told || value != 0 {
			return fmt.Errorf("%v: vCenter does not answer, and vcenter.up is %v (told: %t)", c, value, told)
		}
		if c.ofObjects() {
			return fmt.Errorf("%v: vCenter does not answer, and objects are told", c)
		}
	}
	if n == 0 {
		return fmt.Errorf("nothing is told from %s to %s", from, to)
	}
	return nil
}

// measured are the types of objects that have metrics.
var measured = []string{"VirtualMachine", "HostSystem", "ResourcePool", "VirtualApp", "Datastore", "ClusterComputeResource", "Datacenter"}

// present: a collection tells that vCenter can be reached, and of the objects that there are, with their power, and of no others.
func present(c collection, uuid string, entities []entity) error {
	if value, told := c.up(); !told || value != 1 {
		return fmt.Errorf("%v: vcenter.up is %v (told: %t)", c, value, told)
	}
	told, power := c.told(), c.power()
	delete(told, uuid)
	for _, e := range entities {
		if !slices.Contains(measured, e.Type) {
			continue
		}
		id := uuid + "/" + e.MoRef
		if !told[id] {
			return fmt.Errorf("%v: %s is there, and not told", c, id)
		}
		delete(told, id)
		if want := strings.ToLower(strings.TrimPrefix(e.Power, "powered")); power[id] != want {
			return fmt.Errorf("%v: the power of %s is %q, and told to be %q", c, id, want, power[id])
		}
	}
	for id := range told {
		return fmt.Errorf("%v: %s is told, and not there", c, id)
	}
	return nil
}

// power are the states that are told, by resource: those with a 1. A template is off, which no metric tells.
func (c collection) power() map[string]string {
	power := map[string]string{}
	for _, r := range c.resources {
		if slices.ContainsFunc(r.names, func(name string) bool { return strings.HasPrefix(name, templateID) }) {
			power[r.id] = "off"
		}
	}
	for id, s := range c.samples() {
		if _, state, ok := strings.Cut(s.name, " power_state="); ok && s.value == 1 && strings.HasSuffix(s.metric, ".power.status") {
			power[id] += state
		}
	}
	return power
}

// told are the resources of which there are values.
func (c collection) told() map[string]bool {
	told := map[string]bool{}
	for id, s := range c.samples() {
		if !s.ended {
			told[id] = true
		}
	}
	return told
}

// up is vcenter.up.
func (c collection) up() (value float64, told bool) {
	for _, s := range c.samples() {
		if s.metric == "vcenter.up" && !s.ended {
			return s.value, true
		}
	}
	return 0, false
}

// ofObjects holds of a collection that tells of the inventory.
func (c collection) ofObjects() bool {
	return slices.ContainsFunc(c.resources, func(r resource) bool { return strings.Contains(r.id, "/") })
}

// tells holds of a resource with values.
func (r resource) tells() bool {
	return slices.ContainsFunc(r.of, func(s sample) bool { return !s.ended })
}

// samples yields all, each with the id of its resource.
func (c collection) samples() iter.Seq2[string, sample] {
	return func(yield func(string, sample) bool) {
		for _, r := range c.resources {
			for _, s := range r.of {
				if !yield(r.id, s) {
					return
				}
			}
		}
	}
}

// byLife yields the collections of each life.
func byLife(all []collection) iter.Seq[[]collection] {
	return func(yield func([]collection) bool) {
		for len(all) > 0 {
			n := 1
			for n < len(all) && all[n].life == all[0].life {
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// String is for those who look for what is wrong with it.
func (c collection) String() string {
	return fmt.Sprintf("life %d, collection of %s", c.life, c.at)
}
