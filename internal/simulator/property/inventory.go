package property

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Inventory is a tree of managed objects.
type Inventory struct {
	settings Settings
	tagging  *tagging
	folders  []types.ManagedObjectReference // of virtual machines
	playing  sync.Mutex                     // one script at a time: what they choose depends on their order

	mu      sync.Mutex // guards the fields below
	serial  int
	places  map[types.ManagedObjectReference]*place
	all     []*place // by age; with some that are empty, see sweep
	empty   int
	filters map[*Filter]struct{}
	changed chan struct{} // closed by the next change
	looked  int           // how often an object was looked at; see Looked
	random  *rand.Rand    // of scripts
	rate    float64       // of changes a second that happen by themselves
}

// place is where the versions of one object are found. Its object is gone once it is nil.
type place struct {
	ref   types.ManagedObjectReference
	class *class
	now   any // a pointer to govmomi's struct, which is never changed
	last  any // what was there when it went
}

// New makes an inventory.
func New(s Settings) *Inventory {
	i := &Inventory{
		settings: s.withDefaults(), places: map[types.ManagedObjectReference]*place{},
		filters: map[*Filter]struct{}{}, changed: make(chan struct{}), random: rand.New(rand.NewPCG(s.Seed, 0)),
	}
	i.tagging = newTagging()
	i.build()
	for _, p := range i.settings.Past {
		i.stage(p)
	}
	return i
}

// Has reports whether there is, or was, such an object.
func (i *Inventory) Has(ref types.ManagedObjectReference) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.places[ref] != nil
}

// Len is the number of objects.
func (i *Inventory) Len() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.all) - i.empty
}

// Looked counts how often an object was looked at, for whatever purpose: the cost of what was done.
func (i *Inventory) Looked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.looked
}

// Get is an object as it is now, a pointer to govmomi's struct that must not be changed; nil where there is none.
func (i *Inventory) Get(ref types.ManagedObjectReference) mo.Reference {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.places[ref]; p != nil && p.now != nil {
		return p.now.(mo.Reference)
	}
	return nil
}

// Of are the objects of a type, by age.
func (i *Inventory) Of(class string) []types.ManagedObjectReference {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.of(class)
}

func (i *Inventory) of(class string) (refs []types.ManagedObjectReference) {
	for p := range i.living {
		if p.class.is(class) {
			refs = append(refs, p.ref)
		}
	}
	return refs
}

// living are the objects that there are, by age.
func (i *Inventory) living(yield func(*place) bool) {
	for _, p := range i.all {
		i.looked++
		if p.now != nil && !yield(p) {
			return
		}
	}
}

// Ancestors are all objects above one: its folders and its datacenter, and for a virtual machine its host, pool and cluster
// too. An object that is gone keeps those that it had.
func (i *Inventory) Ancestors(ref types.ManagedObjectReference) (all []types.ManagedObjectReference) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for next := i.above(ref); len(next) > 0; next = next[1:] {
		if !slices.Contains(all, next[0]) {
			all = append(all, next[0])
			next = append(next, i.above(next[0])...)
		}
	}
	return all
}

// above are the objects that one is in.
func (i *Inventory) above(ref types.ManagedObjectReference) (refs []types.ManagedObjectReference) {
	i.looked++
	switch o := i.version(ref).(type) {
	case *mo.VirtualMachine:
		refs = existing(o.Parent, o.Runtime.Host, o.ResourcePool)
	case mo.Entity:
		refs = existing(o.Entity().Parent)
	}
	return refs
}

// version is what is at a place, or was there last.
func (i *Inventory) version(ref types.ManagedObjectReference) any {
	p := i.places[ref]
	switch {
	case p == nil:
		return nil
	case p.now == nil:
		return p.last
	}
	return p.now
}

func existing(refs ...*types.ManagedObjectReference) (all []types.ManagedObjectReference) {
	for _, ref := range refs {
		if ref != nil {
			all = append(all, *ref)
		}
	}
	return all
}

// sweep forgets empty places once they are as many as the others.
func (i *Inventory) sweep() {
	if i.empty <= len(i.all)/2 {
		return
	}
	i.all = slices.DeleteFunc(i.all, func(p *place) bool { return p.now == nil })
	i.empty = 0
}
