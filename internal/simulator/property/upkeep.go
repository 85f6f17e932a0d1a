package property

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// These are the scripts of administrators: what happens to hosts, folders, datastores and custom attributes.

// maintenance takes hosts out of work, once their virtual machines have gone elsewhere, or back into it.
func (s *scene) maintenance(n int) {
	reachable := func(h *mo.HostSystem) bool {
		return h.Runtime.ConnectionState == types.HostSystemConnectionStateConnected
	}
	for _, ref := range pick(s, "HostSystem", n, reachable) {
		host := of[mo.HostSystem](s.edit, ref)
		at := s.around(&ref)
		if host.Runtime.InMaintenanceMode {
			s.setMaintenance(host, false)
			s.tell(at, &types.ExitMaintenanceModeEvent{}, "Host %s in %s has exited maintenance mode", at.Host.Name, at.Datacenter.Name)
			continue
		}
		for _, vm := range slices.Clone(host.Vm) {
			if isOn(s.version(vm).(*mo.VirtualMachine)) {
				s.vmotion(of[mo.VirtualMachine](s.edit, vm))
			}
		}
		s.setMaintenance(host, true)
		s.tell(at, &types.EnteredMaintenanceModeEvent{}, "Host %s in %s has entered maintenance mode", at.Host.Name, at.Datacenter.Name)
	}
}

func (s *scene) setMaintenance(h *mo.HostSystem, in bool) {
	more := int32(+1)
	if in {
		more = -1
	}
	h.Runtime.InMaintenanceMode = in
	s.setHost(h, h.Runtime.ConnectionState, h.Runtime.PowerState, more)
}

// renameFolder renames folders of virtual machines, and with them the paths of all that is in them.
func (s *scene) renameFolder(n int) {
	ours := func(f *mo.Folder) bool { return slices.Contains(s.folders, f.Self) }
	for _, ref := range pick(s, "Folder", n, ours) {
		folder := of[mo.Folder](s.edit, ref)
		s.serial++
		folder.Name = fmt.Sprintf("folder-%d", s.serial)
		s.taskOn(traffic.Place{}, ref, folder.Name, "ManagedEntity.rename", "Rename entity")
	}
}

func (s *scene) renameDatastore(n int) {
	for _, ref := range pick(s, "Datastore", n, func(*mo.Datastore) bool { return true }) {
		ds := of[mo.Datastore](s.edit, ref)
		s.serial++
		before, name := ds.Name, fmt.Sprintf("datastore-%d", s.serial)
		info := *ds.Info.(*types.VmfsDatastoreInfo)
		info.Name = name
		ds.Name, ds.Summary.Name, ds.Info = name, name, &info
		e := &types.DatastoreRenamedEvent{OldName: before, NewName: name}
		e.Datastore = &types.DatastoreEventArgument{EntityEventArgument: types.EntityEventArgument{Name: name}, Datastore: ref}
		s.tell(s.around(ds.Parent), e, "Renamed datastore from %s to %s", before, name)
		e.Ds = e.Datastore
	}
}

// define adds custom attributes, which are named in one place for all objects.
func (s *scene) define(n int) {
	fields := of[mo.CustomFieldsManager](s.edit, s.settings.Attributes)
	for range n {
		s.serial++
		field := types.CustomFieldDef{Key: int32(101 + len(fields.Field)), Name: fmt.Sprintf("attribute-%d", s.serial), Type: "string", ManagedObjectType: "VirtualMachine"}
		fields.Field = append(fields.Field, field)
		s.moved = append(s.moved, s.settings.Attributes)
		e := &types.CustomFieldDefAddedEvent{}
		e.FieldKey, e.Name = field.Key, field.Name
		s.tell(traffic.Place{}, e, "Created new custom field definition %s", field.Name)
	}
}
