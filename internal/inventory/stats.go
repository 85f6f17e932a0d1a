package inventory

import (
	"iter"
	"maps"
	"time"
)

// Stats is what vCenter does not push and has to be asked for, as it was at one moment. It never changes once it was handed
// out, and may be kept and read by anyone; nil knows nothing. An object that has no entry was not asked for, did not answer,
// or is not connected to vCenter, which then repeats what it knew long ago: nothing is known of it, which is not 0.
type Stats struct {
	At time.Time // by vCenter's clock, when the answers were asked for

	VMs      map[string]*VMStats // by moref, as the others
	Hosts    map[string]*HostStats
	Pools    map[string]*PoolStats // vApps among them
	Clusters map[string]*ClusterStats
	Status   map[string]Status  // overallStatus of any object; nil: it was not asked for
	Alarms   map[string][]Alarm // triggered on the object itself, not on what is below it; nil: they were not asked for

	Licenses     []License
	Certificates map[string]time.Time // when that of a host ends
	Certificate  time.Time            // when vCenter's own ends; zero: it is not known

	Lacks Parts // which were asked for, and could not be had, or not as a whole
}

// Parts are those of Stats that are asked for apart, and fail apart. The statuses go with their objects.
type Parts struct {
	VMs, Hosts, Pools, Clusters    bool
	Alarms, Licenses, Certificates bool
}

// Number is a number that vCenter may leave out.
type Number struct {
	Value int64
	Known bool
}

// NumberOf is a number that vCenter said, be it 0.
func NumberOf(n int64) Number { return Number{n, true} }

// Status is a ManagedEntityStatus.
type Status uint8

// The values of a Status. Gray is what vCenter says where it does not know; NoStatus is where nothing was said.
const (
	NoStatus Status = iota
	Gray
	Green
	Yellow
	Red
)

// StatusOf reads a status as vCenter writes it. A word that is not known is no status.
func StatusOf(word string) Status {
	switch word {
	case "gray":
		return Gray
	case "green":
		return Green
	case "yellow":
		return Yellow
	case "red":
		return Red
	}
	return NoStatus
}

// VMStats is what is asked for of a virtual machine.
type VMStats struct {
	Quick       *VMQuickStats // nil: none were told
	Storage     *VMStorage    // nil: none was told
	MaxCPUUsage Number        // runtime.maxCpuUsage, MHz
}

// VMQuickStats is summary.quickStats of a virtual machine. A field that vCenter leaves out is not known.
type VMQuickStats struct {
	CPUUsage      Number // overallCpuUsage, MHz
	CPUReadiness  Number // overallCpuReadiness, %
	GuestMemory   Number // guestMemoryUsage, MiB
	Ballooned     Number // balloonedMemory, MiB
	Swapped       Number // swappedMemory, MiB
	SwappedToSSD  Number // ssdSwappedMemory, KiB
	GrantedMemory Number // grantedMemory, MiB
	Heartbeat     Status // guestHeartbeatStatus
}

// VMStorage is summary.storage of a virtual machine, in bytes.
type VMStorage struct {
	Committed, Uncommitted, Unshared int64
}

// HostStats is summary.quickStats of a host.
type HostStats struct {
	CPUUsage    Number // overallCpuUsage, MHz
	MemoryUsage Number // overallMemoryUsage, MiB
}

// PoolStats is summary.quickStats of a resource pool: MHz and MiB.
type PoolStats struct {
	CPUUsage    Number // overallCpuUsage
	CPUDemand   Number // overallCpuDemand
	GuestMemory Number // guestMemoryUsage
	HostMemory  Number // hostMemoryUsage
	Overhead    Number // overheadMemory
	Private     Number // privateMemory
	Shared      Number // sharedMemory
	Swapped     Number // swappedMemory
	Ballooned   Number // balloonedMemory
}

// ClusterStats is what of the summary of a cluster is not pushed.
type ClusterStats struct {
	VMotions       Number // numVmotions
	DRSScore       Number // drsScore, %
	CurrentBalance Number // currentBalance, thousandths
	TargetBalance  Number // targetBalance, thousandths
	Usage          *ClusterUsage
}

// ClusterUsage is summary.usageSummary of a cluster: MHz and MiB.
type ClusterUsage struct {
	CPUDemand, CPUReserved, CPUEntitled          int64
	MemoryDemand, MemoryReserved, MemoryEntitled int64
}

// Alarm is an alarm that is triggered on an object.
type Alarm struct {
	Name         string
	Status       Status
	Acknowledged bool
}

// License is a licence that vCenter knows, without its key, which is a secret.
type License struct {
	Name, Edition string
	Total, Used   int64
	Expires       time.Time // zero: never
}

// Wanted says which parts of Stats somebody needs: the others are not asked for.
type Wanted struct {
	VMQuickStats, VMStorage, VMMaxCPU bool
	HostQuickStats                    bool
	PoolQuickStats                    bool
	ClusterSummary                    bool // VMotions, the DRS score and balance, usage
	VMStatus, HostStatus              bool // overallStatus, of all, connected or not
	ClusterStatus                     bool
	Alarms, Licenses                  bool
	Certificates                      bool // of the hosts
	Certificate                       bool // of vCenter itself, which the connection has shown: nothing is asked for it
}

// VM is what was told of a virtual machine, never nil.
func (s *Stats) VM(moref string) *VMStats {
	if s == nil || s.VMs[moref] == nil {
		return &VMStats{}
	}
	return s.VMs[moref]
}

// Host is what was told of a host, nil where nothing was.
func (s *Stats) Host(moref string) *HostStats {
	if s == nil {
		return nil
	}
	return s.Hosts[moref]
}

// Pool is what was told of a resource pool, nil where nothing was.
func (s *Stats) Pool(moref string) *PoolStats {
	if s == nil {
		return nil
	}
	return s.Pools[moref]
}

// Cluster is what was told of a cluster, nil where nothing was.
func (s *Stats) Cluster(moref string) *ClusterStats {
	if s == nil {
		return nil
	}
	return s.Clusters[moref]
}

// StatusOf is the overall status of an object, and whether such were asked for.
func (s *Stats) StatusOf(moref string) (Status, bool) {
	if s == nil || s.Status == nil {
		return NoStatus, false
	}
	return s.Status[moref], true
}

// AlarmsOf yields what is triggered on an object.
func (s *Stats) AlarmsOf(moref string) iter.Seq[Alarm] {
	return func(yield func(Alarm) bool) {
		if s == nil {
			return
		}
		for _, a := range s.Alarms[moref] {
			if !yield(a) {
				return
			}
		}
	}
}

// Over are these stats, and in the parts that they lack what those know that are earlier, as far as it is there. What was answered as a
// whole is all there is. Neither changes.
func (s *Stats) Over(earlier *Stats, there *Snapshot) *Stats {
	if earlier == nil {
		return s
	}
	if s == nil {
		s = &Stats{At: earlier.At, Lacks: Parts{true, true, true, true, true, true, true}}
	}
	all, lacks := *s, s.Lacks
	all.VMs, all.Hosts = over(lacks.VMs, s.VMs, earlier.VMs, there), over(lacks.Hosts, s.Hosts, earlier.Hosts, there)
	all.Pools, all.Clusters = over(lacks.Pools, s.Pools, earlier.Pools, there), over(lacks.Clusters, s.Clusters, earlier.Clusters, there)
	all.Alarms, all.Certificates = over(lacks.Alarms, s.Alarms, earlier.Alarms, there), over(lacks.Certificates, s.Certificates, earlier.Certificates, there)
	all.Status = over(lacks.VMs || lacks.Hosts || lacks.Clusters, s.Status, earlier.judged(lacks, there), there)
	if lacks.Licenses && s.Licenses == nil {
		all.Licenses = earlier.Licenses
	}
	if s.Certificate.IsZero() {
		all.Certificate = earlier.Certificate
	}
	return &all
}

// judged are the statuses of the objects of some parts.
func (s *Stats) judged(of Parts, there *Snapshot) map[string]Status {
	if s.Status == nil {
		return nil
	}
	asked := map[string]bool{"VirtualMachine": of.VMs, "HostSystem": of.Hosts, "ClusterComputeResource": of.Clusters}
	all := map[string]Status{}
	for moref, status := range s.Status {
		if o := there.Get(moref); o != nil && asked[o.Type] {
			all[moref] = status
		}
	}
	return all
}

// over is a part of what is known now and, where it lacks something, of what was known earlier.
func over[T any](lacks bool, now, earlier map[string]T, there *Snapshot) map[string]T {
	if !lacks || earlier == nil {
		return now
	}
	all := make(map[string]T, max(len(now), len(earlier)))
	for moref, known := range earlier {
		if there.Get(moref) != nil {
			all[moref] = known
		}
	}
	maps.Copy(all, now)
	return all
}
