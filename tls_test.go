package vcenterstreamreceiver

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// peer is the other end of handshakes: what a setting of tls makes of them is told by their result there.
type peer struct {
	address string
	ca      string // its authority, in PEM
	shaken  chan error
}

// newPeer listens with a certificate of its own.
func newPeer(t *testing.T, change func(*tls.Config)) *peer {
	t.Helper()
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if change != nil {
		change(config)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	require.NoError(t, err)
	p := &peer{
		address: listener.Addr().String(),
		ca:      string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Leaf.Raw})),
		shaken:  make(chan error, 1),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.serve(listener)
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return p
}

// serve shakes hands, and hangs up.
func (p *peer) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		err = conn.(*tls.Conn).Handshake()
		_ = conn.Close()
		select {
		case p.shaken <- err:
		default:
		}
	}
}

// handshake is the result of the first one.
func (p *peer) handshake(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.shaken:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("nobody has come")
		return nil
	}
}

// handshakes holds what two configurations make of a peer: the first is let in, the second is not.
func handshakes(t *testing.T, change func(*tls.Config), good, bad func(*peer) string) {
	t.Helper()
	for name, yaml := range map[string]func(*peer) string{"good": good, "bad": bad} {
		t.Run(name, func(t *testing.T) {
			l, p := newLab(t, simulator.Settings{}), newPeer(t, change)
			l.base["endpoint"] = "https://" + p.address
			l.start("tls: {" + yaml(p) + "}")
			err := p.handshake(t)
			if name == "good" {
				assert.NoError(t, err)
			} else {
				assert.Error(t, err)
			}
		})
	}
}

// trusting is what a user writes who trusts the peer, and something more.
func trusting(more string) func(*peer) string {
	return func(p *peer) string { return fmt.Sprintf("ca_pem: %q%s", p.ca, more) }
}

func nothing(*peer) string { return "" }

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func testCAFile(t *testing.T) {
	handshakes(t, nil, func(p *peer) string { return fmt.Sprintf("ca_file: %q", file(t, p.ca)) }, nothing)
}

func testCAPem(t *testing.T) { handshakes(t, nil, trusting(""), nothing) }

func testInsecureSkipVerify(t *testing.T) {
	handshakes(t, nil, func(*peer) string { return "insecure_skip_verify: true" }, nothing)
}

func testServerNameOverride(t *testing.T) {
	handshakes(t, nil, trusting(", server_name_override: localhost"), trusting(", server_name_override: vc.example.com"))
}

func testMinVersion(t *testing.T) {
	old := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
	handshakes(t, old, trusting(""), trusting(`, min_version: "1.3"`))
}

func testMaxVersion(t *testing.T) {
	modern := func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }
	handshakes(t, modern, trusting(""), trusting(`, max_version: "1.2"`))
}

func testCipherSuites(t *testing.T) {
	one := func(c *tls.Config) {
		c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	}
	handshakes(t, one, trusting(""), trusting(", cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]"))
}

func testCurvePreferences(t *testing.T) {
	one := func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }
	handshakes(t, one, trusting(""), trusting(", curve_preferences: [P384]"))
}

func testInsecureCipherSuites(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	const weak = "tls: {cipher_suites: [TLS_RSA_WITH_3DES_EDE_CBC_SHA]"
	_, err := l.try(weak + "}")
	require.ErrorContains(t, err, "invalid TLS cipher suite")
	_, err = l.try(weak + ", include_insecure_cipher_suites: true}")
	require.NoError(t, err)
}

// demanding lets in who has a certificate of this authority.
func demanding(t *testing.T) (a *simulator.Authority, demand func(*tls.Config)) {
	t.Helper()
	a, err := simulator.NewAuthority("clients")
	require.NoError(t, err)
	return a, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, a.Pool() }
}

func testClientCertificate(t *testing.T) {
	a, demand := demanding(t)
	cert, key, err := a.Issue("otelcol")
	require.NoError(t, err)
	shown := fmt.Sprintf(", cert_file: %q, key_file: %q", file(t, string(cert)), file(t, string(key)))
	handshakes(t, demand, trusting(shown), trusting(""))
}

func testClientCertificatePem(t *testing.T) {
	a, demand := demanding(t)
	cert, key, err := a.Issue("otelcol")
	require.NoError(t, err)
	handshakes(t, demand, trusting(fmt.Sprintf(", cert_pem: %q, key_pem: %q", cert, key)), trusting(""))
}

// A key in a TPM was never tried: that is said, and not found out by a vCenter that is not reached.
func testTPM(yaml string) func(*testing.T) {
	return func(t *testing.T) {
		l := newLab(t, simulator.Settings{})
		_, err := l.read("tls: {tpm: {" + yaml + "}}")
		require.ErrorContains(t, err, "tls::tpm: ")
		require.NotContains(t, err.Error(), "hush")
		_, err = l.read("tls: {tpm: {enabled: false}}")
		require.NoError(t, err)
	}
}

// The system's authorities are read once in the life of a process, from where a variable says: so each case is one.
func testSystemPool(t *testing.T) {
	if address := os.Getenv("VCENTER_PEER"); address != "" {
		l := newLab(t, simulator.Settings{})
		l.base["endpoint"] = "https://" + address
		l.start("tls: {" + os.Getenv("VCENTER_TLS") + "}")
		l.eventually("a try", func() bool { return l.logged("vCenter stream interrupted") > 0 })
		return
	}
	for more, good := range map[string]bool{"": false, ", include_system_ca_certs_pool: true": true} {
		t.Run(more, func(t *testing.T) {
			t.Parallel()
			p, other := newPeer(t, nil), newPeer(t, nil)
			child := exec.Command(os.Args[0], "-test.run=^TestEachSettingMakesADifference$/^tls::include_system_ca_certs_pool$")
			child.Env = append(os.Environ(), "SSL_CERT_FILE="+file(t, p.ca), "VCENTER_PEER="+p.address,
				fmt.Sprintf("VCENTER_TLS=ca_file: %q%s", file(t, other.ca), more))
			output, err := child.CombinedOutput()
			require.NoError(t, err, string(output))
			assert.Equal(t, good, p.handshake(t) == nil)
		})
	}
}

// An authority that is withdrawn is noticed at the interval, and without one only after a failure.
func testReloadInterval(t *testing.T) {
	for more, noticed := range map[string]bool{"": false, ", reload_interval: 10ms": true} {
		t.Run(more, func(t *testing.T) {
			l := newLab(t, simulator.Settings{TLS: true})
			ca := file(t, string(l.sim.CA()))
			l.streaming(fmt.Sprintf("tls: {ca_file: %q%s}\nevents: {poll_interval: 20ms}", ca, more))
			require.NoError(t, os.WriteFile(ca, []byte(newPeer(t, nil).ca), 0o600))
			if noticed {
				l.told("put the authority that signed vCenter's certificate (CN=vcenter-sim,O=vcenter-sim) into tls::ca_file (" + ca + ")")
				return
			}
			l.never("noticed", func() bool { return l.logged("the files of tls have changed") > 0 })
			l.happen("now", 0)
			l.delivered("now")
		})
	}
}

// The collector's word for "no TLS" must not be taken for "trust anyone", nor be without effect.
func testInsecure(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	l.streaming("tls: {insecure: true}")
	l.base["endpoint"] = "https://vc.example.com"
	_, err := l.read("tls: {insecure: false}")
	require.NoError(t, err)
	_, err = l.read("tls: {insecure: true}")
	require.ErrorContains(t, err, "tls::insecure: true means no TLS, but endpoint begins with https://")
}

// Certificates are replaced on disk while the stream runs: that of vCenter with its authority, and our own.
func TestCertificatesThatAreReplacedLoseNoEvent(t *testing.T) {
	l := newLab(t, simulator.Settings{TLS: true})
	ca, cert, key := file(t, string(l.sim.CA())), file(t, ""), file(t, "")
	issue := func(a *simulator.Authority) {
		certificate, private, err := a.Issue("otelcol")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(cert, certificate, 0o600))
		require.NoError(t, os.WriteFile(key, private, 0o600))
	}
	before, _ := demanding(t)
	require.NoError(t, l.sim.DemandCertificates(before.Pool()))
	issue(before)
	l.streaming(fmt.Sprintf("tls: {ca_file: %q, cert_file: %q, key_file: %q}", ca, cert, key))
	for i := range 3 {
		authority, _ := demanding(t)
		require.NoError(t, l.sim.RenewCertificate())
		require.NoError(t, l.sim.DemandCertificates(authority.Pool()))
		l.told("into tls::ca_file (" + ca + ")")
		event := fmt.Sprint("event ", i)
		l.happen(event, 0)
		require.NoError(t, os.WriteFile(ca, l.sim.CA(), 0o600))
		issue(authority)
		l.delivered(event)
		assert.Equal(t, 1, l.sink.count(event))
	}
	assert.Equal(t, 1, l.sim.Stats().Logins)
	for _, line := range l.logs.All() {
		assert.NotContains(t, fmt.Sprint(line.Message, line.ContextMap()), "PRIVATE KEY")
		assert.NotContains(t, fmt.Sprint(line.Message, line.ContextMap()), labPassword)
	}
}

// A file that is not there is an error of the configuration, by name.
func TestAMissingCertificateIsNamed(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	for _, key := range []string{"ca_file", "cert_file"} {
		yaml := "tls: {" + key + ": /nowhere/file.pem"
		if key == "cert_file" {
			yaml += ", key_file: /nowhere/key.pem"
		}
		_, err := l.try(yaml + "}")
		require.ErrorContains(t, err, "tls: ")
		require.ErrorContains(t, err, "/nowhere/file.pem")
	}
}
