package tagging

import "github.com/vmware/govmomi/vim25/types"

// object is one whose tags are wanted. Its value alone names it within a vCenter.
type object = types.ManagedObjectReference

// taggable are the types of the inventory that can have tags. vCenter would refuse a whole request for one of another type.
var taggable = map[string]bool{
	"ClusterComputeResource": true, "Datacenter": true, "Datastore": true, "DistributedVirtualPortgroup": true,
	"DistributedVirtualSwitch": true, "Folder": true, "HostSystem": true, "Network": true, "OpaqueNetwork": true,
	"ResourcePool": true, "StoragePod": true, "VirtualApp": true, "VirtualMachine": true, "VmwareDistributedVirtualSwitch": true,
}

// wanted are the objects to ask for.
func wanted(objects []object) (all []object) {
	for _, o := range objects {
		if taggable[o.Type] {
			all = append(all, o)
		}
	}
	return all
}
