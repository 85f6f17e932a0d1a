package translate

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// cluster records what is known of a cluster, also of one without hosts or virtual machines.
func (p *pass) cluster(o *inventory.Object) {
	amount(o, "summary.totalCpu", p.at, p.builder.RecordVcenterClusterCPULimitDataPoint)
	amount(o, "summary.effectiveCpu", p.at, p.builder.RecordVcenterClusterCPUEffectiveDataPoint)
	amount(o, "summary.totalMemory", p.at, p.builder.RecordVcenterClusterMemoryLimitDataPoint)
	if mebibytes, ok := number(o, "summary.effectiveMemory"); ok {
		p.builder.RecordVcenterClusterMemoryEffectiveDataPoint(p.at, mebibytes<<20)
	}
	p.members(o)
	whether(o, "configurationEx.dasConfig.enabled", p.at, p.builder.RecordVcenterClusterHaEnabledDataPoint)
	whether(o, "configurationEx.drsConfig.enabled", p.at, p.builder.RecordVcenterClusterDrsEnabledDataPoint)
	if stats := p.Stats.Cluster(o.Moref); stats != nil {
		p.clusterStats(stats)
	}
}

// members records what is in a cluster.
func (p *pass) members(o *inventory.Object) {
	hosts, known := number(o, "summary.numHosts")
	effective, also := number(o, "summary.numEffectiveHosts")
	if known && also {
		p.builder.RecordVcenterClusterHostCountDataPoint(p.at, hosts-effective, false)
		p.builder.RecordVcenterClusterHostCountDataPoint(p.at, effective, true)
	}
	count := p.census.clusters[o.Moref]
	if count == nil {
		count = &clusterCount{}
	}
	for _, known := range machinePowers {
		if n := count.machines[known.state]; n > 0 || known.state != metadata.AttributeVMCountPowerStateUnknown {
			p.builder.RecordVcenterClusterVMCountDataPoint(p.at, n, known.state)
		}
	}
	p.builder.RecordVcenterClusterVMTemplateCountDataPoint(p.at, count.templates)
}

// balanceUnit is what DRS counts deviations in.
const balanceUnit = 1000

func (p *pass) clusterStats(s *inventory.ClusterStats) {
	told(s.VMotions, p.at, p.builder.RecordVcenterClusterVmotionCountDataPoint)
	told(s.DRSScore, p.at, p.builder.RecordVcenterClusterDrsScoreDataPoint)
	if s.CurrentBalance.Known {
		p.builder.RecordVcenterClusterDrsBalanceDataPoint(p.at, float64(s.CurrentBalance.Value)/balanceUnit, metadata.AttributeBalanceTypeCurrent)
	}
	if s.TargetBalance.Known {
		p.builder.RecordVcenterClusterDrsBalanceDataPoint(p.at, float64(s.TargetBalance.Value)/balanceUnit, metadata.AttributeBalanceTypeTarget)
	}
	if u := s.Usage; u != nil {
		p.builder.RecordVcenterClusterCPUDemandDataPoint(p.at, u.CPUDemand)
		p.builder.RecordVcenterClusterCPUReservedDataPoint(p.at, u.CPUReserved)
		p.builder.RecordVcenterClusterCPUEntitledDataPoint(p.at, u.CPUEntitled)
		p.builder.RecordVcenterClusterMemoryDemandDataPoint(p.at, u.MemoryDemand<<20)
		p.builder.RecordVcenterClusterMemoryReservedDataPoint(p.at, u.MemoryReserved<<20)
		p.builder.RecordVcenterClusterMemoryEntitledDataPoint(p.at, u.MemoryEntitled<<20)
	}
}
