package translate

import (
	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
)

var maintenances = states[metadata.AttributeMaintenanceState]{
	{"normal", metadata.AttributeMaintenanceStateNormal}, {"enteringMaintenance", metadata.AttributeMaintenanceStateEnteringMaintenance},
	{"inMaintenance", metadata.AttributeMaintenanceStateInMaintenance},
}

// space is that of a datastore, in bytes.
type space struct{ capacity, free, uncommitted int64 }

// spaceOf is the space of a datastore, if vCenter knows it: what it says of one that no host can reach is not valid.
func spaceOf(o *inventory.Object) (space, bool) {
	capacity, known := number(o, "summary.capacity")
	free, also := number(o, "summary.freeSpace")
	uncommitted, _ := number(o, "summary.uncommitted")
	return space{capacity, free, uncommitted}, known && also && isTrue(o.Get("summary.accessible"))
}

// datastore records what is known of a datastore.
func (p *pass) datastore(o *inventory.Object) {
	if s, ok := spaceOf(o); ok {
		p.space(s)
	}
	whether(o, "summary.accessible", p.at, p.builder.RecordVcenterDatastoreAccessibleDataPoint)
	if p.on.VcenterDatastoreMaintenanceStatus.Enabled {
		maintenances.record(p.at, o.Get("summary.maintenanceMode"), 0, p.builder.RecordVcenterDatastoreMaintenanceStatusDataPoint)
	}
	if p.on.VcenterDatastoreAlarmCount.Enabled {
		p.alarmCount(o, p.builder.RecordVcenterDatastoreAlarmCountDataPoint)
	}
	p.builder.RecordVcenterDatastoreVMCountDataPoint(p.at, p.census.machines[o.Moref])
	if p.on.VcenterDatastoreHostCount.Enabled && o.Get("summary.url") != "" {
		hosts := int64(0)
		for range o.Elements("host") {
			hosts++
		}
		p.builder.RecordVcenterDatastoreHostCountDataPoint(p.at, hosts)
	}
}

func (p *pass) space(s space) {
	used := s.capacity - s.free
	p.builder.RecordVcenterDatastoreDiskUsageDataPoint(p.at, used, metadata.AttributeDiskStateUsed)
	p.builder.RecordVcenterDatastoreDiskUsageDataPoint(p.at, s.free, metadata.AttributeDiskStateAvailable)
	percent(used, s.capacity, p.at, p.builder.RecordVcenterDatastoreDiskUtilizationDataPoint)
	p.builder.RecordVcenterDatastoreDiskProvisionedDataPoint(p.at, used+s.uncommitted)
	percent(used+s.uncommitted, s.capacity, p.at, p.builder.RecordVcenterDatastoreDiskOvercommitmentDataPoint)
}
