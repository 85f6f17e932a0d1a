package property

import (
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Settings describe an inventory of one datacenter. A zero number is one that suits the number of virtual machines.
type Settings struct {
	VMs        int
	Hosts      int // in all clusters; default one for 40 virtual machines
	Clusters   int // default one for 16 hosts
	Datastores int // default one for 100 virtual machines
	Pools      int // of resources, beside the root pool of each cluster; default one for each cluster
	Folders    int // of virtual machines; default one for 100 of them

	Seed uint64   // of what scripts choose
	Past []Played // in an earlier life with the same settings: it is played again, and nothing is told of it

	Root       types.ManagedObjectReference // default group-d1
	Attributes types.ManagedObjectReference // the CustomFieldsManager; default CustomFieldsManager:CustomFieldsManager
	Licenses   types.ManagedObjectReference // the LicenseManager; default LicenseManager:LicenseManager

	Now      func() time.Time                     // the vCenter's clock; default time.Now
	Coalesce func() time.Duration                 // how long changes gather before they are pushed; default not at all
	Events   func(chains ...[]types.BaseEvent)    // takes the events of scripts, in chains that belong together
	Record   func(Played)                         // takes what is played, before it is
	Login    func(username, password string) bool // lets users in to the tagging API; default everybody
}

func (s Settings) withDefaults() Settings {
	s.Hosts = atLeast(s.Hosts, s.VMs/40, 2)
	s.Clusters = min(atLeast(s.Clusters, s.Hosts/16, 1), s.Hosts)
	s.Datastores = atLeast(s.Datastores, s.VMs/100, 2)
	s.Pools = atLeast(s.Pools, s.Clusters, 1)
	s.Folders = atLeast(s.Folders, s.VMs/100, 2)
	if s.Root.Value == "" {
		s.Root = types.ManagedObjectReference{Type: "Folder", Value: "group-d1"}
	}
	if s.Attributes.Value == "" {
		s.Attributes = types.ManagedObjectReference{Type: "CustomFieldsManager", Value: "CustomFieldsManager"}
	}
	if s.Licenses.Value == "" {
		s.Licenses = types.ManagedObjectReference{Type: "LicenseManager", Value: "LicenseManager"}
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Coalesce == nil {
		s.Coalesce = func() time.Duration { return 0 }
	}
	if s.Events == nil {
		s.Events = func(...[]types.BaseEvent) {}
	}
	if s.Record == nil {
		s.Record = func(Played) {}
	}
	if s.Login == nil {
		s.Login = func(string, string) bool { return true }
	}
	return s
}

// atLeast is a number that was set, or the one that suits, but not less than the least.
func atLeast(set, suits, least int) int {
	if set > 0 {
		return set
	}
	return max(suits, least)
}
