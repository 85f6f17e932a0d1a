package translate

import (
	"time"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

const poweredOn = "poweredOn"

var (
	machinePowers = states[metadata.AttributeVMCountPowerState]{
		{poweredOn, metadata.AttributeVMCountPowerStateOn}, {"poweredOff", metadata.AttributeVMCountPowerStateOff},
		{"suspended", metadata.AttributeVMCountPowerStateSuspended}, {"unknown", metadata.AttributeVMCountPowerStateUnknown},
	}
	machineConnections = states[metadata.AttributeVMConnectionState]{
		{"connected", metadata.AttributeVMConnectionStateConnected}, {"disconnected", metadata.AttributeVMConnectionStateDisconnected},
		{"orphaned", metadata.AttributeVMConnectionStateOrphaned}, {"inaccessible", metadata.AttributeVMConnectionStateInaccessible},
		{"invalid", metadata.AttributeVMConnectionStateInvalid},
	}
	toolsStates = states[metadata.AttributeToolsState]{
		{"guestToolsRunning", metadata.AttributeToolsStateRunning}, {"guestToolsNotRunning", metadata.AttributeToolsStateNotRunning},
		{"guestToolsExecutingScripts", metadata.AttributeToolsStateExecutingScripts},
	}
	toolsVersions = states[metadata.AttributeToolsVersionState]{
		{"guestToolsCurrent", metadata.AttributeToolsVersionStateCurrent}, {"guestToolsNotInstalled", metadata.AttributeToolsVersionStateNotInstalled},
		{"guestToolsUnmanaged", metadata.AttributeToolsVersionStateUnmanaged}, {"guestToolsTooOld", metadata.AttributeToolsVersionStateTooOld},
		{"guestToolsSupportedOld", metadata.AttributeToolsVersionStateSupportedOld}, {"guestToolsSupportedNew", metadata.AttributeToolsVersionStateSupportedNew},
		{"guestToolsTooNew", metadata.AttributeToolsVersionStateTooNew}, {"guestToolsBlacklisted", metadata.AttributeToolsVersionStateBlacklisted},
	}
)

func isTemplate(o *inventory.Object) bool { return isTrue(o.Get("config.template")) }

func machinePower(o *inventory.Object) metadata.AttributeVMCountPowerState {
	return machinePowers.of(o.Get("runtime.powerState"), metadata.AttributeVMCountPowerStateUnknown)
}

// machine records what is known of a virtual machine. A template takes space, and does nothing else.
func (p *pass) machine(o *inventory.Object) {
	stats := p.Stats.VM(o.Moref)
	template := isTemplate(o)
	p.machineStorage(stats.Storage, template)
	if template {
		return
	}
	p.machineMemory(o, stats.Quick)
	p.machineCPU(o, stats)
	p.machineState(o, stats.Quick)
	p.machineSize(o)
	p.guestDisks(o)
	p.snapshots(o)
}

func (p *pass) machineStorage(s *inventory.VMStorage, template bool) {
	if s == nil {
		return
	}
	p.builder.RecordVcenterVMDiskUsageDataPoint(p.at, s.Committed, metadata.AttributeDiskStateUsed)
	p.builder.RecordVcenterVMDiskUsageDataPoint(p.at, s.Uncommitted, metadata.AttributeDiskStateAvailable)
	if !template {
		percent(s.Committed, s.Committed+s.Uncommitted, p.at, p.builder.RecordVcenterVMDiskUtilizationDataPoint)
	}
}

// machineMemory records the memory that a virtual machine uses: 0 where vCenter leaves it out.
func (p *pass) machineMemory(o *inventory.Object, quick *inventory.VMQuickStats) {
	if quick == nil {
		return
	}
	p.builder.RecordVcenterVMMemoryUsageDataPoint(p.at, quick.GuestMemory.Value)
	p.builder.RecordVcenterVMMemoryBalloonedDataPoint(p.at, quick.Ballooned.Value)
	p.builder.RecordVcenterVMMemorySwappedDataPoint(p.at, quick.Swapped.Value)
	p.builder.RecordVcenterVMMemorySwappedSsdDataPoint(p.at, quick.SwappedToSSD.Value)
	p.builder.RecordVcenterVMMemoryGrantedDataPoint(p.at, quick.GrantedMemory.Value)
	if isOn(o) {
		size, _ := number(o, "config.hardware.memoryMB")
		percent(quick.GuestMemory.Value, size, p.at, p.builder.RecordVcenterVMMemoryUtilizationDataPoint)
	}
}

// machineCPU records the CPU that a virtual machine uses. One that is on and idle uses 0; one that is off has no use of it.
func (p *pass) machineCPU(o *inventory.Object, stats *inventory.VMStats) {
	quick := stats.Quick
	if quick == nil || !isOn(o) {
		return
	}
	p.builder.RecordVcenterVMCPUUsageDataPoint(p.at, quick.CPUUsage.Value)
	p.builder.RecordVcenterVMCPUReadinessDataPoint(p.at, quick.CPUReadiness.Value)
	if p.on.VcenterVMCPUUtilization.Enabled {
		percent(quick.CPUUsage.Value, p.mostCPU(o, stats), p.at, p.builder.RecordVcenterVMCPUUtilizationDataPoint)
	}
}

func isOn(o *inventory.Object) bool { return o.Get("runtime.powerState") == poweredOn }

// mostCPU is what a virtual machine can use at most, in MHz: its limit, or all of its CPUs as fast as the host is.
func (p *pass) mostCPU(o *inventory.Object, stats *inventory.VMStats) int64 {
	if stats.MaxCPUUsage.Value != 0 {
		return stats.MaxCPUUsage.Value
	}
	cpus, _ := number(o, "config.hardware.numCPU")
	mhz, _ := number(p.Inventory.Get(o.Get("runtime.host")), "summary.hardware.cpuMhz")
	return cpus * mhz
}

func (p *pass) machineState(o *inventory.Object, quick *inventory.VMQuickStats) {
	if p.on.VcenterVMPowerStatus.Enabled {
		machinePowers.record(p.at, o.Get("runtime.powerState"), metadata.AttributeVMCountPowerStateUnknown, p.builder.RecordVcenterVMPowerStatusDataPoint)
	}
	if p.on.VcenterVMConnectionStatus.Enabled {
		machineConnections.record(p.at, o.Get("runtime.connectionState"), 0, p.builder.RecordVcenterVMConnectionStatusDataPoint)
	}
	if p.on.VcenterVMToolsStatus.Enabled {
		toolsStates.record(p.at, o.Get("guest.toolsRunningStatus"), 0, p.builder.RecordVcenterVMToolsStatusDataPoint)
	}
	if p.on.VcenterVMToolsVersionStatus.Enabled {
		toolsVersions.record(p.at, o.Get("guest.toolsVersionStatus2"), 0, p.builder.RecordVcenterVMToolsVersionStatusDataPoint)
	}
	if p.on.VcenterVMHeartbeatStatus.Enabled && quick != nil {
		p.heartbeat(quick.Heartbeat)
	}
	if p.on.VcenterVMQuestionPending.Enabled && o.Get("runtime.powerState") != "" {
		p.builder.RecordVcenterVMQuestionPendingDataPoint(p.at, boolean(o.Get("runtime.question.id") != ""))
	}
	if p.on.VcenterVMConsolidationNeeded.Enabled {
		whether(o, "runtime.consolidationNeeded", p.at, p.builder.RecordVcenterVMConsolidationNeededDataPoint)
	}
	if p.on.VcenterVMUptime.Enabled && isConnected(o) {
		p.uptime(o, p.builder.RecordVcenterVMUptimeDataPoint)
	}
}

func (p *pass) heartbeat(present inventory.Status) {
	if present == inventory.NoStatus {
		return
	}
	for status, attribute := range entityStatuses() {
		p.builder.RecordVcenterVMHeartbeatStatusDataPoint(p.at, boolean(status == present), attribute)
	}
}

// machineSize records what a virtual machine is configured with.
func (p *pass) machineSize(o *inventory.Object) {
	if p.on.VcenterVMCPUCount.Enabled {
		amount(o, "config.hardware.numCPU", p.at, p.builder.RecordVcenterVMCPUCountDataPoint)
	}
	if p.on.VcenterVMCPULimit.Enabled {
		amount(o, "config.cpuAllocation.limit", p.at, p.builder.RecordVcenterVMCPULimitDataPoint)
	}
	if p.on.VcenterVMCPUReservation.Enabled {
		amount(o, "config.cpuAllocation.reservation", p.at, p.builder.RecordVcenterVMCPUReservationDataPoint)
	}
	if p.on.VcenterVMCPUShares.Enabled {
		amount(o, "config.cpuAllocation.shares.shares", p.at, p.builder.RecordVcenterVMCPUSharesDataPoint)
	}
	if p.on.VcenterVMMemorySize.Enabled {
		amount(o, "config.hardware.memoryMB", p.at, p.builder.RecordVcenterVMMemorySizeDataPoint)
	}
	if p.on.VcenterVMMemoryLimit.Enabled {
		amount(o, "config.memoryAllocation.limit", p.at, p.builder.RecordVcenterVMMemoryLimitDataPoint)
	}
	if p.on.VcenterVMMemoryReservation.Enabled {
		amount(o, "config.memoryAllocation.reservation", p.at, p.builder.RecordVcenterVMMemoryReservationDataPoint)
	}
	if p.on.VcenterVMMemoryShares.Enabled {
		amount(o, "config.memoryAllocation.shares.shares", p.at, p.builder.RecordVcenterVMMemorySharesDataPoint)
	}
}

// guestDisks records the file systems that VMware Tools see.
func (p *pass) guestDisks(o *inventory.Object) {
	if !p.on.VcenterVMDiskGuestUsage.Enabled && !p.on.VcenterVMDiskGuestUtilization.Enabled {
		return
	}
	for path := range o.Elements("guest.disk") {
		capacity, known := number(o, "guest.disk["+path+"].capacity")
		free, also := number(o, "guest.disk["+path+"].freeSpace")
		if known && also {
			p.builder.RecordVcenterVMDiskGuestUsageDataPoint(p.at, capacity-free, metadata.AttributeDiskStateUsed, path)
			p.builder.RecordVcenterVMDiskGuestUsageDataPoint(p.at, free, metadata.AttributeDiskStateAvailable, path)
			if capacity > 0 {
				p.builder.RecordVcenterVMDiskGuestUtilizationDataPoint(p.at, 100*float64(capacity-free)/float64(capacity), path)
			}
		}
	}
}

// snapshotList is the tree of snapshots, all of them beside each other.
const snapshotList = "snapshot.rootSnapshotList"

// snapshots records how many snapshots there are, how old, and how deep. Of a machine whose configuration is not known,
// nothing says that it has none.
func (p *pass) snapshots(o *inventory.Object) {
	if !p.on.VcenterVMSnapshotCount.Enabled && !p.on.VcenterVMSnapshotDepth.Enabled && !p.on.VcenterVMSnapshotOldestAge.Enabled {
		return
	}
	if o.Get("config.instanceUuid") == "" && o.Get("config.uuid") == "" {
		return
	}
	var count, deepest int64
	var oldest time.Time
	for key := range o.Elements(snapshotList) {
		count++
		deepest = max(deepest, depthOf(o, key))
		taken, ok := moment(o, snapshotList+"["+key+"].createTime")
		if ok && (oldest.IsZero() || taken.Before(oldest)) {
			oldest = taken
		}
	}
	p.builder.RecordVcenterVMSnapshotCountDataPoint(p.at, count)
	p.builder.RecordVcenterVMSnapshotDepthDataPoint(p.at, deepest)
	if !oldest.IsZero() {
		p.builder.RecordVcenterVMSnapshotOldestAgeDataPoint(p.at, seconds(oldest, p.Clock))
	}
}

// depthOf is how long the chain is that ends with a snapshot. vCenter allows 32.
func depthOf(o *inventory.Object, key string) (depth int64) {
	for key != "" && depth < 64 {
		depth++
		key = o.Get(snapshotList + "[" + key + "].parent")
	}
	return depth
}
