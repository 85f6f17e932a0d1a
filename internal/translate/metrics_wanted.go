package translate

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

// Wanted says which parts of inventory.Stats the metrics that are switched on are made of.
func Wanted(on metadata.MetricsConfig) inventory.Wanted {
	return inventory.Wanted{
		VMQuickStats: on.VcenterVMCPUUsage.Enabled || on.VcenterVMCPUUtilization.Enabled || on.VcenterVMCPUReadiness.Enabled ||
			on.VcenterVMMemoryUsage.Enabled || on.VcenterVMMemoryUtilization.Enabled || on.VcenterVMMemoryBallooned.Enabled ||
			on.VcenterVMMemoryGranted.Enabled || on.VcenterVMMemorySwapped.Enabled || on.VcenterVMMemorySwappedSsd.Enabled ||
			on.VcenterVMHeartbeatStatus.Enabled,
		VMStorage: on.VcenterVMDiskUsage.Enabled || on.VcenterVMDiskUtilization.Enabled,
		VMMaxCPU:  on.VcenterVMCPUUtilization.Enabled,
		HostQuickStats: on.VcenterHostCPUUsage.Enabled || on.VcenterHostCPUUtilization.Enabled ||
			on.VcenterHostMemoryUsage.Enabled || on.VcenterHostMemoryUtilization.Enabled,
		PoolQuickStats: on.VcenterResourcePoolCPUUsage.Enabled || on.VcenterResourcePoolCPUDemand.Enabled ||
			on.VcenterResourcePoolMemoryUsage.Enabled || on.VcenterResourcePoolMemorySwapped.Enabled ||
			on.VcenterResourcePoolMemoryBallooned.Enabled || on.VcenterResourcePoolMemoryGranted.Enabled,
		ClusterSummary: on.VcenterClusterVmotionCount.Enabled || on.VcenterClusterDrsScore.Enabled || on.VcenterClusterDrsBalance.Enabled ||
			on.VcenterClusterCPUDemand.Enabled || on.VcenterClusterCPUReserved.Enabled || on.VcenterClusterCPUEntitled.Enabled ||
			on.VcenterClusterMemoryDemand.Enabled || on.VcenterClusterMemoryReserved.Enabled || on.VcenterClusterMemoryEntitled.Enabled,
		VMStatus:      on.VcenterDatacenterVMCount.Enabled,
		HostStatus:    on.VcenterDatacenterHostCount.Enabled,
		ClusterStatus: on.VcenterDatacenterClusterCount.Enabled,
		Alarms:        on.VcenterAlarmActive.Enabled || on.VcenterHostAlarmCount.Enabled || on.VcenterDatastoreAlarmCount.Enabled,
		Licenses:      on.VcenterLicenseTotal.Enabled || on.VcenterLicenseUsed.Enabled || on.VcenterLicenseExpiry.Enabled,
		Certificates:  on.VcenterHostCertificateExpiry.Enabled,
		Certificate:   on.VcenterCertificateExpiry.Enabled,
	}
}
