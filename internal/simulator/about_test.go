package simulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

func TestEachSimulatorIsAVCenterOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := start(t, simulator.Settings{}), start(t, simulator.Settings{InstanceUUID: "2"})
	assert.Equal(t, one.InstanceUUID(), connect(t, one).ServiceContent.About.InstanceUuid)
	assert.Equal(t, "2", connect(t, two).ServiceContent.About.InstanceUuid)
	assert.NotEqual(t, "2", one.InstanceUUID())
	login(t, one)
	assert.Zero(t, two.Journal().Len())
}

func TestAnotherVCenterAtTheSameAddress(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	sim.SetInstanceUUID("another")
	assert.Equal(t, "another", connect(t, sim).ServiceContent.About.InstanceUuid)
	var instance mo.ServiceInstance
	ref := types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}
	for _, path := range []string{"content.about", "content.about.instanceUuid", "serverClock", "content"} {
		require.NoError(t, property.DefaultCollector(c).RetrieveOne(ctx(t), ref, []string{path}, &instance), path)
	}
	assert.Equal(t, "another", instance.Content.About.InstanceUuid)
	require.Error(t, property.DefaultCollector(c).RetrieveOne(ctx(t), ref, []string{"content.nonsense.x"}, &instance))
}

func TestTheClockCanBeWrong(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	c := login(t, sim)
	sim.SetClockOffset(-time.Hour)
	now, err := methods.GetCurrentTime(ctx(t), c)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(-time.Hour), *now, time.Minute)
	sim.Append(poweredOn(1)...)
	assert.WithinDuration(t, *now, sim.Journal().Last().Created(), time.Minute)
}

func TestAStandAloneHostSaysSo(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{HostAgent: true})
	about := login(t, sim).ServiceContent.About
	assert.Equal(t, "HostAgent", about.ApiType)
	assert.Len(t, sim.Journal().Events(), 1, "the login")
}

func TestVersionsAreNegotiated(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{})
	about := connect(t, sim).ServiceContent.About
	assert.Equal(t, []string{"VirtualCenter", "8.0.3", "8.0.3.0"}, []string{about.ApiType, about.Version, about.ApiVersion})
	c := connect(t, sim)
	require.NoError(t, c.UseServiceVersion())
	assert.Equal(t, "8.0.3.0", c.Version)
	older := start(t, simulator.Settings{Version: "8.0.1"})
	body := get(t, http.DefaultClient, older.URL().String()+"/vimServiceVersions.xml")
	assert.Contains(t, body, "<version>8.0.0.1</version>")
	assert.NotContains(t, body, "8.0.3.0")
	http.DefaultClient.CloseIdleConnections()
}

func TestItsCertificateIsTrustedByItsOwnAuthority(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{TLS: true})
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(sim.CA()))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	assert.Contains(t, get(t, client, sim.URL().String()+"/vimServiceVersions.xml"), "urn:vim25")
	assert.Equal(t, "https", sim.URL().Scheme)
}

func TestACertificateIsRenewedAndDemanded(t *testing.T) {
	t.Parallel()
	sim := start(t, simulator.Settings{TLS: true})
	client := login(t, sim)
	ask := func() error {
		client.CloseIdleConnections() // they were cut
		_, err := methods.GetCurrentTime(ctx(t), client)
		return err
	}
	before := sim.CA()
	require.NoError(t, sim.RenewCertificate())
	assert.NotEqual(t, before, sim.CA())
	require.NoError(t, ask(), "the session lives on")
	require.NoError(t, sim.DemandCertificates(x509.NewCertPool()))
	require.Error(t, ask())
	require.NoError(t, sim.DemandCertificates(nil))
	require.NoError(t, ask())
	assert.Error(t, start(t, simulator.Settings{}).RenewCertificate(), "without TLS")
}

func get(t *testing.T, c *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), http.MethodGet, url, nil)
	require.NoError(t, err)
	res, err := c.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}
