package translate

import "github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"

// maxCustomAttributes bounds how many custom attributes of an object a record has.
const maxCustomAttributes = 16

// Context is what is known beside the words of events. It must not change while a batch is built and built again: the
// record would not be the same. Its zero value knows nothing.
type Context struct {
	Inventory inventory.Context
	Tags      Tags // nil: none is known
}

// Tags answers which tags an object has, each as category:name, in an order that depends on nothing else.
type Tags interface {
	Of(moref string) []string
}

// lore is the context of a batch. It remembers what it was asked: most events of a page are about a few objects, and have
// happened on fewer hosts.
type lore struct {
	Context
	entities map[string]*inventory.Entity // nil where nothing is known
	custom   map[string]string            // names of the attributes for custom ones, "" where they are secret
}

func loreOf(in Context) lore {
	l := lore{Context: in}
	if in.Inventory.Known() {
		l.entities, l.custom = map[string]*inventory.Entity{}, map[string]string{}
	}
	return l
}

// of returns nil where nothing is known of an object.
func (l *lore) of(moref string) *inventory.Entity {
	if moref == "" || l.entities == nil {
		return nil
	}
	known, asked := l.entities[moref]
	if !asked {
		if e, ok := l.Inventory.Of(moref); ok {
			known = &e
		}
		l.entities[moref] = known
	}
	return known
}

// customName is the name of the attribute for a custom one, "" where that must not leave.
func (l *lore) customName(custom string) string {
	name, known := l.custom[custom]
	if !known {
		if !isSecret(custom) {
			name = attrCustomPrefix + custom
		}
		l.custom[custom] = name
	}
	return name
}

// context adds what the event itself does not say. It comes last: where there is no room, it gives way to what does.
func (b *builder) context() {
	s := &b.subject
	object := b.lore.of(s.object.moref)
	b.bare = object == nil && s.object.moref != ""
	if object != nil {
		b.add(attrObjectPath, textValue(object.Path))
	}
	if place := b.clusterOf(); place != (inventory.Place{}) {
		b.add(kinds[cluster].name, textValue(place.Name))
		b.add(kinds[cluster].moref, textValue(place.Moref))
	}
	if machine := b.firstKnown(s.entities[vm].moref, s.object.moref); machine != nil {
		b.add(attrVMID, textValue(machine.InstanceUUID))
	}
	if b.lore.Tags != nil && s.object.moref != "" {
		b.addTags(b.lore.Tags.Of(s.object.moref))
	}
	if object != nil {
		b.addCustom(object.Attributes)
	}
}

// clusterOf is the cluster that an event does not name. A host tells better than a virtual machine, which may have moved
// since; and an event that names the compute resource of a stand-alone host says that there was none.
func (b *builder) clusterOf() inventory.Place {
	s := &b.subject
	if s.entities[cluster] != (entity{}) || s.standalone {
		return inventory.Place{}
	}
	if e := b.firstKnown(s.entities[host].moref, s.entities[vm].moref, s.object.moref); e != nil {
		return e.Cluster
	}
	return inventory.Place{}
}

func (b *builder) firstKnown(morefs ...string) *inventory.Entity {
	for _, moref := range morefs {
		if e := b.lore.of(moref); e != nil {
			return e
		}
	}
	return nil
}

// addTags adds as many tags as a value has room for, each whole.
func (b *builder) addTags(tags []string) {
	n, size := 0, 0
	for n < len(tags) && size+len(tags[n])+elementFraming <= maxValue {
		size += len(tags[n]) + elementFraming
		n++
	}
	if n < len(tags) {
		b.dropped++
	}
	b.add(attrTags, listValue(tags[:n:n]))
}

// addCustom adds custom attributes, by name.
func (b *builder) addCustom(attributes []inventory.Property) {
	for i, a := range attributes {
		switch name := b.lore.customName(a.Name); {
		case name == "":
		case i < maxCustomAttributes:
			b.add(name, textValue(a.Value))
		default:
			b.dropped++
		}
	}
}
