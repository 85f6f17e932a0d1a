package simulator

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/catalog"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// Simulator is a vCenter with a memory.
type Simulator struct {
	settings  Settings
	model     *simulator.Model
	content   types.ServiceContent // but for About.InstanceUuid
	inventory *inventory
	places    traffic.Inventory
	large     *large // nil: the inventory is vcsim's
	journal   *journal.Journal
	listener  *listener
	sessions  *sessions
	record    record

	offset   atomic.Int64 // of the clock, in nanoseconds
	doorbell doorbell
	limits   limits
	ambush   ambush

	mu        sync.Mutex // guards the fields below
	instances []Instance // that it has been; the last one is in force
	password  string
}

// New starts a simulated vCenter. It listens when New returns, and must be closed.
func New(settings Settings) (*Simulator, error) {
	settings = settings.withDefaults()
	s := &Simulator{settings: settings, password: settings.Password}
	s.SetInstanceUUID(settings.InstanceUUID)
	s.limits.set(settings)
	if err := s.build(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	var err error
	if s.listener, err = newListener(settings, s.routes()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.listener.start(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// build makes the inventory and the journal, and connects them.
func (s *Simulator) build() error {
	model, err := newModel(s.settings)
	if err != nil {
		return fmt.Errorf("build the inventory: %w", err)
	}
	s.model = model
	s.content = serviceContent(model, s.settings)
	s.inventory = newInventory(model.Map(), s.content.RootFolder)
	ancestors := s.inventory.ancestors
	if s.large = s.newLarge(); s.large != nil {
		ancestors, s.places = s.large.Ancestors, s.large.Places()
	} else {
		s.places = newPlaces(model.Map(), s.inventory)
	}
	s.sessions = newSessions()
	s.journal = journal.New(journal.Settings{
		Now: s.Now, Order: s.settings.Order, Category: catalog.Category,
		Root: s.content.RootFolder, Ancestors: ancestors,
	})
	s.journal.SetRetention(s.settings.MaxAge)
	// With a user of its own, vcsim asks ValidLogin; without, it lets anybody in.
	model.Service.Listen = &url.URL{User: url.User(s.settings.Username)}
	model.Map().SessionManager().ValidLogin = s.validLogin
	if m, ok := model.Map().Get(*s.content.TaskManager).(*simulator.TaskManager); ok {
		m.MaxCollector = math.MaxInt32 // vcsim never gives back those of a session that ended
	}
	return s.bridge()
}

// Close ends everything at once: sessions, long polls, connections, the listener.
func (s *Simulator) Close() error {
	var err error
	if s.sessions != nil {
		s.sessions.endAll(errClosed)
	}
	if s.listener != nil {
		err = s.listener.stop()
	}
	if s.model != nil {
		s.model.Remove()
	}
	return err
}

var errClosed = errors.New("the simulator is closed")

// URL is the address of the SDK, without credentials: http://127.0.0.1:40123/sdk.
func (s *Simulator) URL() *url.URL {
	return &url.URL{Scheme: s.listener.scheme(), Host: s.listener.reachable(), Path: "/sdk"}
}

// CA is the certificate, in PEM, that a client has to trust; nil without TLS.
func (s *Simulator) CA() []byte { return s.listener.authority() }

// RenewCertificate makes another certificate, of another authority, and cuts all connections. Sessions live on.
func (s *Simulator) RenewCertificate() error { return s.listener.renew() }

// DemandCertificates lets in only who shows a certificate that one of these authorities has signed, nil: everybody again, and
// cuts all connections. Sessions live on.
func (s *Simulator) DemandCertificates(authorities *x509.CertPool) error {
	return s.listener.demand(authorities)
}

// Journal is the vCenter's event history.
func (s *Simulator) Journal() *journal.Journal { return s.journal }

// Append adds events to the history; see journal.Journal.Append.
func (s *Simulator) Append(events ...types.BaseEvent) { s.journal.Append(events...) }

// AppendRaw adds an event of any class by the XML inside of its element; see journal.Raw.
func (s *Simulator) AppendRaw(class, content string) error {
	raw, err := journal.NewRaw(class, content)
	if err != nil {
		return err
	}
	s.journal.Append(raw)
	return nil
}

// Now is the vCenter's clock.
func (s *Simulator) Now() time.Time { return time.Now().Add(s.ClockOffset()) }

// ClockOffset is by how much the vCenter's clock is ahead of ours.
func (s *Simulator) ClockOffset() time.Duration { return time.Duration(s.offset.Load()) }

// SetClockOffset sets the vCenter's clock. Events that were appended keep their times.
func (s *Simulator) SetClockOffset(d time.Duration) { s.offset.Store(int64(d)) }

// InstanceUUID is about.instanceUuid.
func (s *Simulator) InstanceUUID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instances[len(s.instances)-1].UUID
}

// SetInstanceUUID makes it another vCenter at the same address. Sessions live on; kill them to play a rebuilt one.
func (s *Simulator) SetInstanceUUID(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances = append(s.instances, Instance{UUID: id, Since: time.Now()})
}

// SetPassword changes the password of the one account; "" makes it what it was at first. Sessions live on.
func (s *Simulator) SetPassword(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = cmp.Or(password, s.settings.Password)
}

func (s *Simulator) validLogin(login *types.Login) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return login.UserName == s.settings.Username && login.Password == s.password
}

func (s *Simulator) registry() *simulator.Registry { return s.model.Map() }
