package simulator

import (
	"time"

	"github.com/google/uuid"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// Settings describe a vCenter to simulate. The zero value is a small one, on a free port, that is ready in a quarter of a
// second.
type Settings struct {
	Listen string   // host:port; default 127.0.0.1:0
	TLS    bool     // with a certificate of its own making; see Simulator.CA
	Names  []string // further host names and addresses for that certificate

	Username string // default "user"
	Password string // default "pass"

	InstanceUUID string // default: a random one
	Version      string // of the product; default 8.0.3
	HostAgent    bool   // be a stand-alone ESXi host, and no vCenter

	Size          Size
	Inventory     property.Settings // with VMs, a large inventory that changes, in the place of Size
	Order         journal.Order     // in which event collectors read
	MaxCollectors int               // event collectors in one session; default 32, as in a vCenter
	Coalesce      time.Duration     // how long changes of a latestPage gather before the last one is pushed; default 20 ms
	IdleTimeout   time.Duration     // how long a session lives without a call; default for ever
	MaxAge        time.Duration     // of events; default unlimited, though the options say 30 days, as those of a new vCenter
}

// Size is the extent of the inventory. Zero values are small.
type Size struct {
	Datacenters int // default 1
	Clusters    int // in each datacenter; default 1
	Hosts       int // in each cluster; default 2
	VMs         int // in each cluster; default 2
	Datastores  int // default 1
}

const (
	defaultVersion       = "8.0.3"
	defaultMaxCollectors = 32
	defaultCoalesce      = 20 * time.Millisecond
)

func (s Settings) withDefaults() Settings {
	setDefault(&s.Listen, "127.0.0.1:0")
	setDefault(&s.Username, "user")
	setDefault(&s.Password, "pass")
	setDefault(&s.Version, defaultVersion)
	if s.InstanceUUID == "" {
		s.InstanceUUID = uuid.NewString()
	}
	setDefault(&s.MaxCollectors, defaultMaxCollectors)
	setDefault(&s.Coalesce, defaultCoalesce)
	setDefault(&s.Size.Datacenters, 1)
	setDefault(&s.Size.Clusters, 1)
	setDefault(&s.Size.Hosts, 2)
	setDefault(&s.Size.VMs, 2)
	setDefault(&s.Size.Datastores, 1)
	return s
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
