package translate

import (
	"cmp"
	"math"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// Origins of changes.
const (
	OriginLive   = "live"   // vCenter pushed it
	OriginResume = "resume" // it happened while nobody watched: everything was read anew, and compared with what was delivered
)

// inventoryEvents begins the event names of what is told of an inventory.
const inventoryEvents = "vcenter.inventory."

// ChangeSet is what changes that were read together have in common. Its ID and its time are in the records: who delivers a
// set again gives it the same.
type ChangeSet struct {
	ID     string
	Origin string    // OriginLive or OriginResume
	Read   time.Time // by vCenter's clock
}

// ChangePayload is a ChangeBatch that can be had any number of times, as with [Payload].
func ChangePayload(src Source, set ChangeSet, changes []inventory.Change, limit int) (func() plog.Logs, int) {
	first, n := ChangeBatch(src, set, changes, limit)
	changes = changes[:n]
	return repeatable(first, func() plog.Logs {
		logs, _ := ChangeBatch(src, set, changes, math.MaxInt)
		return logs
	}), n
}

// ChangeBatch builds the records of as many leading changes as fit into limit bytes of OTLP, at least one, and says how
// many. All are of one set, and a batch does not reach into the next: sets are compared, stamped and delivered one at a
// time, and what waits meanwhile is one set when its turn comes. A set that is larger than a batch has several, all with
// its ID. The records share memory with the changes.
func ChangeBatch(src Source, set ChangeSet, changes []inventory.Change, limit int) (plog.Logs, int) {
	logs := plog.NewLogs()
	if len(changes) == 0 {
		return logs, 0
	}
	src = src.Inventory()
	src.scope(logs)
	b := builder{src: src}
	return logs, fill(logs, len(changes), limit, func(i int, record plog.LogRecord) { b.change(set, &changes[i], record) })
}

// change makes the record of a change. All of its attributes are fixed ones.
func (b *builder) change(set ChangeSet, c *inventory.Change, record plog.LogRecord) {
	b.begin()
	b.text(attrChangeType, c.Type.String())
	b.text(attrUID, c.UID)
	b.text(attrChangeSet, set.ID)
	b.text(attrChangeOrigin, set.Origin)
	b.whereabouts(&c.Entity)
	body := c.Body()
	if c.Type == inventory.Changed {
		b.text(attrPropertyName, c.Property)
		if c.Unnamed || isSecretProperty(c.Property) {
			body = c.Entity.Type + " " + cmp.Or(c.Entity.Name, c.Entity.Moref) + ": " + c.Property + " changed"
		} else {
			b.text(attrPropertyOld, c.Old)
			b.text(attrPropertyNew, c.New)
		}
	}
	b.shorten()
	b.reserve(attribute{name: attrChangeDropped})
	b.head(record, set.Read, inventoryEvents+c.Type.String(), body)
	b.finish(record, attrChangeDropped)
}

// whereabouts adds what is known of an object: what it is, what it is in, and its name as one of its kind.
func (b *builder) whereabouts(e *inventory.Entity) {
	b.text(attrObjectType, e.Type)
	b.text(attrObjectName, e.Name)
	b.text(attrObjectMoref, e.Moref)
	b.text(attrObjectPath, e.Path)
	places := [len(kinds)]inventory.Place{datacenter: e.Datacenter, cluster: e.Cluster, host: e.Host}
	if k, ok := kindOf(e.Type); ok {
		places[k] = inventory.Place{Name: e.Name, Moref: e.Moref}
	}
	for k := range kinds {
		b.text(kinds[k].name, places[k].Name)
		b.text(kinds[k].moref, places[k].Moref)
	}
	b.text(attrVMID, e.InstanceUUID)
}

// kindOf tells the kind of objects of a type. Folders, pools and the like are none.
func kindOf(typ string) (k kind, ok bool) {
	switch typ {
	case "VirtualMachine":
		return vm, true
	case "HostSystem":
		return host, true
	case clusterType:
		return cluster, true
	case "Datacenter":
		return datacenter, true
	case "Datastore":
		return datastore, true
	case "Network", "OpaqueNetwork", "DistributedVirtualPortgroup":
		return network, true
	case "DistributedVirtualSwitch", "VmwareDistributedVirtualSwitch":
		return dvs, true
	}
	return 0, false
}

// isSecretProperty reports whether the values of a property must not leave: those of a custom attribute that somebody has
// called customValue[root password].
func isSecretProperty(name string) bool { return isSecret(strings.TrimSuffix(name, "]")) }
