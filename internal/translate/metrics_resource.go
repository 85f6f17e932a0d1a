package translate

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
)

// identity is what no two resources share. Back ends that know a resource by this alone would merge the series of two.
func (s *Source) identity(moref string) string {
	switch {
	case s.InstanceUUID == "":
		return s.Name // which vCenter it is, is not known before the first login
	case moref == "":
		return s.InstanceUUID
	}
	return s.InstanceUUID + "/" + moref
}

// instance describes the vCenter, on every resource.
func (p *pass) instance(moref string) {
	p.resource.SetServiceName(serviceEvents)
	p.resource.SetServiceInstanceID(p.Source.identity(moref))
	set(p.resource.SetServerAddress, p.Source.Address)
	set(p.resource.SetVcenterInstanceName, p.Source.Name)
	set(p.resource.SetVcenterInstanceUUID, p.Source.InstanceUUID)
	set(p.resource.SetVcenterObjectMoref, moref)
}

// resourceOf describes an object, with the names that the metrics of vCenters have had before us: one that is not known is
// left out, and so the object stays.
func (p *pass) resourceOf(o *inventory.Object) pcommon.Resource {
	p.instance(o.Moref)
	if dc := p.census.datacenter(p.Inventory, o); dc != nil {
		set(p.resource.SetVcenterDatacenterName, dc.Name())
	}
	if p.with.VcenterObjectPath.Enabled {
		set(p.resource.SetVcenterObjectPath, p.Inventory.Path(o))
	}
	switch o.Type {
	case typeVM:
		p.machineNames(o)
	case typeHost:
		p.clusterName(o)
		set(p.resource.SetVcenterHostName, o.Name())
	case typePool:
		p.clusterName(o)
		set(p.resource.SetVcenterHostName, p.census.only[o.Get("owner")])
		p.poolNames(o)
	case typeApp:
		p.clusterName(o)
		p.poolNames(o)
	case typeCluster:
		p.clusterName(o)
	case typeDatastore:
		set(p.resource.SetVcenterDatastoreName, o.Name())
	}
	return p.resource.Emit()
}

func (p *pass) clusterName(o *inventory.Object) {
	if cluster := p.Inventory.Cluster(o); cluster != nil {
		set(p.resource.SetVcenterClusterName, cluster.Name())
	}
}

func (p *pass) machineNames(o *inventory.Object) {
	p.clusterName(o)
	set(p.resource.SetVcenterHostName, p.Inventory.Get(o.Get("runtime.host")).Name())
	set(p.resource.SetVcenterVMBiosUUID, o.Get("config.uuid"))
	if isTemplate(o) {
		set(p.resource.SetVcenterVMTemplateName, o.Name())
		set(p.resource.SetVcenterVMTemplateID, o.Get("config.instanceUuid"))
		return
	}
	set(p.resource.SetVcenterVMName, o.Name())
	set(p.resource.SetVcenterVMID, o.Get("config.instanceUuid"))
	p.poolNames(p.Inventory.Get(o.Get("resourcePool")))
}

// poolNames names a resource pool or a vApp, if there is one.
func (p *pass) poolNames(o *inventory.Object) {
	switch {
	case o == nil:
	case o.Type == typeApp:
		set(p.resource.SetVcenterVirtualAppName, o.Name())
		set(p.resource.SetVcenterVirtualAppInventoryPath, p.census.path(p.Inventory, o))
	default:
		set(p.resource.SetVcenterResourcePoolName, o.Name())
		set(p.resource.SetVcenterResourcePoolInventoryPath, p.census.path(p.Inventory, o))
	}
}

func set(to func(string), value string) {
	if value != "" {
		to(value)
	}
}
