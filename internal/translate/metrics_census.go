package translate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// Types of objects that have metrics of their own.
const (
	typeVM         = "VirtualMachine"
	typeHost       = "HostSystem"
	typePool       = "ResourcePool"
	typeApp        = "VirtualApp"
	typeDatastore  = "Datastore"
	typeCluster    = "ClusterComputeResource"
	typeCompute    = "ComputeResource"
	typeDatacenter = "Datacenter"
)

// census is one look over the whole inventory: who is to be told of, and what of them adds up in others.
type census struct {
	objects     []*inventory.Object // that have metrics of their own, by type and moref
	clusters    map[string]*clusterCount
	datacenters map[string]*datacenterCount
	machines    map[string]int64  // by datastore
	only        map[string]string // the host of a stand-alone host's compute resource

	there, judged map[string]bool // types that there are, and of which some object has a status

	folders map[string]*inventory.Object // the datacenter of what has a parent
	paths   map[string]string            // of pools and vApps
}

// clusterCount is what adds up in a cluster.
type clusterCount struct {
	machines  map[metadata.AttributeVMCountPowerState]int64
	templates int64
}

// datacenterCount is what adds up in a datacenter.
type datacenterCount struct {
	clusters map[inventory.Status]int64
	hosts    map[hostKind]int64
	machines map[machineKind]int64

	datastores, capacity, free int64
	mhz, memory                int64
}

type hostKind struct {
	status inventory.Status
	power  metadata.AttributeHostPowerState
}

type machineKind struct {
	status inventory.Status
	power  metadata.AttributeVMCountPowerState
}

func takeCensus(c *Collection, asked interest) *census {
	n := &census{
		clusters: map[string]*clusterCount{}, datacenters: map[string]*datacenterCount{}, machines: map[string]int64{},
		only: map[string]string{}, folders: map[string]*inventory.Object{}, paths: map[string]string{},
		there: map[string]bool{}, judged: map[string]bool{},
	}
	for o := range c.Inventory.All() {
		if o.Type == typeHost || asked[typeCluster] || asked[typeDatacenter] || asked[typeDatastore] {
			n.count(c, o)
		}
		if asked.in(o) && c.included(o) {
			n.objects = append(n.objects, o)
		}
	}
	slices.SortFunc(n.objects, func(a, b *inventory.Object) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(len(a.Moref), len(b.Moref)), cmp.Compare(a.Moref, b.Moref))
	})
	return n
}

func (n *census) count(c *Collection, o *inventory.Object) {
	switch o.Type {
	case typeVM:
		n.machine(c, o)
	case typeHost:
		n.host(c, o)
	case typeCluster:
		if dc := n.in(c, o); dc != nil {
			dc.clusters[n.status(c, o)]++
		}
	case typeDatastore:
		if dc := n.in(c, o); dc != nil {
			dc.datastore(o)
		}
	}
}

// in is the count of the datacenter that an object is in, nil where that is not known.
func (n *census) in(c *Collection, o *inventory.Object) *datacenterCount {
	dc := n.datacenter(c.Inventory, o)
	if dc == nil {
		return nil
	}
	count := n.datacenters[dc.Moref]
	if count == nil {
		count = &datacenterCount{
			clusters: map[inventory.Status]int64{}, hosts: map[hostKind]int64{}, machines: map[machineKind]int64{},
		}
		n.datacenters[dc.Moref] = count
	}
	return count
}

// datacenter is the one that an object is in. Most of them have few parents.
func (n *census) datacenter(s *inventory.Snapshot, o *inventory.Object) *inventory.Object {
	parent := o.Get("parent")
	if parent == "" || o.Type == typeDatacenter {
		return s.Above(o, typeDatacenter)
	}
	dc, known := n.folders[parent]
	if !known {
		dc = s.Above(o, typeDatacenter)
		n.folders[parent] = dc
	}
	return dc
}

func (n *census) path(s *inventory.Snapshot, o *inventory.Object) string {
	path, known := n.paths[o.Moref]
	if !known {
		path = s.Path(o)
		n.paths[o.Moref] = path
	}
	return path
}

// status is the overall status of an object, gray where vCenter told none.
func (n *census) status(c *Collection, o *inventory.Object) inventory.Status {
	status, _ := c.Stats.StatusOf(o.Moref)
	n.there[o.Type] = true
	n.judged[o.Type] = n.judged[o.Type] || status != inventory.NoStatus
	return max(status, inventory.Gray)
}

// knows reports whether the status of objects of a type is known. If all of them are gray, nobody has asked.
func (n *census) knows(class string) bool { return n.judged[class] || !n.there[class] }

// machine counts a virtual machine where it is.
func (n *census) machine(c *Collection, o *inventory.Object) {
	for datastore := range strings.SplitSeq(o.Get("datastore"), ", ") {
		n.machines[datastore]++
	}
	power, template := machinePower(o), isTemplate(o)
	if cluster := c.Inventory.Cluster(o); cluster != nil {
		count := n.clusters[cluster.Moref]
		if count == nil {
			count = &clusterCount{machines: map[metadata.AttributeVMCountPowerState]int64{}}
			n.clusters[cluster.Moref] = count
		}
		if template {
			count.templates++
		} else {
			count.machines[power]++
		}
	}
	if dc := n.in(c, o); dc != nil && !template {
		dc.machines[machineKind{n.status(c, o), power}]++
	}
}

func (n *census) host(c *Collection, o *inventory.Object) {
	if parent := c.Inventory.Get(o.Get("parent")); parent != nil && parent.Type == typeCompute {
		n.only[parent.Moref] = o.Name()
	}
	dc := n.in(c, o)
	if dc == nil {
		return
	}
	dc.hosts[hostKind{n.status(c, o), hostPower(o)}]++
	dc.mhz += capacityOf(o)
	memory, _ := number(o, "summary.hardware.memorySize")
	dc.memory += memory
}

// datastore counts one. What vCenter says of the space of one that no host can reach is old.
func (dc *datacenterCount) datastore(o *inventory.Object) {
	dc.datastores++
	if space, ok := spaceOf(o); ok {
		dc.capacity += space.capacity
		dc.free += space.free
	}
}
