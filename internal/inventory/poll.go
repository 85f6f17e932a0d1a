package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// PollSession is the part of a vSphere session that a poller needs.
type PollSession interface {
	Session
	// CertificateExpiry is when the certificate ends that vCenter has shown; zero where it has shown none.
	CertificateExpiry() time.Time
}

// PollSettings are how a poller asks. Zero is the value that is named.
type PollSettings struct {
	APITimeout time.Duration // of one call; that of the session

	// What changes rarely is asked for rarely, and repeated in between.
	AlarmInterval  time.Duration // between two reads of all triggered alarms; 10 minutes
	ExpiryInterval time.Duration // between two reads of licences, and of the certificates of hosts; an hour
}

// Poller asks one vCenter for what it does not push. It outlives sessions. Poll and Close are for one goroutine at a time.
type Poller struct {
	instanceUUID string
	settings     PollSettings

	session PollSession                  // of the last poll
	view    types.ManagedObjectReference // of everything, in that session

	alarms       alarms
	licenses     rarely[[]License]
	certificates rarely[map[string]time.Time]
}

// NewPoller makes the poller of a vCenter. It must be closed.
func NewPoller(instanceUUID string, settings PollSettings) *Poller {
	settings.AlarmInterval = cmp.Or(settings.AlarmInterval, 10*time.Minute)
	settings.ExpiryInterval = cmp.Or(settings.ExpiryInterval, time.Hour)
	return &Poller{
		instanceUUID: instanceUUID, settings: settings,
		alarms:       alarms{noticed: map[string]bool{}, interval: settings.AlarmInterval},
		licenses:     rarely[[]License]{interval: settings.ExpiryInterval},
		certificates: rarely[map[string]time.Time]{interval: settings.ExpiryInterval},
	}
}

// Notice is told that something is new of the alarms of an object: the next poll reads them. It may be called at any time, by
// anyone.
func (p *Poller) Notice(moref string) { p.alarms.notice(moref) }

// Poll asks for what is wanted of the objects that a snapshot has. All parts are asked for at the same time, and each fails for
// itself: beside an error, which may be that the time of the context is over, there are the Stats of what was answered. They are nil only where there was no session to ask in.
func (p *Poller) Poll(ctx context.Context, s PollSession, now *Snapshot, wanted Wanted) (*Stats, error) {
	if s.Client().ServiceContent.About.InstanceUuid != p.instanceUUID {
		return nil, fmt.Errorf("poll inventory: %w", ErrAnotherVCenter)
	}
	p.enter(s)
	q := &poll{Poller: p, now: now, wanted: wanted, counts: now.Counts()}
	if wanted.ofObjects() {
		if err := q.prepare(ctx); err != nil {
			return nil, fmt.Errorf("poll inventory: %w", err)
		}
	}
	stats, err := q.ask(ctx)
	if vsphere.IsGone(err) {
		err = errors.Join(err, p.Close(ctx)) // it may be the view that is gone: the next poll makes another
	}
	return stats, err
}

// enter begins with a session. The view went with the one before, and what events told of alarms may have been lost.
func (p *Poller) enter(s PollSession) {
	if p.session != s {
		p.session, p.view = s, types.ManagedObjectReference{}
		p.alarms.forget()
	}
}

// Close removes the view from vCenter. It works on a fresh context: the one that ended may be why the poller is closed.
func (p *Poller) Close(ctx context.Context) error {
	if p.view.Value == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	view := p.view
	p.view = types.ManagedObjectReference{}
	if err := p.session.Destroy(ctx, view); err != nil {
		return fmt.Errorf("destroy %s: %w", view.Type, err)
	}
	return nil
}

// poll is a poll under way.
type poll struct {
	*Poller
	now    *Snapshot
	wanted Wanted
	counts map[string]int // of the objects, by type
}

// ofObjects reports whether anything is wanted that is asked of all objects.
func (w Wanted) ofObjects() bool {
	w.Alarms, w.Licenses, w.Certificate = false, false, false
	return w != Wanted{}
}

// prepare makes the view, where there is none. A call that is under way does not end with its context: vCenter would have made
// an object that nobody knows the name of.
func (p *poll) prepare(ctx context.Context) error {
	if p.view.Value != "" {
		return nil
	}
	content := p.session.Client().ServiceContent
	if content.ViewManager == nil {
		return errors.New("vCenter has no view manager")
	}
	lingering, cancel := linger(ctx)
	defer cancel()
	view, err := methods.CreateContainerView(lingering, p.session.Client(), &types.CreateContainerView{
		This: *content.ViewManager, Container: content.RootFolder, Recursive: true,
	})
	if err != nil {
		return fmt.Errorf("create view: %w", err)
	}
	p.view = view.Returnval
	return ctx.Err()
}

// ask asks for all parts at the same time: one that hangs does not take the time of the others.
func (p *poll) ask(ctx context.Context) (*Stats, error) {
	stats := &Stats{At: p.session.Now()}
	if p.wanted.Certificate {
		stats.Certificate = p.session.CertificateExpiry()
	}
	var status [3]map[string]Status
	lacks := &stats.Lacks
	parts := []struct {
		name  string
		lacks *bool
		ask   func() error
	}{
		{"virtual machines", &lacks.VMs, func() (err error) {
			stats.VMs, status[0], err = inquire(ctx, p, machineQuestion(p.wanted))
			return err
		}},
		{"hosts", &lacks.Hosts, func() (err error) {
			stats.Hosts, status[1], err = inquire(ctx, p, hostQuestion(p.wanted))
			return err
		}},
		{"resource pools", &lacks.Pools, func() (err error) {
			stats.Pools, _, err = inquire(ctx, p, poolQuestion(p.wanted))
			return err
		}},
		{"clusters", &lacks.Clusters, func() (err error) {
			stats.Clusters, status[2], err = inquire(ctx, p, clusterQuestion(p.wanted))
			return err
		}},
		{"alarms", &lacks.Alarms, func() (err error) { stats.Alarms, err = p.triggered(ctx); return err }},
		{"licences", &lacks.Licenses, func() (err error) { stats.Licenses, err = p.licensed(ctx); return err }},
		{"certificates", &lacks.Certificates, func() (err error) { stats.Certificates, err = p.certified(ctx); return err }},
	}
	failed := make([]error, len(parts))
	var asking sync.WaitGroup
	for i, part := range parts {
		asking.Go(func() {
			if err := part.ask(); err != nil {
				*part.lacks = true
				failed[i] = fmt.Errorf("poll %s: %w", part.name, err)
			}
		})
	}
	asking.Wait()
	stats.Status = merged(status[:])
	return stats, errors.Join(failed...)
}

// merged is all of some maps; nil where all are.
func merged(parts []map[string]Status) (all map[string]Status) {
	for _, part := range parts {
		if all == nil {
			all = part
		} else {
			maps.Copy(all, part)
		}
	}
	return all
}
