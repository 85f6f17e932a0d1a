package translate

import "github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"

// kind is one of the managed objects that vCenter attaches to an event of any class.
type kind int

const (
	datacenter kind = iota
	cluster
	host
	vm
	datastore
	network
	dvs
)

var kinds = [...]struct{ name, moref string }{
	datacenter: {"vcenter.datacenter.name", "vcenter.datacenter.moref"},
	cluster:    {"vcenter.cluster.name", "vcenter.cluster.moref"},
	host:       {"vcenter.host.name", "vcenter.host.moref"},
	vm:         {"vcenter.vm.name", "vcenter.vm.moref"},
	datastore:  {"vcenter.datastore.name", "vcenter.datastore.moref"},
	network:    {"vcenter.network.name", "vcenter.network.moref"},
	dvs:        {"vcenter.dvs.name", "vcenter.dvs.moref"},
}

// specific lists the kinds from the most to the least specific: the first that an event has is what it is about.
var specific = [...]kind{vm, host, datastore, network, dvs, cluster, datacenter}

// clusterType tells a cluster from the compute resource that every stand-alone host has to itself.
const clusterType = "ClusterComputeResource"

// entity is a managed object as an event names it. Any part may be empty.
type entity struct {
	typ   string
	name  string
	moref string
}

// entityOf reads an EntityEventArgument: a name, and a reference under a name that depends on its class. It tells
// whether that is the whole of it: a later vCenter may say more.
func entityOf(argument soapxml.Elements) (e entity, whole bool) {
	whole = true
	for i := 0; i < len(argument); i += argument[i].Span {
		switch child := &argument[i]; {
		case child.Ref != "" && e.moref == "":
			e.typ, e.moref = child.Ref, child.Text
		case child.Name == "name" && child.Span == 1 && e.name == "":
			e.name = child.Text
		default:
			whole = false
		}
	}
	return e, whole
}
