package property

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	hostMHz    = 2600
	hostCores  = 64
	hostMemory = 1 << 40
)

// begun is when everything was switched on.
var begun = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func (g *ground) addClusters() {
	for n := range g.settings.Clusters {
		g.addCluster(n)
	}
	for n := range g.settings.Hosts {
		g.addHost(n)
	}
	for n := range g.settings.Pools {
		cluster := g.clusters[n%len(g.clusters)]
		root := *of[mo.ClusterComputeResource](g.edit, cluster).ResourcePool
		pool := g.addPool(root, cluster, fmt.Sprintf("pool-%d", n))
		parent := of[mo.ResourcePool](g.edit, root)
		parent.ResourcePool = append(parent.ResourcePool, pool)
		g.pools = append(g.pools, pool)
	}
	if len(g.pools) < len(g.clusters) { // some clusters have none but the root
		for _, cluster := range g.clusters[len(g.pools):] {
			g.pools = append(g.pools, *of[mo.ClusterComputeResource](g.edit, cluster).ResourcePool)
		}
	}
}

func (g *ground) addCluster(n int) {
	c := &mo.ClusterComputeResource{}
	c.Self = g.name("ClusterComputeResource", "domain-c")
	entity(&c.ManagedEntity, g.hostFolder, fmt.Sprintf("DC0_C%d", n))
	c.Datastore, c.Network = g.datastores, g.networks
	c.Summary = &types.ClusterComputeResourceSummary{
		ComputeResourceSummary: types.ComputeResourceSummary{OverallStatus: types.ManagedEntityStatusGreen},
		CurrentEVCModeKey:      "intel-icelake", DrsScore: 92, CurrentBalance: 38, TargetBalance: 200, NumVmotions: 1204,
		UsageSummary: &types.ClusterUsageSummary{
			TotalCpuCapacityMhz: 16 * hostCores * hostMHz, TotalMemCapacityMB: 16 * hostMemory >> 20,
			CpuReservationMhz: 4000, MemReservationMB: 65_536, CpuDemandMhz: 90_000, MemDemandMB: 800_000,
			CpuEntitledMhz: 95_000, MemEntitledMB: 900_000,
		},
	}
	c.ConfigurationEx = &types.ClusterConfigInfoEx{
		ComputeResourceConfigInfo: types.ComputeResourceConfigInfo{VmSwapPlacement: "vmDirectory"},
		DasConfig: types.ClusterDasConfigInfo{
			Enabled: types.NewBool(true), HostMonitoring: "enabled", VmMonitoring: "vmMonitoringDisabled",
			FailoverLevel: 1, AdmissionControlEnabled: types.NewBool(true),
		},
		DrsConfig: types.ClusterDrsConfigInfo{
			Enabled: types.NewBool(true), DefaultVmBehavior: types.DrsBehaviorFullyAutomated, VmotionRate: 3,
		},
	}
	g.add(c)
	g.child(g.hostFolder, c.Self)
	pool := g.addPool(c.Self, c.Self, "Resources")
	c.ResourcePool = &pool
	g.clusters = append(g.clusters, c.Self)
}

func (g *ground) addPool(parent, cluster types.ManagedObjectReference, name string) types.ManagedObjectReference {
	p := &mo.ResourcePool{Owner: cluster}
	p.Self = g.edit.name("ResourcePool", "resgroup-")
	entity(&p.ManagedEntity, parent, name)
	p.Config = types.ResourceConfigSpec{
		Entity: &p.Self, CpuAllocation: allocation(4000), MemoryAllocation: allocation(163840),
	}
	p.Runtime = newPoolRuntime()
	p.Summary = &types.ResourcePoolSummary{Name: name, Config: p.Config, Runtime: p.Runtime, QuickStats: newPoolLoad(), ConfiguredMemoryMB: 262_144}
	g.add(p)
	g.clusterOf[p.Self] = cluster
	return p.Self
}

func allocation(shares int32) types.ResourceAllocationInfo {
	return types.ResourceAllocationInfo{
		Reservation: types.NewInt64(0), ExpandableReservation: types.NewBool(false), Limit: types.NewInt64(-1),
		Shares: &types.SharesInfo{Shares: shares, Level: types.SharesLevelNormal},
	}
}

func (g *ground) addHost(n int) {
	cluster := g.clusters[n%len(g.clusters)]
	name := fmt.Sprintf("esx-%03d.example.com", n)
	h := &mo.HostSystem{Datastore: g.datastores, Network: g.networks}
	h.Self = g.edit.name("HostSystem", "host-")
	entity(&h.ManagedEntity, cluster, name)
	h.Runtime = hostRuntime()
	h.Summary = types.HostListSummary{
		Host: &h.Self, Hardware: hostHardware(n), Runtime: &h.Runtime, OverallStatus: types.ManagedEntityStatusGreen,
		Config: types.HostConfigSummary{
			Name: name, Port: 902, VmotionEnabled: true, SslThumbprint: "AA:BB:CC:DD",
			Product: &types.AboutInfo{Name: "VMware ESXi", FullName: "VMware ESXi 8.0.3 build-24022510", Vendor: "VMware, Inc.",
				Version: "8.0.3", Build: "24022510", OsType: "vmnix-x86", ProductLineId: "embeddedEsx", ApiType: "HostAgent", ApiVersion: "8.0.3.0"},
		},
		QuickStats:         types.HostListSummaryQuickStats{OverallCpuUsage: 12_000, OverallMemoryUsage: 300_000, Uptime: 4_000_000},
		ManagementServerIp: "192.0.2.10", MaxEVCModeKey: "intel-icelake", CurrentEVCModeKey: "intel-icelake",
	}
	h.Config = &types.HostConfigInfo{Host: h.Self, LockdownMode: types.HostLockdownModeLockdownDisabled}
	g.add(h)
	g.hosts = append(g.hosts, h.Self)
	g.join(of[mo.ClusterComputeResource](g.edit, cluster), h)
}

// join adds a host to its cluster and to what all hosts share.
func (g *ground) join(c *mo.ClusterComputeResource, h *mo.HostSystem) {
	c.Host = append(c.Host, h.Self)
	s := c.Summary.(*types.ClusterComputeResourceSummary)
	s.NumHosts++
	s.NumEffectiveHosts++
	s.NumCpuCores += hostCores
	s.NumCpuThreads += 2 * hostCores
	s.TotalCpu += hostCores * hostMHz
	s.EffectiveCpu = s.TotalCpu
	s.TotalMemory += hostMemory
	s.EffectiveMemory = s.TotalMemory >> 20
	for _, ref := range g.datastores {
		ds := of[mo.Datastore](g.edit, ref)
		ds.Host = append(ds.Host, types.DatastoreHostMount{Key: h.Self, MountInfo: types.HostMountInfo{
			Path: ds.Summary.Url, AccessMode: "readWrite", Mounted: types.NewBool(true), Accessible: types.NewBool(true),
		}})
	}
	for _, ref := range g.networks {
		network := of[mo.DistributedVirtualPortgroup](g.edit, ref)
		network.Host = append(network.Host, h.Self)
	}
}

func hostRuntime() types.HostRuntimeInfo {
	boot := begun
	r := types.HostRuntimeInfo{
		ConnectionState: types.HostSystemConnectionStateConnected, PowerState: types.HostSystemPowerStatePoweredOn,
		StandbyMode: "none", InQuarantineMode: types.NewBool(false), BootTime: &boot, CryptoState: "incapable",
		DasHostState: &types.ClusterDasFdmHostState{State: "connectedToMaster"},
	}
	sensors := &types.HostSystemHealthInfo{}
	for n := range 24 {
		sensors.NumericSensorInfo = append(sensors.NumericSensorInfo, types.HostNumericSensorInfo{
			Name: fmt.Sprintf("Temperature %d", n), CurrentReading: int64(2300 + 10*n), UnitModifier: -2, BaseUnits: "Degrees C",
			SensorType: "temperature", HealthState: &types.ElementDescription{
				Key: "green", Description: types.Description{Label: "Green", Summary: "Sensor is operating under normal conditions"},
			},
		})
	}
	r.HealthSystemRuntime = &types.HealthSystemRuntime{SystemHealthInfo: sensors}
	return r
}

func hostHardware(n int) *types.HostHardwareSummary {
	return &types.HostHardwareSummary{
		Vendor: "Example Systems", Model: "R760", Uuid: identity("host", n), MemorySize: hostMemory,
		CpuModel: "Intel(R) Xeon(R) Gold 6448Y", CpuMhz: hostMHz, NumCpuPkgs: 2, NumCpuCores: hostCores,
		NumCpuThreads: 2 * hostCores, NumNics: 4, NumHBAs: 2,
		OtherIdentifyingInfo: []types.HostSystemIdentificationInfo{{
			IdentifierValue: fmt.Sprintf("SN%07d", n),
			IdentifierType:  &types.ElementDescription{Key: "SerialNumberTag", Description: types.Description{Label: "Serial number"}},
		}},
	}
}
