package vsphere_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// simulated runs a vCenter with a memory, and a Supervisor of it.
func simulated(t *testing.T, settings simulator.Settings) (*simulator.Simulator, *vsphere.Supervisor) {
	t.Helper()
	settings.TLS = true
	sim, err := simulator.New(settings)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(sim.CA()))
	return sim, supervise(t, vsphere.Settings{
		Endpoint: sim.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
		TLS: vsphere.TLS{Config: &tls.Config{RootCAs: pool}}, APITimeout: 5 * time.Second,
	})
}

func TestASessionThatEndsDuringALongPollCostsOneLogin(t *testing.T) {
	sim, s := simulated(t, simulator.Settings{})
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	poll := watchRoot(t, session)
	version, err := poll("")
	require.NoError(t, err)
	polled := make(chan error, 1)
	go func() {
		_, err := poll(version)
		polled <- err
	}()
	require.Eventually(t, func() bool { return sim.Stats().Calls["WaitForUpdatesEx"] == 2 }, 5*time.Second, time.Millisecond)
	sim.KillSessions()
	err = <-polled
	require.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
	s.Report(session, err)
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, readNext(t, next))
	assert.Equal(t, 2, sim.Stats().Logins)
	assert.Len(t, sim.Stats().Sessions, 1)
}

// watchRoot returns a long poll for the root folder's name, which never changes.
func watchRoot(t *testing.T, session *vsphere.Session) func(version string) (string, error) {
	t.Helper()
	pc, err := methods.CreatePropertyCollector(t.Context(), session.Client(), &types.CreatePropertyCollector{
		This: session.ServiceContent().PropertyCollector,
	})
	require.NoError(t, err)
	root := session.ServiceContent().RootFolder
	_, err = methods.CreateFilter(t.Context(), session.Client(), &types.CreateFilter{This: pc.Returnval, Spec: types.PropertyFilterSpec{
		PropSet:   []types.PropertySpec{{Type: root.Type, PathSet: []string{"name"}}},
		ObjectSet: []types.ObjectSpec{{Obj: root}},
	}})
	require.NoError(t, err)
	seconds := int32(30)
	return func(version string) (string, error) {
		answer, err := session.Call(t.Context(), time.Minute, &types.WaitForUpdatesEx{
			This: pc.Returnval, Version: version, Options: &types.WaitOptions{MaxWaitSeconds: &seconds},
		})
		if err != nil {
			return "", err
		}
		body, err := soapxml.Body(answer)
		return body.Text("WaitForUpdatesExResponse", "returnval", "version"), err
	}
}

func TestARestartWithALongOutageCostsOneLogin(t *testing.T) {
	sim, s := simulated(t, simulator.Settings{})
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, sim.Suspend())
	for range 5 {
		err := readNext(t, session)
		require.True(t, vsphere.IsTransport(err), "%v", err)
		s.Report(session, err)
		_, err = s.Acquire(t.Context())
		require.True(t, vsphere.IsTransport(err), "%v", err)
	}
	require.NoError(t, sim.Resume())
	next, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, readNext(t, next))
	assert.Equal(t, session.Serial()+1, next.Serial())
	assert.Equal(t, 2, sim.Stats().Logins)
}

func TestAClockThatIsWrongByDaysIsFollowed(t *testing.T) {
	sim, s := simulated(t, simulator.Settings{})
	sim.SetClockOffset(-50 * time.Hour)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.WithinDuration(t, sim.Now(), session.Now(), time.Second)
}

func TestAStandaloneHostIsRefusedByName(t *testing.T) {
	sim, s := simulated(t, simulator.Settings{HostAgent: true})
	_, err := s.Acquire(t.Context())
	require.True(t, vsphere.IsStandalone(err), "%v", err)
	assert.Contains(t, err.Error(), "ESXi")
	assert.Zero(t, sim.Stats().Logins)
}

func TestNothingIsLeftInVCenterAfterClose(t *testing.T) {
	sim, s := simulated(t, simulator.Settings{})
	for range 50 {
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		require.NoError(t, readNext(t, session))
		sim.KillSessions()
		err = readNext(t, session)
		require.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
		s.Report(session, err)
	}
	_, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Len(t, sim.Stats().Sessions, 1)
	require.NoError(t, s.Close(t.Context()))
	assert.Empty(t, sim.Stats().Sessions)
}
