package vsphere_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// leafOf is the certificate that a vCenter shows.
func leafOf(t *testing.T, sim *simulator.Simulator) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", sim.URL().Host, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

func TestASessionKnowsWhenTheCertificateEndsThatItWasShown(t *testing.T) {
	sim := secured(t)
	f := newFiles(t)
	f.write(f.ca, sim.CA())
	sess, err := f.supervise(sim, nil).Acquire(t.Context())
	require.NoError(t, err)
	end := leafOf(t, sim).NotAfter
	require.False(t, end.IsZero())
	assert.Equal(t, end, sess.CertificateExpiry())
}

func TestWithoutTLSThereIsNoCertificateThatEnds(t *testing.T) {
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	sess, err := supervise(t, vsphere.Settings{
		Endpoint: sim.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
	}).Acquire(t.Context())
	require.NoError(t, err)
	assert.True(t, sess.CertificateExpiry().IsZero())
}
