package inventory

import (
	"context"
	"strconv"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// question is what is asked of all objects of a type, and of the types below it. A struct is asked for as a whole: each path
// is an element of its own in the answer, with 100 bytes around it.
type question[T any] struct {
	class  string
	also   string // a type below it that is there, too
	paths  []string
	read   func(into *T, path string, value soapxml.Element, below soapxml.Elements)
	status bool // overallStatus, too
}

// overallStatus is asked of several types, and is the only property that is told of an object that is not connected, too: it is
// vCenter's own judgement. A vCenter says the same in overallStatus itself; where the two differ, in a simulated one, this is the one
// that the collector's own receiver counts.
const overallStatus = "summary.overallStatus"

// inquire asks a question. What was read before an error is told beside it, but for the statuses, which are there to be counted: of a
// part of the objects they would say that nothing is known of the others.
func inquire[T any](ctx context.Context, p *poll, q question[T]) (map[string]*T, map[string]Status, error) {
	n := p.counts[q.class] + p.counts[q.also]
	a, asked := inquiry[T]{question: q, now: p.now}, types.PropertySpec{Type: q.class, PathSet: q.paths}
	if len(q.paths) > 0 {
		a.all = make(map[string]*T, n)
	}
	if q.status {
		a.status, asked.PathSet = make(map[string]Status, n), append(asked.PathSet, overallStatus)
	}
	if len(asked.PathSet) == 0 || n == 0 {
		return nil, nil, nil
	}
	if err := p.retrieve(ctx, p.overView(asked), a.take); err != nil {
		return a.all, nil, err
	}
	return a.all, a.status, nil
}

// inquiry is a question whose answers come in.
type inquiry[T any] struct {
	question[T]
	now    *Snapshot
	all    map[string]*T     // nil: not asked for
	status map[string]Status // nil: not asked for
}

// take reads what is told of one object. One that the snapshot does not have is gone, or too new.
func (a *inquiry[T]) take(moref string, properties soapxml.Elements) {
	o := a.now.Get(moref)
	if o == nil {
		return
	}
	var told *T
	for e, fields := range properties.All() {
		if e.Name != "propSet" {
			continue // of what is missing nothing is known
		}
		path := fields.Text("name")
		value, below, found := fields.Find("val")
		switch {
		case !found:
		case path == overallStatus && a.status != nil:
			a.status[o.Moref] = StatusOf(value.Text)
		case a.all != nil && isConnected(o):
			if told == nil {
				told = new(T)
			}
			a.read(told, path, value, below)
		}
	}
	if told != nil {
		a.all[o.Moref] = told // by a key that does not keep the whole answer in memory
	}
}

// isConnected reports whether vCenter learns of an object as it is. Of one that is not, it repeats what it knew long ago.
func isConnected(o *Object) bool {
	state := o.Get("runtime.connectionState")
	return state == "" || state == "connected"
}

// pathsOf are the paths that are wanted.
func pathsOf(all ...wantedPath) (paths []string) {
	for _, p := range all {
		if p.wanted {
			paths = append(paths, p.path)
		}
	}
	return paths
}

type wantedPath struct {
	path   string
	wanted bool
}

func machineQuestion(w Wanted) question[VMStats] {
	return question[VMStats]{class: "VirtualMachine", read: (*VMStats).read, status: w.VMStatus, paths: pathsOf(
		wantedPath{"summary.quickStats", w.VMQuickStats}, wantedPath{"summary.storage", w.VMStorage},
		wantedPath{"runtime.maxCpuUsage", w.VMMaxCPU},
	)}
}

func hostQuestion(w Wanted) question[HostStats] {
	return question[HostStats]{class: "HostSystem", read: (*HostStats).read, status: w.HostStatus,
		paths: pathsOf(wantedPath{"summary.quickStats", w.HostQuickStats})}
}

// poolQuestion leaves out the rest of the summary, which is larger, and most of it pushed as the pool's config.
func poolQuestion(w Wanted) question[PoolStats] {
	return question[PoolStats]{class: "ResourcePool", also: "VirtualApp", read: (*PoolStats).read,
		paths: pathsOf(wantedPath{"summary.quickStats", w.PoolQuickStats})}
}

// clusterQuestion asks for the whole summary: clusters are few, and an old vCenter refuses the path of what it does not know.
func clusterQuestion(w Wanted) question[ClusterStats] {
	return question[ClusterStats]{class: "ClusterComputeResource", read: (*ClusterStats).read, status: w.ClusterStatus,
		paths: pathsOf(wantedPath{"summary", w.ClusterSummary})}
}

func (s *VMStats) read(path string, value soapxml.Element, below soapxml.Elements) {
	switch path {
	case "summary.quickStats":
		s.Quick = &VMQuickStats{}
		s.Quick.read(below)
	case "summary.storage":
		s.Storage = &VMStorage{
			Committed: integer(below, "committed"), Uncommitted: integer(below, "uncommitted"), Unshared: integer(below, "unshared"),
		}
	case "runtime.maxCpuUsage":
		s.MaxCPUUsage = number(value.Text)
	}
}

func (q *VMQuickStats) read(fields soapxml.Elements) {
	for e := range fields.All() {
		switch e.Name {
		case "overallCpuUsage":
			q.CPUUsage = number(e.Text)
		case "overallCpuReadiness":
			q.CPUReadiness = number(e.Text)
		case "guestMemoryUsage":
			q.GuestMemory = number(e.Text)
		case "balloonedMemory":
			q.Ballooned = number(e.Text)
		case "swappedMemory":
			q.Swapped = number(e.Text)
		case "ssdSwappedMemory":
			q.SwappedToSSD = number(e.Text)
		case "grantedMemory":
			q.GrantedMemory = number(e.Text)
		case "guestHeartbeatStatus":
			q.Heartbeat = StatusOf(e.Text)
		}
	}
}

func (s *HostStats) read(_ string, _ soapxml.Element, quick soapxml.Elements) {
	for e := range quick.All() {
		switch e.Name {
		case "overallCpuUsage":
			s.CPUUsage = number(e.Text)
		case "overallMemoryUsage":
			s.MemoryUsage = number(e.Text)
		}
	}
}

func (s *PoolStats) read(_ string, _ soapxml.Element, quick soapxml.Elements) {
	for e := range quick.All() {
		switch e.Name {
		case "overallCpuUsage":
			s.CPUUsage = number(e.Text)
		case "overallCpuDemand":
			s.CPUDemand = number(e.Text)
		case "guestMemoryUsage":
			s.GuestMemory = number(e.Text)
		case "hostMemoryUsage":
			s.HostMemory = number(e.Text)
		case "overheadMemory":
			s.Overhead = number(e.Text)
		case "privateMemory":
			s.Private = number(e.Text)
		case "sharedMemory":
			s.Shared = number(e.Text)
		case "swappedMemory":
			s.Swapped = number(e.Text)
		case "balloonedMemory":
			s.Ballooned = number(e.Text)
		}
	}
}

func (s *ClusterStats) read(_ string, _ soapxml.Element, summary soapxml.Elements) {
	for e, below := range summary.All() {
		switch e.Name {
		case "numVmotions":
			s.VMotions = number(e.Text)
		case "drsScore":
			s.DRSScore = number(e.Text)
		case "currentBalance":
			s.CurrentBalance = number(e.Text)
		case "targetBalance":
			s.TargetBalance = number(e.Text)
		case "usageSummary":
			s.Usage = &ClusterUsage{
				CPUDemand: integer(below, "cpuDemandMhz"), CPUReserved: integer(below, "cpuReservationMhz"),
				CPUEntitled: integer(below, "cpuEntitledMhz"), MemoryDemand: integer(below, "memDemandMB"),
				MemoryReserved: integer(below, "memReservationMB"), MemoryEntitled: integer(below, "memEntitledMB"),
			}
		}
	}
}

// number reads a number. A text that is none says nothing.
func number(text string) Number {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Number{}
	}
	return NumberOf(n)
}

// integer is a field that vCenter does not leave out.
func integer(fields soapxml.Elements, name string) int64 { return number(fields.Text(name)).Value }
