package property

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// ground is what a new inventory stands on while it is built. Everything is spread evenly, by numbers and not by chance.
type ground struct {
	*edit
	datacenter                             *mo.Datacenter
	vmFolders                              []types.ManagedObjectReference
	clusters, pools, hosts                 []types.ManagedObjectReference
	datastores, networks                   []types.ManagedObjectReference
	clusterOf                              map[types.ManagedObjectReference]types.ManagedObjectReference
	hostFolder, datastoreFolder, netFolder types.ManagedObjectReference
}

// build makes everything. The order is that of a vCenter's life: what is named exists.
func (i *Inventory) build() {
	i.edit(func(e *edit) {
		e.serial = 1000
		g := &ground{edit: e, clusterOf: map[types.ManagedObjectReference]types.ManagedObjectReference{}}
		g.addAttributes()
		g.addFolders()
		g.addNetworks()
		g.addDatastores()
		g.addClusters()
		for n := range i.settings.VMs {
			g.addVM(n)
		}
		g.addAlarms()
		g.addLicenses()
		g.addCertificates()
		i.folders = g.vmFolders
	})
}

// custom attributes that there are from the beginning.
var attributeNames = []string{"owner", "cost center", "backup"}

func (g *ground) addAttributes() {
	fields := &mo.CustomFieldsManager{Self: g.settings.Attributes}
	for n, name := range attributeNames {
		fields.Field = append(fields.Field, types.CustomFieldDef{
			Key: int32(101 + n), Name: name, Type: "string", ManagedObjectType: "VirtualMachine",
		})
	}
	g.add(fields)
}

func (g *ground) addFolders() {
	root := newFolder(g.settings.Root, nil, "Datacenters", "Folder", "Datacenter")
	g.add(root)
	dc := &mo.Datacenter{}
	dc.Self = g.name("Datacenter", "datacenter-")
	entity(&dc.ManagedEntity, root.Self, "DC0")
	dc.Configuration.DefaultHardwareVersionKey = "vmx-21"
	g.add(dc)
	g.datacenter = dc
	root.ChildEntity = append(root.ChildEntity, dc.Self)

	dc.VmFolder = g.addFolder(dc.Self, "group-v", "vm", "Folder", "VirtualMachine", "VirtualApp")
	dc.HostFolder = g.addFolder(dc.Self, "group-h", "host", "Folder", "ComputeResource")
	dc.DatastoreFolder = g.addFolder(dc.Self, "group-s", "datastore", "Folder", "Datastore", "StoragePod")
	dc.NetworkFolder = g.addFolder(dc.Self, "group-n", "network", "Folder", "Network", "DistributedVirtualSwitch")
	g.hostFolder, g.datastoreFolder, g.netFolder = dc.HostFolder, dc.DatastoreFolder, dc.NetworkFolder
	for n := range g.settings.Folders {
		parent := dc.VmFolder
		if n > 0 && n%8 == 0 {
			parent = g.vmFolders[n-8] // a tree, and no heap
		}
		ref := g.addFolder(parent, "group-v", fmt.Sprintf("team-%02d", n), "Folder", "VirtualMachine", "VirtualApp")
		above := of[mo.Folder](g.edit, parent)
		above.ChildEntity = append(above.ChildEntity, ref)
		g.vmFolders = append(g.vmFolders, ref)
	}
}

func (g *ground) addFolder(parent types.ManagedObjectReference, prefix, name string, children ...string) types.ManagedObjectReference {
	f := newFolder(g.name("Folder", prefix), &parent, name, children...)
	g.add(f)
	return f.Self
}

func newFolder(self types.ManagedObjectReference, parent *types.ManagedObjectReference, name string, children ...string) *mo.Folder {
	f := &mo.Folder{ChildType: children}
	f.Self, f.Name, f.Parent = self, name, parent
	f.OverallStatus, f.ConfigStatus = types.ManagedEntityStatusGreen, types.ManagedEntityStatusGreen
	return f
}

// entity fills in what all entities have.
func entity(e *mo.ManagedEntity, parent types.ManagedObjectReference, name string) {
	e.Name, e.Parent = name, &parent
	e.OverallStatus, e.ConfigStatus = types.ManagedEntityStatusGreen, types.ManagedEntityStatusGreen
	e.EffectiveRole = []int32{-1}
}

// child puts an object into the list of its folder.
func (g *ground) child(folder, one types.ManagedObjectReference) {
	f := of[mo.Folder](g.edit, folder)
	f.ChildEntity = append(f.ChildEntity, one)
}

func (g *ground) addNetworks() {
	dvs := &mo.VmwareDistributedVirtualSwitch{}
	dvs.Self = g.name("VmwareDistributedVirtualSwitch", "dvs-")
	entity(&dvs.ManagedEntity, g.netFolder, "DVS0")
	dvs.Uuid = identity("dvs", 0)
	dvs.Summary = types.DVSSummary{
		Name: "DVS0", Uuid: dvs.Uuid, NumPorts: 1024,
		ProductInfo: &types.DistributedVirtualSwitchProductSpec{Name: "DVS", Vendor: "VMware, Inc.", Version: "8.0.3"},
	}
	dvs.Config = &types.VMwareDVSConfigInfo{DVSConfigInfo: types.DVSConfigInfo{Uuid: dvs.Uuid, Name: "DVS0", NumPorts: 1024}}
	g.add(dvs)
	g.child(g.netFolder, dvs.Self)
	for n := range g.settings.Clusters + 2 {
		g.addPortgroup(dvs, n)
	}
}

func (g *ground) addPortgroup(dvs *mo.VmwareDistributedVirtualSwitch, n int) {
	name := fmt.Sprintf("DC0_DVPG%d", n)
	pg := &mo.DistributedVirtualPortgroup{}
	pg.Self = g.edit.name("DistributedVirtualPortgroup", "dvportgroup-")
	entity(&pg.ManagedEntity, g.netFolder, name)
	pg.Network.Name = name
	pg.Key = pg.Self.Value
	pg.Summary = &types.NetworkSummary{Network: &pg.Self, Name: name, Accessible: true}
	pg.Config = types.DVPortgroupConfigInfo{
		Key: pg.Key, Name: name, NumPorts: 128, Type: "earlyBinding", BackingType: "standard",
		DistributedVirtualSwitch: &dvs.Self, Policy: &types.VMwareDVSPortgroupPolicy{},
	}
	g.add(pg)
	g.child(g.netFolder, pg.Self)
	dvs.Portgroup = append(dvs.Portgroup, pg.Self)
	g.networks = append(g.networks, pg.Self)
}

func (g *ground) addDatastores() {
	for n := range g.settings.Datastores {
		name := fmt.Sprintf("LocalDS_%d", n)
		ds := &mo.Datastore{}
		ds.Self = g.edit.name("Datastore", "datastore-")
		entity(&ds.ManagedEntity, g.datastoreFolder, name)
		url := "ds:///vmfs/volumes/" + identity("datastore", n) + "/"
		ds.Summary = types.DatastoreSummary{
			Datastore: &ds.Self, Name: name, Url: url, Capacity: 64 << 40, FreeSpace: 32 << 40, Uncommitted: 8 << 40,
			Accessible: true, MultipleHostAccess: types.NewBool(true), Type: "VMFS", MaintenanceMode: "normal",
		}
		ds.Info = &types.VmfsDatastoreInfo{DatastoreInfo: types.DatastoreInfo{Name: name, Url: url, FreeSpace: 32 << 40}}
		g.add(ds)
		g.child(g.datastoreFolder, ds.Self)
		g.datastores = append(g.datastores, ds.Self)
	}
	g.datacenter.Datastore, g.datacenter.Network = g.datastores, g.networks
}

func identity(kind string, n int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", hash(kind), n>>32&0xffff, n)
}

func hash(text string) (h uint32) {
	for _, c := range []byte(text) {
		h = h*16777619 ^ uint32(c)
	}
	return h
}
