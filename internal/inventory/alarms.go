package inventory

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// maxNoticed is of how many objects the alarms are read by name; beyond, to read them all is less.
const maxNoticed = 100

// triggeredAlarmState is told of an object with what is triggered below it: the root folder has all there is.
const triggeredAlarmState = "triggeredAlarmState"

// alarms are those that are triggered, as far as they were read. They are not pushed, but events tell of them.
type alarms struct {
	interval time.Duration

	mu      sync.Mutex // guards the field below
	noticed map[string]bool

	last  time.Time          // when all were read
	known map[string][]Alarm // by object; it never changes, for it was handed out. nil: nothing is known
	names map[string]string  // of the alarms that were met, by moref
}

func (a *alarms) notice(moref string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noticed[moref] = true
}

// take returns what was noticed, and forgets it.
func (a *alarms) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	noticed := slices.Sorted(maps.Keys(a.noticed))
	clear(a.noticed)
	return noticed
}

// forget lets the next poll read everything.
func (a *alarms) forget() { a.known, a.names = nil, nil }

// triggered are all alarms, by object. Where they could not be read nothing is known of any: what was known before is what an
// event has said is no more.
func (p *poll) triggered(ctx context.Context) (map[string][]Alarm, error) {
	a := &p.alarms
	if !p.wanted.Alarms {
		return nil, nil
	}
	noticed := a.take() // before the reading: what is noticed meanwhile is read by the next poll
	var err error
	if a.known == nil || time.Since(a.last) >= a.interval || len(noticed) > maxNoticed || slices.Contains(noticed, p.now.places.root) {
		err = p.readAlarms(ctx)
	} else if len(noticed) > 0 {
		err = p.readNoticed(ctx, noticed)
	}
	if err != nil {
		a.forget()
	}
	return a.known, err
}

// readAlarms reads the alarms of all objects, at the root. Who may not read the root reads them at each object.
func (p *poll) readAlarms(ctx context.Context) error {
	begun := time.Now()
	root := p.session.Client().ServiceContent.RootFolder
	r := reports{}
	if err := p.retrieve(ctx, ofObjects(types.PropertySpec{Type: root.Type, PathSet: []string{triggeredAlarmState}}, root), r.takeAll); err != nil {
		return err
	}
	if !r.told {
		if err := p.prepare(ctx); err != nil {
			return err
		}
		if err := p.retrieve(ctx, p.overView(types.PropertySpec{Type: "ManagedEntity", PathSet: []string{triggeredAlarmState}}), r.takeOwn); err != nil {
			return err
		}
	}
	p.alarms.names = map[string]string{} // they may have been renamed
	if err := p.name(ctx, r.reports); err != nil {
		return err
	}
	p.alarms.known, p.alarms.last = p.resolved(r.reports), begun
	return nil
}

// readNoticed reads the alarms of some objects. One that is not known is gone, or an event was faster than the push: it stays noticed,
// until all alarms are read.
func (p *poll) readNoticed(ctx context.Context, morefs []string) error {
	var objects []types.ManagedObjectReference
	for _, moref := range morefs {
		if o := p.now.Get(moref); o != nil {
			objects = append(objects, types.ManagedObjectReference{Type: o.Type, Value: o.Moref})
		} else {
			p.alarms.notice(moref)
		}
	}
	r := reports{}
	if err := p.retrieveLiving(ctx, types.PropertySpec{Type: "ManagedEntity", PathSet: []string{triggeredAlarmState}}, objects, r.takeOwn); err != nil {
		return err
	}
	if err := p.name(ctx, r.reports); err != nil {
		return err
	}
	known := maps.Clone(p.alarms.known)
	for _, moref := range morefs {
		delete(known, moref)
	}
	maps.Copy(known, p.resolved(r.reports))
	p.alarms.known = known
	return nil
}

// report is that an alarm is triggered on an object.
type report struct {
	object, alarm string
	Alarm
}

// reports are read out of answers.
type reports struct {
	reports []report
	told    bool // of an object at least, even if it was that there are none
}

// takeAll takes what is triggered on an object and below it.
func (r *reports) takeAll(_ string, properties soapxml.Elements) { r.take("", properties) }

// takeOwn takes what is triggered on an object itself.
func (r *reports) takeOwn(moref string, properties soapxml.Elements) { r.take(moref, properties) }

func (r *reports) take(object string, properties soapxml.Elements) {
	_, fields, found := properties.Find("propSet")
	if !found {
		return // it is missing
	}
	r.told = true
	_, states, _ := fields.Find("val")
	for _, state := range states.All() {
		of := state.Text("entity")
		if of == "" || object != "" && object != of {
			continue
		}
		r.reports = append(r.reports, report{
			object: strings.Clone(of), alarm: strings.Clone(state.Text("alarm")), // or the whole answer would be kept
			Alarm: Alarm{Status: StatusOf(state.Text("overallStatus")), Acknowledged: isTrue(state.Text("acknowledged"))},
		})
	}
}

// name learns the names of alarms that it has not met before.
func (p *poll) name(ctx context.Context, reports []report) error {
	var unknown []types.ManagedObjectReference
	for _, r := range reports {
		ref := types.ManagedObjectReference{Type: "Alarm", Value: r.alarm}
		if _, known := p.alarms.names[r.alarm]; !known && !slices.Contains(unknown, ref) {
			unknown = append(unknown, ref)
		}
	}
	return p.retrieveLiving(ctx, types.PropertySpec{Type: "Alarm", PathSet: []string{"info.name"}}, unknown,
		func(moref string, properties soapxml.Elements) {
			p.alarms.names[strings.Clone(moref)] = strings.Clone(properties.Text("propSet", "val"))
		})
}

// retrieveLiving reads properties of some objects. Those that are gone, which vCenter names one at a time, are left out.
func (p *poll) retrieveLiving(
	ctx context.Context, properties types.PropertySpec, objects []types.ManagedObjectReference, take func(string, soapxml.Elements),
) error {
	for len(objects) > 0 {
		err := p.retrieve(ctx, ofObjects(properties, objects...), take)
		var gone *types.ManagedObjectNotFound
		if _, found := fault.As(err, &gone); !found || !slices.Contains(objects, gone.Obj) {
			return err
		}
		objects = slices.DeleteFunc(objects, func(o types.ManagedObjectReference) bool { return o == gone.Obj })
	}
	return nil
}

// resolved is what was reported, by object.
func (p *poll) resolved(reports []report) map[string][]Alarm {
	all := map[string][]Alarm{}
	for _, r := range reports {
		r.Name = p.alarms.names[r.alarm]
		all[r.object] = append(all[r.object], r.Alarm)
	}
	return all
}
