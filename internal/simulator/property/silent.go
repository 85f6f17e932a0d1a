package property

import (
	"reflect"
	"strings"
)

// silent are the properties that a vCenter does not push, for reasons of scale, by the type that has them. Of the quickStats
// of a host nothing is written; they change as often as those of virtual machines.
var silent = map[string][]string{
	"ManagedEntity": {"overallStatus", "configStatus", "triggeredAlarmState"},
	"VirtualMachine": {
		"summary.quickStats", "summary.overallStatus", "summary.storage", "storage", "guestHeartbeatStatus",
		"runtime.device", "runtime.maxCpuUsage", "runtime.maxMemoryUsage",
		"summary.runtime.device", "summary.runtime.maxCpuUsage", "summary.runtime.maxMemoryUsage",
	},
	"HostSystem":               {"summary.quickStats", "summary.overallStatus"},
	"ComputeResource":          {"summary.overallStatus"},
	"ClusterComputeResource":   {"drsFault", "summary.usageSummary", "summary.drsScore", "summary.numVmsPerDrsScoreBucket"},
	"ResourcePool":             {"summary", "runtime"},
	"DistributedVirtualSwitch": {"summary.vm"},
}

func (c *class) silent() (paths []string) {
	for _, name := range append([]string{c.name}, c.bases...) {
		paths = append(paths, silent[name]...)
	}
	return paths
}

// path is a property that a filter asks for.
type path struct {
	name string
	mute bool     // it is never pushed
	deaf []string // the properties below it that are not
}

func (c *class) path(name string) path {
	p := path{name: name}
	for _, s := range c.silent() {
		switch {
		case s == name || strings.HasPrefix(name, s+"."):
			p.mute = true
		case strings.HasPrefix(s, name+"."):
			p.deaf = append(p.deaf, s[len(name)+1:])
		}
	}
	return p
}

// changed reports whether two versions of an object differ in what is pushed.
func (p path) changed(before, now any) bool {
	if p.mute {
		return false
	}
	return differ(follow(before, p.name), follow(now, p.name), p.deaf)
}

// differ compares two values but for the paths that are left out.
func differ(a, b reflect.Value, without []string) bool {
	if len(without) == 0 || !a.IsValid() || !b.IsValid() {
		return a.IsValid() != b.IsValid() || a.IsValid() && !reflect.DeepEqual(a.Interface(), b.Interface())
	}
	x, y := dereference(a), dereference(b)
	if !x.IsValid() || !y.IsValid() || x.Type() != y.Type() {
		return x.IsValid() || y.IsValid()
	}
	for name, at := range fieldsOf(x.Type()) {
		skip, below := cut(without, name)
		if !skip && differ(x.FieldByIndex(at), y.FieldByIndex(at), below) {
			return true
		}
	}
	return false
}

// cut tells whether a field is left out, and what is left out below it.
func cut(without []string, name string) (skip bool, below []string) {
	for _, path := range without {
		head, rest, deeper := strings.Cut(path, ".")
		switch {
		case head == name && !deeper:
			return true, nil
		case head == name:
			below = append(below, rest)
		}
	}
	return false, below
}
