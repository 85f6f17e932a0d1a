package property

import (
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// Fact is what there is to know of an object: the truth, to hold against what somebody has made of the updates.
type Fact struct {
	Type  string `json:"type"`
	MoRef string `json:"moref"`
	Name  string `json:"name"`
	Path  string `json:"path"` // /DC0/vm/team-01/web-00001; "/" is the root

	Host       string   `json:"host,omitempty"`       // the moref of a virtual machine's host
	Power      string   `json:"powerState,omitempty"` // of a virtual machine or host
	Connection string   `json:"connectionState,omitempty"`
	Snapshots  int      `json:"snapshots,omitempty"`
	Alarms     int      `json:"alarms,omitempty"` // that are triggered, on it or below it
	Tags       []string `json:"tags,omitempty"`   // their names
}

// Facts are those of all entities, by age.
func (i *Inventory) Facts() (all []Fact) {
	_, tags, attached := i.tagging.all()
	names := map[string]string{}
	for _, tag := range tags {
		names[tag.ID] = tag.Name
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for p := range i.living {
		if !p.class.is("ManagedEntity") {
			continue
		}
		f := Fact{Type: p.ref.Type, MoRef: p.ref.Value, Name: i.named(p.ref).Name, Path: i.path(p.ref)}
		f.Alarms = len(p.now.(mo.Entity).Entity().TriggeredAlarmState)
		f.state(p.now)
		for _, id := range attached[p.ref] {
			f.Tags = append(f.Tags, names[id])
		}
		all = append(all, f)
	}
	return all
}

func (f *Fact) state(object any) {
	switch o := object.(type) {
	case *mo.VirtualMachine:
		f.Host, f.Power, f.Connection = o.Runtime.Host.Value, string(o.Runtime.PowerState), string(o.Runtime.ConnectionState)
		if o.Snapshot != nil {
			f.Snapshots = count(o.Snapshot.RootSnapshotList)
		}
	case *mo.HostSystem:
		f.Power, f.Connection = string(o.Runtime.PowerState), string(o.Runtime.ConnectionState)
	}
}

func count(nodes []types.VirtualMachineSnapshotTree) int {
	n := len(nodes)
	for _, node := range nodes {
		n += count(node.ChildSnapshotList)
	}
	return n
}

// path is the inventory path, in which the root folder is not named.
func (i *Inventory) path(ref types.ManagedObjectReference) string {
	var names []string
	for next := &ref; next != nil && *next != i.settings.Root; next = i.parent(*next) {
		names = append([]string{i.named(*next).Name}, names...)
	}
	return "/" + strings.Join(names, "/")
}
