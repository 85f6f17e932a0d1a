package property

import (
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// newLoad is what a virtual machine uses that was just switched on, in as many numbers as a vCenter tells.
func newLoad(h types.VirtualHardware) types.VirtualMachineQuickStats {
	return types.VirtualMachineQuickStats{
		OverallCpuUsage: 180, OverallCpuDemand: 210, OverallCpuReadiness: 1, GuestMemoryUsage: h.MemoryMB / 4, HostMemoryUsage: h.MemoryMB + 52,
		GuestHeartbeatStatus: types.ManagedEntityStatusGreen, DistributedCpuEntitlement: 210, DistributedMemoryEntitlement: h.MemoryMB / 2,
		StaticCpuEntitlement: hostMHz * h.NumCPU, StaticMemoryEntitlement: h.MemoryMB, GrantedMemory: h.MemoryMB, PrivateMemory: h.MemoryMB - 16,
		SharedMemory: 16, SwappedMemory: 3, BalloonedMemory: 5, ConsumedOverheadMemory: 52, FtLogBandwidth: -1, FtSecondaryLatency: -1,
		FtLatencyStatus: types.ManagedEntityStatusGray, CompressedMemory: 128, UptimeSeconds: 86_400, SsdSwappedMemory: 64,
		ActiveMemory: h.MemoryMB / 8,
	}
}

func newPoolLoad() *types.ResourcePoolQuickStats {
	return &types.ResourcePoolQuickStats{
		OverallCpuUsage: 20_000, OverallCpuDemand: 24_000, GuestMemoryUsage: 60_000, HostMemoryUsage: 210_000,
		DistributedCpuEntitlement: 24_000, DistributedMemoryEntitlement: 120_000, StaticCpuEntitlement: 400_000, StaticMemoryEntitlement: 500_000,
		PrivateMemory: 200_000, SharedMemory: 1600, SwappedMemory: 300, BalloonedMemory: 500, OverheadMemory: 9000,
		ConsumedOverheadMemory: 5200, CompressedMemory: 12_800,
	}
}

func newPoolRuntime() types.ResourcePoolRuntimeInfo {
	usage := types.ResourcePoolResourceUsage{UnreservedForPool: 100_000, UnreservedForVm: 100_000, OverallUsage: 20_000, MaxUsage: 400_000}
	return types.ResourcePoolRuntimeInfo{Memory: usage, Cpu: usage, OverallStatus: types.ManagedEntityStatusGreen}
}

// quickStats changes what a virtual machine that runs uses, and with it what its host, pool and cluster do: none of it is
// pushed.
func (s *scene) quickStats(vm *mo.VirtualMachine) {
	if !isOn(vm) {
		return
	}
	q := &vm.Summary.QuickStats
	before := *q
	q.OverallCpuUsage, q.GuestMemoryUsage = 100+s.random.Int32N(4000), 100+s.random.Int32N(4000)
	q.OverallCpuDemand, q.ActiveMemory = q.OverallCpuUsage+s.random.Int32N(100), q.GuestMemoryUsage/2
	q.BalloonedMemory, q.SwappedMemory, q.SsdSwappedMemory = s.random.Int32N(64), s.random.Int32N(64), s.random.Int64N(4096)
	q.UptimeSeconds += 20
	vm.Runtime.MaxCpuUsage = hostMHz + s.random.Int32N(100)
	s.carry(vm, q.OverallCpuUsage-before.OverallCpuUsage, q.GuestMemoryUsage-before.GuestMemoryUsage)
}

// carry lets what a virtual machine is on, and in, use as much more.
func (s *scene) carry(vm *mo.VirtualMachine, mhz, mib int32) {
	host := of[mo.HostSystem](s.edit, *vm.Runtime.Host)
	host.Summary.QuickStats.OverallCpuUsage += mhz
	host.Summary.QuickStats.OverallMemoryUsage += mib
	host.Summary.QuickStats.Uptime += 20

	cluster := of[mo.ClusterComputeResource](s.edit, *host.Parent)
	summary := *cluster.Summary.(*types.ClusterComputeResourceSummary)
	usage := *summary.UsageSummary
	usage.CpuDemandMhz, usage.MemDemandMB = usage.CpuDemandMhz+mhz, usage.MemDemandMB+mib
	summary.UsageSummary, cluster.Summary = &usage, &summary

	if vm.ResourcePool != nil {
		pool := of[mo.ResourcePool](s.edit, *vm.ResourcePool)
		summary := *pool.Summary.(*types.ResourcePoolSummary)
		quick := *summary.QuickStats
		quick.OverallCpuUsage, quick.GuestMemoryUsage = quick.OverallCpuUsage+int64(mhz), quick.GuestMemoryUsage+int64(mib)
		summary.QuickStats, pool.Summary = &quick, &summary
	}
}

// grow lets the disks of a virtual machine take more of their datastore, which is not pushed, either.
func (s *scene) grow(vm *mo.VirtualMachine) {
	more := 1<<20 + s.random.Int64N(1<<30)
	storage := *vm.Storage
	usage := storage.PerDatastoreUsage[0]
	usage.Committed, usage.Unshared, usage.Uncommitted = usage.Committed+more, usage.Unshared+more, max(0, usage.Uncommitted-more)
	storage.PerDatastoreUsage, storage.Timestamp = []types.VirtualMachineUsageOnDatastore{usage}, s.now
	vm.Storage = &storage
	vm.Summary.Storage = storageOf(vm)
}

// storageOf is what the summary says of the storage.
func storageOf(vm *mo.VirtualMachine) *types.VirtualMachineStorageSummary {
	s := &types.VirtualMachineStorageSummary{Timestamp: vm.Storage.Timestamp}
	for _, usage := range vm.Storage.PerDatastoreUsage {
		s.Committed += usage.Committed
		s.Uncommitted += usage.Uncommitted
		s.Unshared += usage.Unshared
	}
	return s
}
