package property

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// tagging is what is tagged, and with what.
type tagging struct {
	mu         sync.Mutex // guards the fields below
	categories []tags.Category
	tags       []tags.Tag
	attached   map[types.ManagedObjectReference][]string // IDs of tags
}

// tagged names categories and tags that there are from the beginning.
var tagged = []struct {
	category, cardinality string
	tags                  []string
}{
	{"environment", "SINGLE", []string{"production", "staging", "test"}},
	{"application", "MULTIPLE", []string{"shop", "billing", "search", "mail"}},
}

func newTagging() *tagging {
	t := &tagging{attached: map[types.ManagedObjectReference][]string{}}
	for n, c := range tagged {
		category := tags.Category{
			ID: "urn:vmomi:InventoryServiceCategory:" + identity("category", n) + ":GLOBAL", Name: c.category, Cardinality: c.cardinality,
			Description: "by " + c.category, AssociableTypes: []string{}, UsedBy: []string{},
		}
		t.categories = append(t.categories, category)
		for k, name := range c.tags {
			t.tags = append(t.tags, tags.Tag{
				ID: "urn:vmomi:InventoryServiceTag:" + identity(c.category, k) + ":GLOBAL", Name: name, CategoryID: category.ID, UsedBy: []string{},
			})
		}
	}
	return t
}

// attachFirst is for the n-th virtual machine that there is from the beginning: half of them have an environment, and some an
// application too.
func (t *tagging) attachFirst(ref types.ManagedObjectReference, n int) {
	environments, applications := t.tags[:len(tagged[0].tags)], t.tags[len(tagged[0].tags):]
	if n%2 == 0 {
		t.attach(ref, environments[n/2%len(environments)].ID)
	}
	if n%5 == 0 {
		t.attach(ref, applications[n/5%len(applications)].ID)
	}
}

// attach reports whether the object did not have the tag.
func (t *tagging) attach(ref types.ManagedObjectReference, id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.Contains(t.attached[ref], id) {
		return false
	}
	t.attached[ref] = append(slices.Clone(t.attached[ref]), id) // readers hold the old one
	return true
}

// detach takes one tag away, the oldest, and tells which; nil where there is none.
func (t *tagging) detach(ref types.ManagedObjectReference) *tags.Tag {
	t.mu.Lock()
	defer t.mu.Unlock()
	has := t.attached[ref]
	if len(has) == 0 {
		return nil
	}
	if t.attached[ref] = slices.Clone(has[1:]); len(has) == 1 {
		delete(t.attached, ref)
	}
	return t.tag(has[0])
}

// tag has mu.
func (t *tagging) tag(id string) *tags.Tag {
	for k := range t.tags {
		if t.tags[k].ID == id {
			return &t.tags[k]
		}
	}
	return nil
}

// all are copies of everything.
func (t *tagging) all() ([]tags.Category, []tags.Tag, map[types.ManagedObjectReference][]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.categories), slices.Clone(t.tags), maps.Clone(t.attached)
}

func (t *tagging) of(ref types.ManagedObjectReference) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.attached[ref])
}

func (t *tagging) rename(name, to string) (found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.categories, t.tags = slices.Clone(t.categories), slices.Clone(t.tags) // readers hold the old ones
	for k := range t.categories {
		if t.categories[k].Name == name {
			t.categories[k].Name, found = to, true
		}
	}
	for k := range t.tags {
		if t.tags[k].Name == name {
			t.tags[k].Name, found = to, true
		}
	}
	return found
}

func (t *tagging) forget(ref types.ManagedObjectReference) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.attached, ref)
}

// tag attaches a tag that the virtual machine does not have, of a new name where it has all that can be beside each other.
func (s *scene) tag(vm *mo.VirtualMachine) {
	t := s.tagging
	categories, all, _ := t.all()
	for _, k := range s.random.Perm(len(all)) {
		if all[k].CategoryID == categories[len(categories)-1].ID && t.attach(vm.Self, all[k].ID) {
			s.tagged(s.where(vm), "attach", all[k].Name)
			return
		}
	}
	added := t.add(fmt.Sprintf("extra-%d", len(all)), s.identify())
	t.attach(vm.Self, added.ID)
	s.tagged(s.where(vm), "attach", added.Name)
}

// add makes a tag in the last category, which takes many.
func (t *tagging) add(name, id string) tags.Tag {
	t.mu.Lock()
	defer t.mu.Unlock()
	added := tags.Tag{
		ID: "urn:vmomi:InventoryServiceTag:" + id + ":GLOBAL", Name: name, CategoryID: t.categories[len(t.categories)-1].ID, UsedBy: []string{},
	}
	t.tags = append(t.tags, added)
	return added
}

func (s *scene) untag(n int) {
	for _, ref := range pick(s, "VirtualMachine", n, func(vm *mo.VirtualMachine) bool { return len(s.tagging.of(vm.Self)) > 0 }) {
		if gone := s.tagging.detach(ref); gone != nil {
			s.tagged(s.where(s.version(ref).(*mo.VirtualMachine)), "detach", gone.Name)
		}
	}
}
