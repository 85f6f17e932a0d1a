package traffic

import "github.com/vmware/govmomi/vim25/types"

// Inventory is what the events are about: virtual machines where they live. It must not be empty.
type Inventory []Place

// Place is a virtual machine and what is around it, ready to be named in an event. Network may be nil.
type Place struct {
	VM              types.VmEventArgument
	Host            types.HostEventArgument
	ComputeResource types.ComputeResourceEventArgument
	Datacenter      types.DatacenterEventArgument
	Datastore       types.DatastoreEventArgument
	Network         *types.NetworkEventArgument
}

// base is an event about the virtual machine.
func (p Place) base(user, message string) types.Event {
	e := p.onHost(user, message)
	e.Vm, e.Ds, e.Net = &p.VM, &p.Datastore, p.Network
	return e
}

// onHost is an event about the host.
func (p Place) onHost(user, message string) types.Event {
	e := types.Event{UserName: user, FullFormattedMessage: message}
	e.Datacenter, e.ComputeResource, e.Host = &p.Datacenter, &p.ComputeResource, &p.Host
	return e
}
