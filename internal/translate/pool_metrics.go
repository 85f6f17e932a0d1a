package translate

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// pool records what is known of a resource pool.
func (p *pass) pool(o *inventory.Object) {
	amount(o, "config.cpuAllocation.shares.shares", p.at, p.builder.RecordVcenterResourcePoolCPUSharesDataPoint)
	amount(o, "config.memoryAllocation.shares.shares", p.at, p.builder.RecordVcenterResourcePoolMemorySharesDataPoint)
	amount(o, "config.cpuAllocation.limit", p.at, p.builder.RecordVcenterResourcePoolCPULimitDataPoint)
	amount(o, "config.cpuAllocation.reservation", p.at, p.builder.RecordVcenterResourcePoolCPUReservationDataPoint)
	amount(o, "config.memoryAllocation.limit", p.at, p.builder.RecordVcenterResourcePoolMemoryLimitDataPoint)
	amount(o, "config.memoryAllocation.reservation", p.at, p.builder.RecordVcenterResourcePoolMemoryReservationDataPoint)
	if quick := p.Stats.Pool(o.Moref); quick != nil {
		p.poolUsage(quick)
	}
}

// poolUsage records what the machines of a pool use together: 0 where vCenter leaves it out.
func (p *pass) poolUsage(q *inventory.PoolStats) {
	p.builder.RecordVcenterResourcePoolCPUUsageDataPoint(p.at, q.CPUUsage.Value)
	told(q.CPUDemand, p.at, p.builder.RecordVcenterResourcePoolCPUDemandDataPoint)
	p.builder.RecordVcenterResourcePoolMemoryUsageDataPoint(p.at, q.GuestMemory.Value, metadata.AttributeMemoryUsageTypeGuest)
	p.builder.RecordVcenterResourcePoolMemoryUsageDataPoint(p.at, q.HostMemory.Value, metadata.AttributeMemoryUsageTypeHost)
	p.builder.RecordVcenterResourcePoolMemoryUsageDataPoint(p.at, q.Overhead.Value, metadata.AttributeMemoryUsageTypeOverhead)
	p.builder.RecordVcenterResourcePoolMemorySwappedDataPoint(p.at, q.Swapped.Value)
	p.builder.RecordVcenterResourcePoolMemoryBalloonedDataPoint(p.at, q.Ballooned.Value)
	p.builder.RecordVcenterResourcePoolMemoryGrantedDataPoint(p.at, q.Private.Value, metadata.AttributeMemoryGrantedTypePrivate)
	p.builder.RecordVcenterResourcePoolMemoryGrantedDataPoint(p.at, q.Shared.Value, metadata.AttributeMemoryGrantedTypeShared)
}
