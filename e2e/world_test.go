package e2e

import (
	"net/http"
	"path"
	"testing"
)

// entity is an object as the simulator tells it.
type entity struct {
	Type  string `json:"type"`
	MoRef string `json:"moref"`
	Name  string `json:"name"`
	Path  string `json:"path"`
	Host  string `json:"host"`
	Power string `json:"powerState"`
}

// world is what the virtual machines are like, by moref and property.
type world map[string]map[string]string

// entities are all that there are now.
func (v *vcenter) entities(t *testing.T) (all []entity) {
	t.Helper()
	v.call(t, http.MethodGet, "/inventory", &all)
	return all
}

// world is what the virtual machines are like now.
func (v *vcenter) world(t *testing.T) world {
	t.Helper()
	all := v.entities(t)
	refs := map[string]string{} // by path: virtual machines are in folders, whose paths differ
	for _, e := range all {
		if e.Type == "Folder" {
			refs[e.Path] = e.MoRef
		}
	}
	w := world{}
	for _, e := range all {
		if e.Type == "VirtualMachine" {
			w[e.MoRef] = map[string]string{
				"name": e.Name, "parent": refs[path.Dir(e.Path)], "runtime.host": e.Host, "runtime.powerState": e.Power,
			}
		}
	}
	return w
}

// leadsTo holds that changes lead from one world to another: each begins where the one before of its property has ended, no
// step is missing, and none is told twice.
func (w world) leadsTo(to world, changes []change) error {
	b := newBeliefs(w)
	for _, c := range changes {
		if err := b.take(c, true); err != nil {
			return err
		}
	}
	return b.allow(to)
}
