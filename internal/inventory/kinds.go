package inventory

// kind is a type of managed objects, and what vCenter is asked to push of them.
//
// A struct is asked for as a whole where most of it is wanted: each path is an element of its own in the answer, with 100
// bytes around it. Two are not, because of what else is in them: runtime of a VM has its feature requirements (a hundred
// structures that nobody looks at) and counters that would wake us; config has extraConfig, which is as large as all of the
// rest, changes by itself, and holds passwords.
//
// What a vCenter does not push is not here, for it would be as old as the session: quickStats, overallStatus, configStatus,
// triggeredAlarmState, storage of a VM, guestHeartbeatStatus, runtime.device, maxCpuUsage and maxMemoryUsage, summary and
// runtime of a resource pool, usageSummary and the DRS score of a cluster. That is a Poller's to ask for.
type kind struct {
	name  string
	paths []string
}

// kinds has each type with all of its paths, also those of the types above it: whether a vCenter merges the paths of
// ManagedEntity and VirtualMachine is not written anywhere.
var kinds = []kind{
	{"VirtualMachine", paths(
		"parentVApp", "resourcePool", "datastore", "network",
		"runtime.host", "runtime.connectionState", "runtime.powerState", "runtime.bootTime", "runtime.suspendTime",
		"runtime.faultToleranceState", "runtime.dasVmProtection", "runtime.toolsInstallerMounted", "runtime.question",
		"runtime.consolidationNeeded", "runtime.paused", "runtime.cryptoState",
		"config.uuid", "config.instanceUuid", "config.template", "config.annotation", "config.version", "config.firmware",
		"config.guestId", "config.guestFullName", "config.managedBy", "config.changeTrackingEnabled",
		"config.cpuHotAddEnabled", "config.memoryHotAddEnabled",
		"config.files", "config.tools", "config.bootOptions", "config.hardware", "config.cpuAllocation", "config.memoryAllocation",
		"guest", "snapshot",
	)},
	{"HostSystem", paths(
		"datastore", "network",
		"runtime.connectionState", "runtime.powerState", "runtime.standbyMode", "runtime.inMaintenanceMode",
		"runtime.inQuarantineMode", "runtime.bootTime", "runtime.dasHostState", "runtime.cryptoState",
		"runtime.healthSystemRuntime.systemHealthInfo",
		"summary.hardware", "summary.config", "summary.managementServerIp", "summary.rebootRequired",
		"summary.maxEVCModeKey", "summary.currentEVCModeKey", "config.lockdownMode",
	)},
	{"ClusterComputeResource", paths(append(capacity, "configurationEx", "summary.currentEVCModeKey")...)},
	{"ComputeResource", paths(capacity...)},
	{"ResourcePool", paths("owner", "config")},
	{"VirtualApp", paths("owner", "config", "parentVApp", "parentFolder")},
	{"Datastore", paths("summary", "host")},
	{"Datacenter", paths("configuration.defaultHardwareVersionKey")},
	{"Folder", paths()},
	{"StoragePod", paths("summary")},
	{"Network", paths("summary.accessible")},
	{"OpaqueNetwork", paths("summary.accessible")},
	{"DistributedVirtualPortgroup", paths("config.distributedVirtualSwitch", "config.description", "config.numPorts", "config.type")},
	{"DistributedVirtualSwitch", paths(vds...)},
	{"VmwareDistributedVirtualSwitch", paths(vds...)},
}

var (
	capacity = []string{
		"summary.totalCpu", "summary.totalMemory", "summary.numCpuCores", "summary.numCpuThreads",
		"summary.effectiveCpu", "summary.effectiveMemory", "summary.numHosts", "summary.numEffectiveHosts",
	}
	vds = []string{"uuid", "summary.productInfo.version", "config.description", "config.numPorts"}
)

// attributes is the one object outside of the tree that is watched: it knows the names of custom attributes.
var attributes = kind{"CustomFieldsManager", []string{"field"}}

// paths adds what every managed entity has.
func paths(more ...string) []string {
	return append([]string{"name", "parent", "customValue"}, more...)
}
