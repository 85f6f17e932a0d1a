package property

import (
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// scene is one play of a script: what it changes, and what it tells of it.
type scene struct {
	*edit
	now    time.Time
	moved  []types.ManagedObjectReference // the objects that it is about
	chains [][]types.BaseEvent
}

var (
	errScript = errors.New("there is no such script")
	errNumber = errors.New("a script is about one object at least")
	errFew    = errors.New("there are not so many objects for it")
)

// Played is a script that was played. The same ones, in the same order, make the same of the same inventory.
type Played struct {
	Script string
	N      int
	At     time.Time
}

// Play plays a script with so many objects, and returns which. All of a step is seen at once; the events follow it.
// Where there are not enough objects, nothing happens.
func (i *Inventory) Play(name string, n int) ([]types.ManagedObjectReference, error) {
	if _, known := scripts[name]; !known {
		return nil, fmt.Errorf("play %q: %w", name, errScript)
	}
	if n < 1 {
		return nil, fmt.Errorf("play %q: %w", name, errNumber)
	}
	i.playing.Lock()
	defer i.playing.Unlock()
	p := Played{Script: name, N: n, At: i.settings.Now().UTC().Truncate(time.Microsecond)}
	i.settings.Record(p)
	s := i.stage(p)
	if len(s.moved) < n {
		return nil, fmt.Errorf("play %q with %d: %w", name, n, errFew)
	}
	i.settings.Events(s.chains...)
	return s.moved, nil
}

// stage plays, and tells nobody.
func (i *Inventory) stage(p Played) *scene {
	s := &scene{now: p.At}
	for _, step := range scripts[p.Script].steps {
		i.edit(func(e *edit) {
			s.edit = e
			step(s, p.N)
		})
	}
	return s
}

// pick chooses objects of a type by chance, and notes them as what the scene is about: none where there are too few.
func pick[T any](s *scene, class string, n int, wanted func(*T) bool) (refs []types.ManagedObjectReference) {
	for _, p := range s.all {
		if p.now != nil && p.ref.Type == class && wanted(p.now.(*T)) {
			refs = append(refs, p.ref)
		}
	}
	s.random.Shuffle(len(refs), func(a, b int) { refs[a], refs[b] = refs[b], refs[a] })
	if n > len(refs) {
		return nil
	}
	refs = refs[:n]
	s.moved = append(s.moved, refs...)
	return refs
}

// other is an object of a type that is wanted, nil where there is none.
func other[T any](s *scene, refs []types.ManagedObjectReference, wanted func(*T) bool) *T {
	begin := 0
	if len(refs) > 0 {
		begin = s.random.IntN(len(refs))
	}
	for k := range refs {
		if o, ok := s.version(refs[(begin+k)%len(refs)]).(*T); ok && wanted(o) {
			return o
		}
	}
	return nil
}

// where names all that is around a virtual machine, for an event.
func (s *scene) where(vm *mo.VirtualMachine) traffic.Place {
	place := s.around(vm.Runtime.Host)
	place.VM = types.VmEventArgument{EntityEventArgument: types.EntityEventArgument{Name: vm.Name}, Vm: vm.Self}
	if len(vm.Datastore) > 0 {
		place.Datastore = types.DatastoreEventArgument{EntityEventArgument: s.named(vm.Datastore[0]), Datastore: vm.Datastore[0]}
	}
	if len(vm.Network) > 0 {
		place.Network = &types.NetworkEventArgument{EntityEventArgument: s.named(vm.Network[0]), Network: vm.Network[0]}
	}
	return place
}

// around names a host, its cluster and its datacenter.
func (i *Inventory) around(host *types.ManagedObjectReference) (place traffic.Place) {
	if host == nil {
		return place
	}
	for ref := host; ref != nil; ref = i.parent(*ref) {
		argument := i.named(*ref)
		switch ref.Type {
		case "HostSystem":
			place.Host = types.HostEventArgument{EntityEventArgument: argument, Host: *ref}
		case "ClusterComputeResource":
			place.ComputeResource = types.ComputeResourceEventArgument{EntityEventArgument: argument, ComputeResource: *ref}
		case "Datacenter":
			place.Datacenter = types.DatacenterEventArgument{EntityEventArgument: argument, Datacenter: *ref}
		}
	}
	return place
}

func (i *Inventory) parent(ref types.ManagedObjectReference) *types.ManagedObjectReference {
	if o, ok := i.version(ref).(mo.Entity); ok {
		return o.Entity().Parent
	}
	return nil
}

func (i *Inventory) named(ref types.ManagedObjectReference) types.EntityEventArgument {
	name, _ := read(i.version(ref), "name").(string)
	return types.EntityEventArgument{Name: name}
}

// Places are where the virtual machines live, by age: what traffic is about.
func (i *Inventory) Places() (all traffic.Inventory) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := &scene{edit: &edit{Inventory: i}}
	for p := range i.living {
		if vm, ok := p.now.(*mo.VirtualMachine); ok {
			all = append(all, s.where(vm))
		}
	}
	return all
}
