package simulator

import (
	"bytes"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/envelope"
)

// filter is a PropertyFilter over objects of ours.
type filter struct {
	ref   types.ManagedObjectReference
	watch *watch
	spec  types.PropertyFilterSpec

	// Of the watch's turn: what the client was told last, as XML. An object that is gone has none.
	told map[watchedProperty][]byte
}

type watchedProperty struct {
	object types.ManagedObjectReference
	path   string
}

func (*filter) kind() string { return "PropertyFilter" }

func (f *filter) destroy(c *call) (response, error) {
	c.session.remove(f.ref)
	f.watch.drop(f)
	return []byte(nil), nil
}

// changes are what is not as it was told, and from then on count as told.
func (f *filter) changes(s *Simulator, one *session) (updates []types.ObjectUpdate) {
	for _, o := range f.spec.ObjectSet {
		object, ok := s.watched(one, o.Obj)
		if !ok {
			updates = append(updates, f.leave(o.Obj)...)
			continue
		}
		update := types.ObjectUpdate{Kind: types.ObjectUpdateKindModify, Obj: o.Obj}
		for _, path := range paths(o.Obj, object, f.spec.PropSet) {
			is := watchedProperty{o.Obj, path}
			value, now := read(object, path)
			before, known := f.told[is]
			if known && bytes.Equal(before, now) {
				continue
			}
			if !known {
				update.Kind = types.ObjectUpdateKindEnter
			}
			f.told[is] = now
			update.ChangeSet = append(update.ChangeSet, types.PropertyChange{
				Name: path, Op: types.PropertyChangeOpAssign, Val: value,
			})
		}
		if len(update.ChangeSet) > 0 {
			updates = append(updates, update)
		}
	}
	return updates
}

// leave tells once that an object is gone.
func (f *filter) leave(ref types.ManagedObjectReference) []types.ObjectUpdate {
	left := false
	for is := range f.told {
		if is.object == ref {
			delete(f.told, is)
			left = true
		}
	}
	if !left {
		return nil
	}
	return []types.ObjectUpdate{{Kind: types.ObjectUpdateKindLeave, Obj: ref}}
}

// read returns a property, and its XML to compare by.
func read(o watchable, path string) (any, []byte) {
	v, err := o.property(path)
	if err != nil || v == nil {
		return nil, nil
	}
	if is, ok := v.(envelope.Value); ok {
		return is, append([]byte(is.Class+" "), is.Content...)
	}
	content, _ := envelope.Content(v)
	return v, content
}
