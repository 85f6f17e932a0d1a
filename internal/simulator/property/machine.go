package property

import (
	"fmt"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// home is where a virtual machine lives.
type home struct {
	folder, host, datastore, network types.ManagedObjectReference
	pool                             *types.ManagedObjectReference // nil for a template
}

// guests are the operating systems that there are.
var guests = []struct{ id, name, family, prefix string }{
	{"ubuntu64Guest", "Ubuntu Linux (64-bit)", "linuxGuest", "web"},
	{"rhel9_64Guest", "Red Hat Enterprise Linux 9 (64-bit)", "linuxGuest", "db"},
	{"windows2022srvNext_64Guest", "Microsoft Windows Server 2025 (64-bit)", "windowsGuest", "win"},
	{"sles15_64Guest", "SUSE Linux Enterprise 15 (64-bit)", "linuxGuest", "app"},
}

const (
	templateEvery = 100
	snapshotEvery = 10
	offEvery      = 7
)

// addVM makes the n-th of the virtual machines that there are from the beginning.
func (g *ground) addVM(n int) {
	host := g.hosts[n%len(g.hosts)]
	cluster := *of[mo.HostSystem](g.edit, host).Parent
	h := home{
		folder: g.vmFolders[n%len(g.vmFolders)], host: host,
		datastore: g.datastores[n%len(g.datastores)], network: g.networks[n%len(g.networks)],
	}
	pool := g.poolIn(cluster, n)
	h.pool = &pool
	vm := newVM(g.edit.name("VirtualMachine", "vm-"), fmt.Sprintf("%s-%05d", guests[n%len(guests)].prefix, n), n, h)
	switch {
	case n%templateEvery == templateEvery-1:
		makeTemplate(vm)
	case n%offEvery == offEvery-1:
		setPower(vm, types.VirtualMachinePowerStatePoweredOff, begun)
	}
	if n%snapshotEvery == snapshotEvery-1 {
		addSnapshot(vm, g.edit.name("VirtualMachineSnapshot", "snapshot-"), "before the upgrade", begun)
		addSnapshot(vm, g.edit.name("VirtualMachineSnapshot", "snapshot-"), "nightly", begun.Add(time.Hour))
	}
	g.add(vm)
	g.list(vm)
	g.tagging.attachFirst(vm.Self, n)
}

// poolIn is one of the pools of a cluster.
func (g *ground) poolIn(cluster types.ManagedObjectReference, n int) types.ManagedObjectReference {
	for k := range g.pools {
		if pool := g.pools[(n+k)%len(g.pools)]; g.clusterOf[pool] == cluster {
			return pool
		}
	}
	return *of[mo.ClusterComputeResource](g.edit, cluster).ResourcePool
}

// newVM is a virtual machine that is switched on. Its number makes it differ from others.
func newVM(self types.ManagedObjectReference, name string, n int, at home) *mo.VirtualMachine {
	vm := &mo.VirtualMachine{}
	vm.Self = self
	entity(&vm.ManagedEntity, at.folder, name)
	vm.ResourcePool = at.pool
	vm.Datastore = []types.ManagedObjectReference{at.datastore}
	vm.Network = []types.ManagedObjectReference{at.network}
	vm.Config = newConfig(name, n, at)
	vm.Runtime = newRuntime(n, at.host)
	vm.Guest = newGuest(vm, n)
	vm.Storage = &types.VirtualMachineStorageInfo{PerDatastoreUsage: []types.VirtualMachineUsageOnDatastore{
		{Datastore: at.datastore, Committed: 40 << 30, Uncommitted: 60 << 30, Unshared: 40 << 30},
	}, Timestamp: begun}
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	if n%3 == 0 {
		vm.CustomValue = []types.BaseCustomFieldValue{customValue(101, fmt.Sprintf("team-%d", n%17))}
	}
	vm.Value = vm.CustomValue
	summarize(vm)
	return vm
}

func customValue(key int32, value string) *types.CustomFieldStringValue {
	return &types.CustomFieldStringValue{CustomFieldValue: types.CustomFieldValue{Key: key}, Value: value}
}

var yes, no = types.NewBool(true), types.NewBool(false)

func newConfig(name string, n int, at home) *types.VirtualMachineConfigInfo {
	guest, cpu, memory := guests[n%len(guests)], allocation(2000), allocation(81920)
	created := begun
	dir := fmt.Sprintf("[%s] %s/", at.datastore.Value, name)
	return &types.VirtualMachineConfigInfo{
		ChangeVersion: begun.Format(time.RFC3339), Modified: begun, Name: name, GuestFullName: guest.name, GuestId: guest.id,
		Version: "vmx-21", Uuid: identity(name, n), InstanceUuid: identity(name+"!", n), CreateDate: &created,
		Annotation: fmt.Sprintf("Service %d, ticket CHG%07d", n%400, n),
		Files:      types.VirtualMachineFileInfo{VmPathName: dir + name + ".vmx", SnapshotDirectory: dir, SuspendDirectory: dir, LogDirectory: dir},
		Tools:      &types.ToolsConfigInfo{ToolsVersion: 12389, ToolsInstallType: "guestToolsTypeOpenVMTools", AfterPowerOn: yes, BeforeGuestReboot: yes, ToolsUpgradePolicy: "manual"},
		Flags:      types.VirtualMachineFlagInfo{EnableLogging: yes, SnapshotDisabled: no, VvtdEnabled: no},
		Hardware: types.VirtualHardware{
			NumCPU: 1 << (n % 4), NumCoresPerSocket: types.NewInt32(1), MemoryMB: 2048 << (n % 5), Device: devices(name, n, at),
		},
		CpuAllocation: &cpu, MemoryAllocation: &memory, MemoryHotAddEnabled: yes, CpuHotAddEnabled: yes, CpuHotRemoveEnabled: no,
		ExtraConfig: extraConfig(n), SwapPlacement: "inherit", BootOptions: &types.VirtualMachineBootOptions{EfiSecureBootEnabled: yes, BootRetryEnabled: no},
		ChangeTrackingEnabled: yes, Firmware: "efi", MaxMksConnections: -1, MigrateEncryption: "opportunistic",
		InitialOverhead: &types.VirtualMachineConfigInfoOverheadInfo{InitialMemoryReservation: 214446080, InitialSwapReservation: 1150042112},
	}
}

// extraConfig is large, and nearly the same everywhere.
func extraConfig(n int) []types.BaseOptionValue {
	own := &types.OptionValue{Key: "guestinfo.serial", Value: fmt.Sprintf("%08d", n)}
	return append(commonConfig[:len(commonConfig):len(commonConfig)], own)
}

var commonConfig = func() (all []types.BaseOptionValue) {
	for n := range 30 {
		all = append(all, &types.OptionValue{Key: fmt.Sprintf("monitor.option%02d.reserved", n), Value: "TRUE"})
	}
	return all
}()

// requirements are the same for all, and many.
var requirements = func() (all []types.VirtualMachineFeatureRequirement) {
	for n := range 60 {
		name := fmt.Sprintf("cpuid.feature%02d", n)
		all = append(all, types.VirtualMachineFeatureRequirement{Key: name, FeatureName: name, Value: "Bool:Min:1"})
	}
	return all
}()

func newRuntime(n int, host types.ManagedObjectReference) types.VirtualMachineRuntimeInfo {
	boot := begun.Add(time.Duration(n) * time.Second)
	return types.VirtualMachineRuntimeInfo{
		Host: &host, ConnectionState: types.VirtualMachineConnectionStateConnected, PowerState: types.VirtualMachinePowerStatePoweredOn,
		FaultToleranceState: types.VirtualMachineFaultToleranceStateNotConfigured, BootTime: &boot,
		DasVmProtection: &types.VirtualMachineRuntimeInfoDasProtectionState{DasProtected: true},
		MaxCpuUsage:     hostMHz, MaxMemoryUsage: 4096, RecordReplayState: types.VirtualMachineRecordReplayStateInactive,
		MinRequiredEVCModeKey: "intel-icelake", FeatureRequirement: requirements, Paused: no, CryptoState: "",
	}
}

func newGuest(vm *mo.VirtualMachine, n int) *types.GuestInfo {
	os := guests[n%len(guests)]
	address := fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
	return &types.GuestInfo{
		ToolsStatus: types.VirtualMachineToolsStatusToolsOk, ToolsVersionStatus: "guestToolsUnmanaged", ToolsVersionStatus2: "guestToolsUnmanaged",
		ToolsRunningStatus: "guestToolsRunning", ToolsVersion: "12389", ToolsInstallType: "guestToolsTypeOpenVMTools",
		GuestId: os.id, GuestFamily: os.family, GuestFullName: os.name, GuestState: "running", AppHeartbeatStatus: "appStatusGray",
		HostName: vm.Name + ".example.com", IpAddress: address, HwVersion: "vmx-21",
		Net: []types.GuestNicInfo{{
			Network: vm.Network[0].Value, IpAddress: []string{address, fmt.Sprintf("fe80::250:56ff:fe%02x:%04x", n>>16&255, n&65535)},
			MacAddress: mac(n), Connected: true, DeviceConfigId: 4000,
			IpConfig: &types.NetIpConfigInfo{IpAddress: []types.NetIpConfigInfoIpAddress{{IpAddress: address, PrefixLength: 24, State: "preferred"}}},
		}},
		IpStack: []types.GuestStackInfo{{DnsConfig: &types.NetDnsConfigInfo{
			HostName: vm.Name, DomainName: "example.com", IpAddress: []string{"192.0.2.53"}, SearchDomain: []string{"example.com"},
		}}},
		Disk:   guestDisks(os.family, n),
		Screen: &types.GuestScreenInfo{Width: 1024, Height: 768}, GuestOperationsReady: yes, InteractiveGuestOperationsReady: no,
		GuestStateChangeSupported: yes,
	}
}

func guestDisks(family string, n int) []types.GuestDiskInfo {
	names, kind := []string{"/", "/boot", "/var"}, "ext4"
	if strings.HasPrefix(family, "windows") {
		names, kind = []string{`C:\`, `D:\`}, "NTFS"
	}
	var all []types.GuestDiskInfo
	for k, name := range names {
		size := int64(20+10*k) << 30
		all = append(all, types.GuestDiskInfo{DiskPath: name, Capacity: size, FreeSpace: size / int64(2+(n+k)%5), FilesystemType: kind})
	}
	return all
}

// summarize writes what summary says again.
func summarize(vm *mo.VirtualMachine) {
	h, self := vm.Config.Hardware, vm.Self // a pointer into this version would keep it for ever
	s := types.VirtualMachineSummary{
		Vm: &self, Runtime: vm.Runtime, OverallStatus: vm.OverallStatus, CustomValue: vm.CustomValue,
		QuickStats: vm.Summary.QuickStats,
		Config: types.VirtualMachineConfigSummary{
			Name: vm.Name, Template: vm.Config.Template, VmPathName: vm.Config.Files.VmPathName, MemorySizeMB: h.MemoryMB, NumCpu: h.NumCPU,
			NumEthernetCards: 1, NumVirtualDisks: countDisks(h.Device), Uuid: vm.Config.Uuid, InstanceUuid: vm.Config.InstanceUuid,
			GuestId: vm.Config.GuestId, GuestFullName: vm.Config.GuestFullName, Annotation: vm.Config.Annotation, HwVersion: vm.Config.Version,
		},
		Guest: &types.VirtualMachineGuestSummary{
			GuestId: vm.Guest.GuestId, GuestFullName: vm.Guest.GuestFullName, HostName: vm.Guest.HostName, IpAddress: vm.Guest.IpAddress,
			ToolsStatus: vm.Guest.ToolsStatus, ToolsVersionStatus2: vm.Guest.ToolsVersionStatus2, ToolsRunningStatus: vm.Guest.ToolsRunningStatus,
		},
		Storage: storageOf(vm),
	}
	if isOn(vm) && s.QuickStats.UptimeSeconds == 0 {
		s.QuickStats = newLoad(h)
	}
	vm.Summary = s
}
