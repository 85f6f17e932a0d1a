package fault_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

func TestRefusedConnectionsComeBackAtTheSameAddress(t *testing.T) {
	b := newBench(t)
	before := b.URL().String()
	require.NoError(t, b.Listen(fault.Refusing))
	require.ErrorIs(t, b.read(t).err, syscall.ECONNREFUSED)
	require.NoError(t, b.Listen(fault.Open))
	require.NoError(t, b.read(t).err)
	assert.Equal(t, before, b.URL().String())
}

func TestOpenConnectionsOutliveARefusingListener(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.read(t).err)
	require.NoError(t, b.Listen(fault.Refusing))
	require.NoError(t, b.read(t).err)
	assert.Equal(t, 1, b.Reset())
	require.Error(t, b.read(t).err)
}

func TestSilentListenerNeverShakesHands(t *testing.T) {
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	b := newBenchWith(t, fault.Options{Certificate: &certificate})
	require.NoError(t, b.Listen(fault.Silent))
	raw, err := net.Dial("tcp", b.URL().Host)
	require.NoError(t, err)
	defer raw.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	//nolint:gosec // a test
	require.ErrorIs(t, tls.Client(raw, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx), context.DeadlineExceeded)
	require.NoError(t, b.Listen(fault.Open))
	require.NoError(t, b.read(t).err)
}

func TestIdleConnectionIsForgotten(t *testing.T) {
	b := newBench(t, fault.Rule{IdleFor: 100 * time.Millisecond, Fault: fault.ResetBefore()})
	require.NoError(t, b.read(t).err)
	time.Sleep(200 * time.Millisecond) // the idle time itself
	require.ErrorIs(t, b.read(t).err, syscall.ECONNRESET)
	require.NoError(t, b.read(t).err, "on a new connection")
	assert.Equal(t, int64(2), b.target.executed.Load())
}

func TestResetIdleSparesTheBusy(t *testing.T) {
	gate := fault.NewGate()
	b := newBench(t, fault.Rule{Method: "WaitForUpdatesEx", Fault: fault.Hold(gate)})
	busy := make(chan error, 1)
	go func() { busy <- b.call(t.Context(), "WaitForUpdatesEx").err }()
	<-gate.Arrived()
	require.NoError(t, b.read(t).err)
	require.Eventually(t, func() bool { return b.ResetIdle() == 1 }, 5*time.Second, time.Millisecond)
	gate.Release()
	require.NoError(t, <-busy)
}

func TestCertificateChange(t *testing.T) {
	first, err := fault.SelfSigned()
	require.NoError(t, err)
	second, err := fault.SelfSigned()
	require.NoError(t, err)
	b := newBenchWith(t, fault.Options{Certificate: &first})
	assert.Equal(t, "https", b.URL().Scheme)
	assert.Equal(t, first.Leaf.SerialNumber, served(t, b, first.Leaf))
	b.SetCertificate(second)
	assert.Equal(t, second.Leaf.SerialNumber, served(t, b, second.Leaf))
}

// served is the serial number of the certificate of a new connection, verified with its own authority.
func served(t *testing.T, b *bench, authority *x509.Certificate) any {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	c, err := tls.Dial("tcp", b.URL().Host, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].SerialNumber
}

func TestFaultsOverTLS(t *testing.T) {
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	b := newBenchWith(t, fault.Options{Certificate: &certificate, Rules: []fault.Rule{
		{Count: 1, Fault: fault.Cut(20)},
		{Count: 1, Fault: fault.ResetAfter()},
		{Count: 1, Fault: fault.Lose()},
	}})
	got := b.read(t)
	require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
	assert.Equal(t, page[:20], got.body)
	require.ErrorIs(t, b.read(t).err, syscall.ECONNRESET)
	require.ErrorIs(t, b.read(t).err, io.EOF)
	require.NoError(t, b.read(t).err)
}

func TestTargetOverTLS(t *testing.T) {
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	b := newBenchWith(t, fault.Options{Certificate: &certificate})
	outer, err := fault.New(b.URL(), fault.Options{})
	require.NoError(t, err)
	t.Cleanup(outer.Close)
	b.Proxy = outer
	assert.Equal(t, page, b.read(t).body)
}

func TestCloseEndsWhatIsHeld(t *testing.T) {
	gate := fault.NewGate()
	b := newBench(t,
		fault.Rule{Method: "Request", Fault: fault.HoldRequest(gate)},
		fault.Rule{Method: "Answer", Fault: fault.Hold(gate)},
		fault.Rule{Method: "Within", Fault: fault.HoldAt(5, gate)},
		fault.Rule{Method: "Drip", Fault: fault.Drip(1, gate)},
		fault.Rule{Method: "BlackHole", Fault: fault.BlackHole()},
	)
	methods := []string{"Request", "Answer", "Within", "Drip", "BlackHole"}
	held := make(chan error)
	for _, method := range methods {
		go func() { held <- b.call(t.Context(), method).err }()
	}
	for _, method := range methods {
		require.Eventually(t, func() bool { return b.Count(method).Faults == 1 }, 5*time.Second, time.Millisecond)
	}
	begin := time.Now()
	b.Close()
	b.Close()
	for range methods {
		assert.Error(t, <-held)
	}
	assert.Less(t, time.Since(begin), 2*time.Second)
	assert.ErrorIs(t, b.Listen(fault.Open), net.ErrClosed)
}

func TestItListensWhereItIsTold(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	b := newBenchWith(t, fault.Options{Listen: address})
	assert.Equal(t, address, b.URL().Host)
	require.NoError(t, b.read(t).err)
	assert.Nil(t, b.Certificate())
}

func TestACertificateNamesItsHosts(t *testing.T) {
	certificate, err := fault.SelfSigned("vc.example.com", "192.0.2.1")
	require.NoError(t, err)
	for _, host := range []string{"localhost", "127.0.0.1", "vc.example.com", "192.0.2.1"} {
		assert.NoError(t, certificate.Leaf.VerifyHostname(host))
	}
}
