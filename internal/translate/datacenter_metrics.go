package translate

import (
	"iter"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// entityStatuses yields each status with its attribute.
func entityStatuses() iter.Seq2[inventory.Status, metadata.AttributeEntityStatus] {
	return func(yield func(inventory.Status, metadata.AttributeEntityStatus) bool) {
		_ = yield(inventory.Red, metadata.AttributeEntityStatusRed) &&
			yield(inventory.Yellow, metadata.AttributeEntityStatusYellow) &&
			yield(inventory.Green, metadata.AttributeEntityStatusGreen) &&
			yield(inventory.Gray, metadata.AttributeEntityStatusGray)
	}
}

// datacenter records what adds up in a datacenter, also in an empty one. Each combination is told, with 0 where there is
// none: else what was green and is red now would count twice for as long as a back end remembers a series.
func (p *pass) datacenter(o *inventory.Object) {
	count := p.census.datacenters[o.Moref]
	if count == nil {
		count = &datacenterCount{}
	}
	p.builder.RecordVcenterDatacenterDatastoreCountDataPoint(p.at, count.datastores)
	p.builder.RecordVcenterDatacenterDiskSpaceDataPoint(p.at, count.capacity-count.free, metadata.AttributeDiskStateUsed)
	p.builder.RecordVcenterDatacenterDiskSpaceDataPoint(p.at, count.free, metadata.AttributeDiskStateAvailable)
	p.builder.RecordVcenterDatacenterCPULimitDataPoint(p.at, count.mhz)
	p.builder.RecordVcenterDatacenterMemoryLimitDataPoint(p.at, count.memory)
	if p.Stats == nil || p.Stats.Status == nil {
		return // or all would be gray
	}
	for status, attribute := range entityStatuses() {
		p.populace(count, status, attribute)
	}
}

// populace records who of a datacenter has a status.
func (p *pass) populace(count *datacenterCount, status inventory.Status, attribute metadata.AttributeEntityStatus) {
	if p.census.knows(typeCluster) {
		p.builder.RecordVcenterDatacenterClusterCountDataPoint(p.at, count.clusters[status], attribute)
	}
	for _, power := range hostPowers {
		if p.census.knows(typeHost) {
			p.builder.RecordVcenterDatacenterHostCountDataPoint(p.at, count.hosts[hostKind{status, power.state}], attribute, power.state)
		}
	}
	for _, power := range machinePowers {
		if p.census.knows(typeVM) {
			p.builder.RecordVcenterDatacenterVMCountDataPoint(p.at, count.machines[machineKind{status, power.state}], attribute, power.state)
		}
	}
}
