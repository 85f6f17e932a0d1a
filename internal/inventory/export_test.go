package inventory

import "time"

// Told is an object as a test tells of it.
type Told struct{ Type, Moref, Connection string }

// SnapshotOf is an inventory of which nothing is known but what there is, and whether it is connected. To have that pushed would
// take most of the time of a test with thousands of objects.
func SnapshotOf(instanceUUID, root string, objects []Told) *Snapshot {
	set := updateSet{}
	for _, o := range objects {
		u := update{class: o.Type, moref: o.Moref, enter: true}
		if o.Connection != "" {
			const path = "runtime.connectionState"
			u.changes = []change{{path: path, properties: []Property{{path, o.Connection}}}}
		}
		set.updates = append(set.updates, u)
	}
	c := NewCache(instanceUUID)
	if _, err := c.apply([]updateSet{set}, time.Now(), places{root: root}, true); err != nil {
		panic(err)
	}
	return c.Snapshot()
}
