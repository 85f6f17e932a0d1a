package translate

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

var (
	hostPowers = states[metadata.AttributeHostPowerState]{
		{"poweredOn", metadata.AttributeHostPowerStateOn}, {"poweredOff", metadata.AttributeHostPowerStateOff},
		{"standBy", metadata.AttributeHostPowerStateStandby}, {"unknown", metadata.AttributeHostPowerStateUnknown},
	}
	hostConnections = states[metadata.AttributeHostConnectionState]{
		{"connected", metadata.AttributeHostConnectionStateConnected}, {"disconnected", metadata.AttributeHostConnectionStateDisconnected},
		{"notResponding", metadata.AttributeHostConnectionStateNotResponding},
	}
	hostMaintenances = states[metadata.AttributeHostMaintenanceState]{
		{"normal", metadata.AttributeHostMaintenanceStateNormal}, {"maintenance", metadata.AttributeHostMaintenanceStateInMaintenance},
		{"quarantine", metadata.AttributeHostMaintenanceStateInQuarantine},
	}
)

// host records what is known of a host.
func (p *pass) host(o *inventory.Object) {
	mhz := capacityOf(o)
	memory, _ := number(o, "summary.hardware.memorySize")
	memory >>= 20
	if mhz > 0 {
		p.builder.RecordVcenterHostCPUCapacityDataPoint(p.at, mhz)
	}
	if memory > 0 {
		p.builder.RecordVcenterHostMemoryCapacityDataPoint(p.at, float64(memory))
	}
	p.hostUsage(p.Stats.Host(o.Moref), mhz, memory)
	p.hostState(o)
	if p.on.VcenterHostSensorHealth.Enabled || p.on.VcenterHostSensorReading.Enabled {
		for sensor := range o.Elements(sensors) {
			p.sensor(o, sensor)
		}
	}
}

// hostUsage records what a host says of itself, which it only does while it is connected. What it leaves out is 0.
func (p *pass) hostUsage(quick *inventory.HostStats, mhz, memory int64) {
	if quick == nil {
		return
	}
	p.builder.RecordVcenterHostCPUUsageDataPoint(p.at, quick.CPUUsage.Value)
	percent(quick.CPUUsage.Value, mhz, p.at, p.builder.RecordVcenterHostCPUUtilizationDataPoint)
	p.builder.RecordVcenterHostMemoryUsageDataPoint(p.at, quick.MemoryUsage.Value)
	percent(quick.MemoryUsage.Value, memory, p.at, p.builder.RecordVcenterHostMemoryUtilizationDataPoint)
}

func (p *pass) hostState(o *inventory.Object) {
	if p.on.VcenterHostPowerStatus.Enabled {
		hostPowers.record(p.at, o.Get("runtime.powerState"), metadata.AttributeHostPowerStateUnknown, p.builder.RecordVcenterHostPowerStatusDataPoint)
	}
	if p.on.VcenterHostConnectionStatus.Enabled {
		hostConnections.record(p.at, o.Get("runtime.connectionState"), 0, p.builder.RecordVcenterHostConnectionStatusDataPoint)
	}
	if p.on.VcenterHostMaintenanceStatus.Enabled {
		hostMaintenances.record(p.at, maintenanceOf(o), 0, p.builder.RecordVcenterHostMaintenanceStatusDataPoint)
	}
	if p.on.VcenterHostAlarmCount.Enabled {
		p.alarmCount(o, p.builder.RecordVcenterHostAlarmCountDataPoint)
	}
	if p.on.VcenterHostUptime.Enabled && isConnected(o) {
		p.uptime(o, p.builder.RecordVcenterHostUptimeDataPoint)
	}
	if p.on.VcenterHostCertificateExpiry.Enabled && p.Stats != nil {
		if end, known := p.Stats.Certificates[o.Moref]; known {
			p.builder.RecordVcenterHostCertificateExpiryDataPoint(p.at, remaining(end, p.Clock))
		}
	}
}

// uptime records how long something that is on has been on.
func (p *pass) uptime(o *inventory.Object, record func(pcommon.Timestamp, int64)) {
	boot, ok := moment(o, "runtime.bootTime")
	if ok && o.Get("runtime.powerState") == "poweredOn" {
		record(p.at, seconds(boot, p.Clock))
	}
}

// maintenanceOf is in words what a host says in flags. A host in quarantine that is put into maintenance is in both.
func maintenanceOf(o *inventory.Object) string {
	switch {
	case isTrue(o.Get("runtime.inMaintenanceMode")):
		return "maintenance"
	case isTrue(o.Get("runtime.inQuarantineMode")):
		return "quarantine"
	case o.Get("runtime.inMaintenanceMode") == "":
		return ""
	}
	return "normal"
}

func isConnected(o *inventory.Object) bool { return o.Get("runtime.connectionState") == "connected" }

func hostPower(o *inventory.Object) metadata.AttributeHostPowerState {
	return hostPowers.of(o.Get("runtime.powerState"), metadata.AttributeHostPowerStateUnknown)
}

// capacityOf is the CPU of a host, in MHz.
func capacityOf(o *inventory.Object) int64 {
	cores, _ := number(o, "summary.hardware.numCpuCores")
	mhz, _ := number(o, "summary.hardware.cpuMhz")
	return cores * mhz
}

const sensors = "runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo"

var sensorHealth = map[string]int64{"green": 0, "yellow": 1, "red": 2}

// mostModifier bounds the power of ten that a reading is in: those that are seen are -3 to 0.
const mostModifier = 30

// sensorUnknown is the health of a sensor that says none, or says that it does not know.
const sensorUnknown = 3

func (p *pass) sensor(o *inventory.Object, name string) {
	prefix := sensors + "[" + name + "]."
	kind := o.Get(prefix + "sensorType")
	health, known := sensorHealth[o.Get(prefix+"healthState.key")]
	if !known {
		health = sensorUnknown
	}
	p.builder.RecordVcenterHostSensorHealthDataPoint(p.at, health, name, kind)
	unit := o.Get(prefix + "baseUnits")
	modifier, _ := number(o, prefix+"unitModifier")
	if reading, ok := number(o, prefix+"currentReading"); ok && unit != "" && -mostModifier <= modifier && modifier <= mostModifier {
		p.builder.RecordVcenterHostSensorReadingDataPoint(p.at, float64(reading)*math.Pow10(int(modifier)), name, kind, unit)
	}
}
