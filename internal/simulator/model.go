package simulator

import (
	"sync"

	"github.com/vmware/govmomi/simulator"
)

// building guards vcsim's templates, which the building of an inventory changes.
var building sync.Mutex

// newModel makes vcsim's part: service objects and an inventory.
func newModel(s Settings) (*simulator.Model, error) {
	model := simulator.VPX()
	model.Datacenter, model.Cluster, model.ClusterHost = s.Size.Datacenters, s.Size.Clusters, s.Size.Hosts
	model.Machine, model.Datastore, model.Host = min(s.Size.VMs, builtVMs), s.Size.Datastores, 0
	if s.Inventory.VMs > 0 {
		model.Datacenter = 0 // all but the root folder is elsewhere
	}
	if s.HostAgent {
		model = simulator.ESX()
		model.Machine = s.Size.VMs
	}
	building.Lock()
	defer building.Unlock()
	if err := model.Create(); err != nil {
		return nil, err
	}
	populate(model.Map(), s.Size.VMs)
	// NewServer would do this, but it listens too.
	model.Service.RegisterSDK(model.Map(), model.Map().Path+"/vimService")
	return model, nil
}
