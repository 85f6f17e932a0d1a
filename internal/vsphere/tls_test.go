package vsphere_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configtls"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

// files are those that the settings of tls name, in the hands of somebody who rotates them.
type files struct {
	t             *testing.T
	ca, cert, key string
	logs          *observer.ObservedLogs
}

func newFiles(t *testing.T) *files {
	dir := t.TempDir()
	return &files{t: t, ca: filepath.Join(dir, "ca.pem"), cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
}

func (f *files) write(path string, content []byte) {
	f.t.Helper()
	require.NoError(f.t, os.WriteFile(path, content, 0o600))
}

// issue writes a certificate and its key.
func (f *files) issue(authority *simulator.Authority) {
	f.t.Helper()
	cert, key, err := authority.Issue("otelcol")
	require.NoError(f.t, err)
	f.write(f.cert, cert)
	f.write(f.key, key)
}

func authority(t *testing.T) *simulator.Authority {
	t.Helper()
	a, err := simulator.NewAuthority("clients")
	require.NoError(t, err)
	return a
}

// supervise reads the files as the receiver does.
func (f *files) supervise(sim *simulator.Simulator, change func(*configtls.ClientConfig, *vsphere.TLS)) *vsphere.Supervisor {
	f.t.Helper()
	config := configtls.NewDefaultClientConfig()
	config.CAFile = f.ca
	secured := vsphere.TLS{Authorities: "tls::ca_file (" + f.ca + ")"}
	if change != nil {
		change(&config, &secured)
	}
	var err error
	secured.Config, err = config.LoadTLSConfig(f.t.Context())
	require.NoError(f.t, err)
	secured.Reload = config.LoadTLSConfig
	core, logs := observer.New(zap.DebugLevel)
	f.logs = logs
	return supervise(f.t, vsphere.Settings{
		Endpoint: sim.URL(), Username: "user", Password: func() (string, error) { return "pass", nil },
		TLS: secured, APITimeout: 5 * time.Second, Logger: zap.New(core),
	})
}

func (f *files) shown(config *configtls.ClientConfig, secured *vsphere.TLS) {
	config.CertFile, config.KeyFile = f.cert, f.key
	secured.Certificate = "tls::cert_file (" + f.cert + ")"
}

func secured(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{TLS: true})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, sim.Close()) })
	return sim
}

// lives says that the session goes on, within a few tries.
func lives(t *testing.T, s *vsphere.Supervisor, session *vsphere.Session) {
	t.Helper()
	var same *vsphere.Session
	require.Eventually(t, func() bool {
		var err error
		if same, err = s.Acquire(t.Context()); err != nil {
			return false
		}
		if err := readNext(t, same); err != nil {
			s.Report(same, err)
			return false
		}
		return true
	}, 20*time.Second, 10*time.Millisecond)
	assert.Same(t, session, same, "a login was needless")
}

// fails returns how the next calls fail: with a reason that an operator can do something about, within a few tries. One
// that is told in the handshake of TLS 1.3 can be lost with the connection.
func fails(t *testing.T, s *vsphere.Supervisor, want string) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		session, err := s.Acquire(t.Context())
		if err == nil {
			err = readNext(t, session)
			s.Report(session, err)
		}
		if last = err; err != nil && strings.Contains(err.Error(), want) {
			return
		}
	}
	require.ErrorContains(t, last, want)
}

func TestACertificateThatIsReplacedWithItsAuthorityCostsNoLogin(t *testing.T) {
	sim, f := secured(t), newFiles(t)
	f.write(f.ca, sim.CA())
	s := f.supervise(sim, nil)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, sim.RenewCertificate())
		fails(t, s, "put the authority that signed vCenter's certificate (CN=vcenter-sim,O=vcenter-sim) into tls::ca_file ("+f.ca+")")
		f.write(f.ca, sim.CA())
		lives(t, s, session)
	}
	assert.Equal(t, 1, sim.Stats().Logins)
	assert.Equal(t, 3, f.logs.FilterMessageSnippet("the files of tls have changed").Len())
}

func TestAClientCertificateThatIsReplacedCostsNoLogin(t *testing.T) {
	sim, f := secured(t), newFiles(t)
	f.write(f.ca, sim.CA())
	before, after := authority(t), authority(t)
	require.NoError(t, sim.DemandCertificates(before.Pool()))
	f.issue(before)
	s := f.supervise(sim, f.shown)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, sim.DemandCertificates(after.Pool()))
	fails(t, s, "does not accept tls::cert_file ("+f.cert+")")
	f.issue(after)
	lives(t, s, session)
	assert.Equal(t, 1, sim.Stats().Logins)
}

func TestAMissingClientCertificateIsNamed(t *testing.T) {
	for version, want := range map[string]string{
		"1.2": "whether a client certificate is wanted (tls::cert_file)", // the alert is an unspecific one
		"1.3": "wants a client certificate: set tls::cert_file and tls::key_file",
	} {
		t.Run(version, func(t *testing.T) {
			sim, f := secured(t), newFiles(t)
			f.write(f.ca, sim.CA())
			require.NoError(t, sim.DemandCertificates(authority(t).Pool()))
			s := f.supervise(sim, func(config *configtls.ClientConfig, _ *vsphere.TLS) { config.MaxVersion = version })
			fails(t, s, want)
			assert.Zero(t, sim.Stats().Logins)
		})
	}
}

// Files are replaced one after the other: in between they do not fit, or are not there.
func TestFilesThatAreHalfWrittenChangeNothing(t *testing.T) {
	sim, f := secured(t), newFiles(t)
	f.write(f.ca, sim.CA())
	clients := authority(t)
	require.NoError(t, sim.DemandCertificates(clients.Pool()))
	f.issue(clients)
	s := f.supervise(sim, func(config *configtls.ClientConfig, secured *vsphere.TLS) {
		f.shown(config, secured)
		secured.ReloadInterval = time.Nanosecond
	})
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Remove(f.key))
	for range 3 {
		require.NoError(t, readNext(t, session))
	}
	assert.Equal(t, 1, f.logs.FilterMessageSnippet("cannot be read again").Len(), "told once")
	require.NoError(t, sim.DemandCertificates(clients.Pool())) // which cuts the connections
	lives(t, s, session)
	f.issue(clients)
	lives(t, s, session)
	assert.Equal(t, 1, f.logs.FilterMessageSnippet("have changed").Len())
}

// An authority that was taken out of the file is not trusted any more, though no request has failed.
func TestAnAuthorityIsWithdrawnAtTheInterval(t *testing.T) {
	sim, f := secured(t), newFiles(t)
	f.write(f.ca, sim.CA())
	s := f.supervise(sim, func(_ *configtls.ClientConfig, secured *vsphere.TLS) { secured.ReloadInterval = time.Millisecond })
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	f.write(f.ca, secured(t).CA())
	require.Eventually(t, func() bool { return vsphere.IsCertificate(readNext(t, session)) }, 20*time.Second, time.Millisecond)
	f.write(f.ca, sim.CA())
	lives(t, s, session)

	patient := f.supervise(sim, nil)
	session, err = patient.Acquire(t.Context())
	require.NoError(t, err)
	f.write(f.ca, secured(t).CA())
	for range 10 {
		require.NoError(t, readNext(t, session), "without an interval, only a failure is a reason to read again")
	}
}

// What has not changed costs no handshake, however often it is read.
func TestFilesThatStayTheSameKeepTheConnection(t *testing.T) {
	sim, f := secured(t), newFiles(t)
	f.write(f.ca, sim.CA())
	clients := authority(t)
	f.issue(clients)
	s := f.supervise(sim, func(config *configtls.ClientConfig, secured *vsphere.TLS) {
		f.shown(config, secured)
		secured.ReloadInterval = time.Nanosecond
	})
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	for range 5 {
		require.NoError(t, readNext(t, session))
	}
	assert.Zero(t, f.logs.FilterMessageSnippet("have changed").Len())
}
