package fault_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

const page = `<Envelope><Body><ReadNextEventsResponse><returnval><key>1</key></returnval></ReadNextEventsResponse></Body></Envelope>`

// target is a SOAP endpoint that counts what it executes.
type target struct {
	executed atomic.Int64
	chunked  bool
}

func (s *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	n := s.executed.Add(1)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("X-Executed", fmt.Sprint(n))
	if s.chunked {
		_ = http.NewResponseController(w).Flush()
	}
	_, _ = io.WriteString(w, page)
}

// bench is a target, the proxy in front of it, and a client.
type bench struct {
	*fault.Proxy
	target *target
	client *http.Client
}

func newBench(t *testing.T, rules ...fault.Rule) *bench {
	t.Helper()
	return newBenchWith(t, fault.Options{Seed: 1, Rules: rules})
}

func newBenchWith(t *testing.T, options fault.Options) *bench {
	t.Helper()
	b := &bench{target: &target{}}
	server := httptest.NewServer(b.target)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL + "/sdk")
	require.NoError(t, err)
	b.Proxy, err = fault.New(u, options)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // a test
	t.Cleanup(transport.CloseIdleConnections)
	b.client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return b
}

// answer is what a client got: body holds what arrived before err.
type answer struct {
	status int
	header http.Header
	length int64
	body   string
	err    error
}

func (b *bench) call(ctx context.Context, method string) answer {
	envelope := fmt.Sprintf(`<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><operationID>a</operationID></Header>`+
		`<Body><%s xmlns="urn:vim25"><_this type="X">y</_this></%s></Body></Envelope>`, method, method)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL().String(), strings.NewReader(envelope))
	if err != nil {
		return answer{err: err}
	}
	response, err := b.client.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, response.ContentLength, string(body), err}
}

// read is the call that most rules here are about.
func (b *bench) read(t *testing.T) answer {
	t.Helper()
	return b.call(t.Context(), "ReadNextEvents")
}
