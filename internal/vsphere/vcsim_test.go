package vsphere_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// vcenter is govmomi's simulator, with an administrator of its own.
type vcenter struct {
	*fault.Proxy // in front of it, with TLS
	admin        *govmomi.Client
}

func vcsim(t *testing.T) (*vcenter, vsphere.Settings) {
	t.Helper()
	model := simulator.VPX()
	model.Cluster, model.Host, model.Machine, model.Datastore, model.Portgroup = 0, 0, 0, 0, 0
	require.NoError(t, model.Create())
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword("otel", "right")}
	server := model.Service.NewServer()
	t.Cleanup(func() { server.Close(); model.Remove() })
	admin, err := govmomi.NewClient(t.Context(), server.URL, true)
	require.NoError(t, err)
	t.Cleanup(admin.CloseIdleConnections)
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	target := *server.URL
	target.User = nil
	proxy, err := fault.New(&target, fault.Options{Certificate: &certificate, Seed: 1})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	pool := x509.NewCertPool()
	pool.AddCert(certificate.Leaf)
	return &vcenter{Proxy: proxy, admin: admin}, vsphere.Settings{
		Endpoint: proxy.URL(), Username: "otel", Password: func() (string, error) { return "right", nil },
		TLS: vsphere.TLS{Config: &tls.Config{RootCAs: pool}}, APITimeout: 5 * time.Second, UserAgent: "otelcol-vcenter/test",
	}
}

// sessions are those of others than the administrator.
func (vc *vcenter) sessions(t *testing.T) []types.UserSession {
	t.Helper()
	var sm mo.SessionManager
	err := property.DefaultCollector(vc.admin.Client).RetrieveOne(
		t.Context(), *vc.admin.ServiceContent.SessionManager, []string{"sessionList", "currentSession"}, &sm)
	require.NoError(t, err)
	return slices.DeleteFunc(sm.SessionList, func(s types.UserSession) bool { return s.Key == sm.CurrentSession.Key })
}

func (vc *vcenter) kill(t *testing.T) {
	t.Helper()
	for _, session := range vc.sessions(t) {
		require.NoError(t, vc.admin.SessionManager.TerminateSession(t.Context(), []string{session.Key}))
	}
}

func supervise(t *testing.T, settings vsphere.Settings) *vsphere.Supervisor {
	t.Helper()
	s := vsphere.NewSupervisor(settings)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Close(ctx)
	})
	return s
}

func readNext(t *testing.T, session *vsphere.Session) error {
	t.Helper()
	ctx := t.Context()
	collector, err := event.NewManager(session.Client()).CreateCollectorForEvents(ctx, types.EventFilterSpec{})
	if err != nil {
		return err
	}
	answer, err := session.Call(ctx, 0, &types.ReadNextEvents{This: collector.Reference(), MaxCount: 10})
	if err == nil {
		_, err = soapxml.Body(answer)
	}
	_ = session.Destroy(ctx, collector.Reference())
	return err
}

func TestASessionWithGovmomisSimulator(t *testing.T) {
	vc, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "VirtualCenter", session.About().ApiType)
	assert.WithinDuration(t, time.Now(), session.Now(), time.Minute)
	require.NoError(t, readNext(t, session))
	require.Len(t, vc.sessions(t), 1)
	assert.Equal(t, "otelcol-vcenter/test", vc.sessions(t)[0].UserAgent)
	require.NoError(t, s.Close(t.Context()))
	assert.Empty(t, vc.sessions(t))
}

func TestAKilledSessionCostsOneLogin(t *testing.T) {
	vc, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	vc.kill(t)
	logins := vc.Count("Login").Requests
	err = readNext(t, session)
	require.True(t, vsphere.IsNotAuthenticated(err), "%v", err)
	s.Report(session, err)
	session, err = s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, readNext(t, session))
	assert.Equal(t, logins+1, vc.Count("Login").Requests)
}

func TestACollectorOfASessionThatIsGoneIsGone(t *testing.T) {
	_, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{This: types.ManagedObjectReference{Type: "EventHistoryCollector", Value: "none"}})
	assert.True(t, vsphere.IsGone(err), "%v", err)
}

func TestAnUnauthenticatedReadIsNoticed(t *testing.T) {
	_, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	_, err = methods.Logout(t.Context(), session.Client(), &types.Logout{This: *session.ServiceContent().SessionManager})
	require.NoError(t, err)
	root := session.ServiceContent().RootFolder
	answer, err := session.Call(t.Context(), 0, &types.RetrievePropertiesEx{
		This: session.ServiceContent().PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			PropSet:   []types.PropertySpec{{Type: root.Type, PathSet: []string{"name"}}},
			ObjectSet: []types.ObjectSpec{{Obj: root}},
		}},
	})
	require.NoError(t, err, "that is the trap")
	body, err := soapxml.Body(answer)
	require.NoError(t, err)
	assert.True(t, vsphere.IsNotAuthenticated(vsphere.MissingNotAuthenticated(body)))
}

func TestBrokenAnswersAndConnectionsCostNoLogin(t *testing.T) {
	vc, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for _, broken := range []fault.Fault{
		fault.Cut(0), fault.Cut(1), fault.Cut(200), fault.CutChunked(200), fault.ResetBefore(), fault.ResetAfter(), fault.Lose(),
		fault.Status(503, ""), fault.Status(502, ""), fault.HTML(), fault.Empty(),
	} {
		vc.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: broken})
		err := readNext(t, session)
		require.Error(t, err, "%v", broken)
		assert.True(t, vsphere.IsTransport(err) || vsphere.IsNotVCenter(err), "%v: %v", broken, err)
		s.Report(session, err)
		same, err := s.Acquire(t.Context())
		require.NoError(t, err)
		require.Same(t, session, same)
		vc.Clear()
	}
	for range 20 {
		vc.Reset()
		if err := readNext(t, session); err != nil {
			s.Report(session, err)
		}
		_, err := s.Acquire(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, 1, vc.Count("Login").Requests)
	assert.Len(t, vc.sessions(t), 1)
}

func TestAMiddleBoxThatCutsIdleConnectionsCostsNoSession(t *testing.T) {
	vc, settings := vcsim(t)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for range 5 {
		require.Eventually(t, func() bool { return vc.ResetIdle() > 0 }, 5*time.Second, time.Millisecond)
		if err := readNext(t, session); err != nil {
			require.True(t, vsphere.IsTransport(err), "%v", err)
			s.Report(session, err)
		}
		same, err := s.Acquire(t.Context())
		require.NoError(t, err)
		require.Same(t, session, same)
		require.NoError(t, readNext(t, session))
	}
	assert.Equal(t, 1, vc.Count("Login").Requests)
}

func TestACertificateThatIsNotTrustedIsNoReasonToLogIn(t *testing.T) {
	vc, settings := vcsim(t)
	trusted, err := fault.SelfSigned()
	require.NoError(t, err)
	settings.TLS.Config.RootCAs.AddCert(trusted.Leaf)
	stranger, err := fault.SelfSigned()
	require.NoError(t, err)
	s := supervise(t, settings)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)

	vc.SetCertificate(stranger)
	vc.Reset()
	_, err = methods.GetCurrentTime(t.Context(), session.Client())
	s.Report(session, err)
	_, err = s.Acquire(t.Context())
	require.True(t, vsphere.IsCertificate(err), "%v", err)
	assert.Contains(t, err.Error(), "ca_file")

	vc.SetCertificate(trusted)
	same, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Same(t, session, same)
	assert.Equal(t, 1, vc.Count("Login").Requests)
}

func TestFiftyStartsAndStopsLeaveNoSession(t *testing.T) {
	vc, settings := vcsim(t)
	for range 50 {
		s := vsphere.NewSupervisor(settings)
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		require.NoError(t, readNext(t, session))
		require.NoError(t, s.Close(t.Context()))
	}
	assert.Empty(t, vc.sessions(t))
}

func TestAWrongPasswordIsOneLogin(t *testing.T) {
	vc, settings := vcsim(t)
	settings.Password = func() (string, error) { return "wrong", nil }
	s := supervise(t, settings)
	for range 5 {
		_, err := s.Acquire(t.Context())
		require.True(t, vsphere.IsInvalidLogin(err), "%v", err)
	}
	assert.Equal(t, 1, vc.Count("Login").Requests)
}
