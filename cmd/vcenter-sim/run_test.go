package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
)

// process is vcenter-sim, run within the test.
type process struct {
	stop  context.CancelFunc
	ended chan error
	out   *output
	ready string
}

// output is written by one goroutine and read by another.
type output struct {
	mu sync.Mutex // guards the field below
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func launch(t *testing.T, args ...string) *process {
	t.Helper()
	o, err := parse(append([]string{"-listen", "127.0.0.1:0", "-control", "127.0.0.1:0", "-vms", "2", "-clusters", "1"}, args...), os.Stderr)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{stop: cancel, ended: make(chan error, 1), out: &output{}}
	go func() { p.ended <- run(ctx, o, p.out) }()
	require.Eventually(t, func() bool { return strings.HasSuffix(p.out.String(), "\n") }, 10*time.Second, 5*time.Millisecond)
	p.ready = strings.TrimSpace(p.out.String())
	return p
}

// end stops it and reports how it ended, and how long that took.
func (p *process) end(t *testing.T) {
	t.Helper()
	begun := time.Now()
	p.stop()
	require.NoError(t, <-p.ended)
	assert.Less(t, time.Since(begun), 2*time.Second)
	http.DefaultClient.CloseIdleConnections()
}

var readyLine = regexp.MustCompile(`^vcenter-sim ready on (\S+) user (\S+) instance (\S+) control (\S+)$`)

func (p *process) fields(t *testing.T) (sdk *url.URL, instance, control string) {
	t.Helper()
	found := readyLine.FindStringSubmatch(p.ready)
	require.NotNil(t, found, p.ready)
	sdk, err := url.Parse(found[1])
	require.NoError(t, err)
	sdk.User = url.UserPassword("user", "pass")
	return sdk, found[3], found[4]
}

func stats(t *testing.T, control string) (s simulator.Stats) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, control+"/stats", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.NoError(t, json.NewDecoder(res.Body).Decode(&s))
	return s
}

func TestItRunsUntilItIsStopped(t *testing.T) {
	p := launch(t, "-rate", "200", "-history", "50")
	sdk, _, control := p.fields(t)
	c, err := govmomi.NewClient(t.Context(), sdk, false)
	require.NoError(t, err)
	defer c.CloseIdleConnections()
	require.Eventually(t, func() bool { return stats(t, control).Events > 60 }, 10*time.Second, 10*time.Millisecond)
	assert.Len(t, stats(t, control).Sessions, 1)
	p.end(t)
}

func TestItsMemorySurvives(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	p := launch(t, "-rate", "0", "-history", "50", "-state", state)
	_, before, _ := p.fields(t)
	p.end(t)

	p = launch(t, "-rate", "0", "-history", "50", "-state", state)
	_, after, control := p.fields(t)
	assert.Equal(t, before, after)
	assert.Equal(t, 50, stats(t, control).Events, "the history is not filled again")
	p.end(t)
}

func TestItsCertificateIsWritten(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := launch(t, "-tls", "-ca-file", ca, "-instance-uuid", "mine")
	sdk, instance, _ := p.fields(t)
	assert.Equal(t, "https", sdk.Scheme)
	assert.Equal(t, "mine", instance)
	pem, err := os.ReadFile(ca)
	require.NoError(t, err)
	assert.True(t, x509.NewCertPool().AppendCertsFromPEM(pem))
	p.end(t)
}

// post asks the control endpoint to play something.
func post(t *testing.T, address, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, string(answer))
	return string(answer)
}

func TestTheNetworkHasAccidentsBehindTheProxy(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := launch(t, "-faults", "-tls", "-tls-name", "vc.example.com", "-ca-file", ca, "-rate", "0")
	sdk, _, control := p.fields(t)
	assert.Equal(t, "https", sdk.Scheme)
	pem, err := os.ReadFile(ca)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))

	ask := func() int {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "vc.example.com"}}
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+sdk.Host+"/sdk/vimServiceVersions.xml", nil)
		require.NoError(t, err)
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	assert.Equal(t, http.StatusOK, ask())
	post(t, control+"/faults", `[{"fault":"status","n":503,"count":1}]`)
	assert.Equal(t, []int{http.StatusServiceUnavailable, http.StatusOK}, []int{ask(), ask()})
	post(t, control+"/certificate", "")
	assert.Zero(t, ask())
	post(t, control+"/certificate?original=true", "")
	assert.Equal(t, http.StatusOK, ask())
	p.end(t)
}

func TestItEndsInTheMiddleOfAnAccident(t *testing.T) {
	p := launch(t, "-faults", "-rate", "0", "-idle-timeout", "1h", "-max-age", "1h", "-vcenter-version", "9.0.0")
	_, _, control := p.fields(t)
	post(t, control+"/accidents?seed=1&only=restart&pace=1ms&longest=1h", "")
	p.end(t)
}

func TestWhatItDoesNotUnderstand(t *testing.T) {
	for _, args := range [][]string{{"-order", "chance"}, {"-nonsense"}, {"word"}, {"-rate", "x"}} {
		_, err := parse(args, &output{})
		require.Error(t, err, args)
	}
	help := &output{}
	_, err := parse([]string{"-help"}, help)
	require.ErrorIs(t, err, flag.ErrHelp)
	assert.Contains(t, help.String(), "-instance-uuid")
}

func TestThePasswordIsNotInTheHelp(t *testing.T) {
	t.Setenv(passwordVariable, "s3cret")
	help := &output{}
	o, _ := parse([]string{"-help"}, help)
	assert.NotContains(t, help.String(), "s3cret")
	assert.Equal(t, "s3cret", o.password())
}

func TestItSaysWhatIsInItsWay(t *testing.T) {
	for _, args := range [][]string{
		{"-listen", "256.0.0.1:1"},
		{"-listen", "127.0.0.1:0", "-control", "256.0.0.1:1"},
		{"-listen", "256.0.0.1:1", "-faults"},
		{"-listen", "127.0.0.1:0", "-state", filepath.Join(t.TempDir(), "no", "folder")},
		{"-listen", "127.0.0.1:0", "-tls", "-ca-file", filepath.Join(t.TempDir(), "no", "folder")},
	} {
		o, err := parse(append(args, "-vms", "1", "-clusters", "1"), &output{})
		require.NoError(t, err)
		require.Error(t, run(t.Context(), o, &output{}), args)
	}
}
