package tagging

import (
	"cmp"
	"context"
	"time"

	"github.com/vmware/govmomi/vim25/types"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// defaultInterval is less than the five minutes for which a vCenter typically keeps a session of the REST API that is not
// used, so that no reading needs a login.
const defaultInterval = 4 * time.Minute

// defaultPatience is longer than a vCenter takes to start, whose SOAP API may answer before there is a REST API. By then it was asked
// twice, five minutes apart.
const defaultPatience = 10 * time.Minute

// Settings are what a Tagger needs. Sessions, InstanceUUID and Objects are required.
type Settings struct {
	// Sessions logs in to the REST API. It must be closed after the Tagger.
	Sessions Sessions
	// InstanceUUID tells which vCenter the objects are of.
	InstanceUUID string
	// Objects returns the objects whose tags are wanted, in any order, and none as long as they are not known. It is called
	// every few seconds, and must not wait. Those of types that cannot have tags are left out.
	Objects func() []types.ManagedObjectReference
	// Interval is how often everything is read again without an event; four minutes where it is zero.
	Interval time.Duration
	// Patience is how long vCenter has to say that it has no REST API before that is believed; ten minutes where it is zero.
	Patience time.Duration
	// Logger gets a line when tags cannot be read and one when they can be again. It may be nil.
	Logger *zap.Logger
}

// Sessions logs in to the REST API of a vCenter, or fails where there is another one by now; *vsphere.Supervisor does.
type Sessions interface {
	LoginREST(ctx context.Context, instanceUUID string) (*vsphere.REST, error)
}

func (s Settings) completed() Settings {
	s.Interval = cmp.Or(s.Interval, defaultInterval)
	s.Patience = cmp.Or(s.Patience, defaultPatience)
	if s.Logger == nil {
		s.Logger = zap.NewNop()
	}
	return s
}
