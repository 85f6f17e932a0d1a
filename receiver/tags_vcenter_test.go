package receiver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/inventory"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// The tags of a vCenter are not read from another one that has taken its address, where the same names are those of other objects.
func TestTheTagsOfAVCenterAreNotReadFromAnother(t *testing.T) {
	sim, err := simulator.New(simulator.Settings{TLS: true, Inventory: property.Settings{VMs: 10}})
	require.NoError(t, err)
	defer func() { assert.NoError(t, sim.Close()) }()
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(sim.CA()))
	sessions := vsphere.NewSupervisor(vsphere.Settings{
		Endpoint: sim.URL(), Username: "user", APITimeout: 30 * time.Second, TLS: vsphere.TLS{Config: &tls.Config{RootCAs: pool}},
		Password: func() (string, error) { return "pass", nil },
	})
	defer func() { assert.NoError(t, sessions.Close(context.Background())) }()
	session, err := sessions.Acquire(t.Context())
	require.NoError(t, err)
	first := session.About().InstanceUuid
	watch := &inventoryWatch{moved: make(chan struct{})}
	watcher, err := inventory.Watch(t.Context(), session, watch.meet(session), inventory.Settings{Wait: time.Second, APITimeout: time.Minute})
	require.NoError(t, err)
	_, err = watcher.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, watcher.Close(t.Context()))

	sim.SetInstanceUUID("another")
	sim.KillSessions()
	sessions.Report(session, session.Synchronise(t.Context()))
	core, logs := observer.New(zap.DebugLevel)
	tags := newTagReading(sessions, watch, 0, zap.New(core))
	tags.meet(t.Context(), first)
	defer tags.close(context.Background())
	require.Eventually(t, func() bool { return logs.Len() > 0 || tags.words(first) != nil }, 30*time.Second, 10*time.Millisecond)
	assert.Nil(t, tags.words(first))
	assert.Zero(t, sim.Tagging().Stats().Logins)

	session, err = sessions.Acquire(t.Context())
	require.NoError(t, err)
	watch.meet(session)
	assert.Empty(t, tags.taggable(first), "the inventory of the first one is no longer known")
}
