package vsphere

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// An error type is a label of a metric: there must be few of them, whatever a vCenter, or something in its place, says.
func TestErrorTypesAreFew(t *testing.T) {
	nameless := &faultError{fault: &soap.Fault{Code: "ns0:ServerFaultCode of 2026-11-21", String: "free text"}}
	for want, errs := range map[string][]error{
		Canceled:           {context.Canceled},
		"InvalidLogin":     {faultOf(t, "InvalidLogin"), soap.WrapVimFault(&types.InvalidLogin{}), &refusedError{err: faultOf(t, "InvalidLogin")}},
		"NotAuthenticated": {faultOf(t, "NotAuthenticated"), soap.WrapVimFault(&types.NotAuthenticated{})},
		"fault":            {nameless, faultOf(t, "FaultOfTheFuture")},
		"http_503":         {&statusError{code: 503}},
		"http_404":         {&advisedError{err: &statusError{code: 404, location: "https://elsewhere"}}},
		"certificate":      {&tls.CertificateVerificationError{Err: errOther}},
		"standalone":       {&standaloneError{product: "VMware ESXi"}},
		"not_vcenter":      {&foreignError{what: "an HTML page"}},
		"timeout":          {&transportError{err: &timeoutError{}}, context.DeadlineExceeded},
		"transport":        {&transportError{err: io.EOF}, &truncatedError{size: 5}},
		"cookie":           {fmt.Errorf("vCenter lab: %w", errCookie), &refusedError{err: errCookie}},
		"other":            {errOther, nil},
	} {
		for _, err := range errs {
			assert.Equal(t, want, ErrorType(err), "%v", err)
		}
	}
}

// diary is an Observer that remembers.
type diary struct {
	mu     sync.Mutex // guards what follows
	calls  []Exchange
	logins []error
	in     int
	lost   int
}

func (d *diary) observer() Observer {
	return Observer{
		Called: func(e Exchange) { d.note(func() { d.calls = append(d.calls, e) }) },
		Login: func(ctx context.Context) (context.Context, func(*Session, error)) {
			return ctx, func(_ *Session, err error) { d.note(func() { d.logins = append(d.logins, err) }) }
		},
		LoggedIn: func() { d.note(func() { d.in++ }) },
		Lost:     func() { d.note(func() { d.lost++ }) },
	}
}

func (d *diary) note(what func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	what()
}

// of returns what was told of calls of a method.
func (d *diary) of(method string) (calls []Exchange) {
	d.note(func() {
		calls = slices.DeleteFunc(slices.Clone(d.calls), func(e Exchange) bool { return e.Method != method })
	})
	return calls
}

func superviseWith(t *testing.T, d *diary) (*fake, *Supervisor) {
	t.Helper()
	f := newFake()
	settings := testSettings(serve(t, f))
	settings.Observer = d.observer()
	return f, supervise(t, settings)
}

func TestEachCallIsObservedOnce(t *testing.T) {
	d := &diary{}
	f, s := superviseWith(t, d)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []error{nil}, d.logins)
	assert.Equal(t, 1, d.in)

	answer, err := session.Call(t.Context(), 0, &types.ReadNextEvents{MaxCount: 10})
	require.NoError(t, err)
	calls := d.of("ReadNextEvents")
	require.Len(t, calls, 1)
	assert.NoError(t, calls[0].Err)
	assert.Equal(t, len(answer), calls[0].Received)
	sent := f.seen()
	assert.Equal(t, len(sent[len(sent)-1].body), calls[0].Sent)
	assert.Positive(t, calls[0].Duration)
	for _, method := range []string{"RetrieveServiceContent", "Login", "CurrentTime"} {
		assert.Len(t, d.of(method), f.count(method), method)
	}

	f.interceptWith(func(w http.ResponseWriter, _ string) bool { faultWith(w, "NoPermission", "no"); return true })
	_, err = session.Call(t.Context(), 0, &types.ReadNextEvents{})
	require.Error(t, err)
	require.Error(t, session.Synchronise(t.Context()))
	assert.Equal(t, "NoPermission", ErrorType(d.of("ReadNextEvents")[1].Err))
	assert.Equal(t, "NoPermission", ErrorType(d.of("CurrentTime")[1].Err))
}

func TestLossesAndLoginsAreObserved(t *testing.T) {
	d := &diary{}
	f, s := superviseWith(t, d)
	session, err := s.Acquire(t.Context())
	require.NoError(t, err)
	f.killSessions()
	for range 2 { // the second is the late error of a session that is gone
		s.Report(session, session.Synchronise(t.Context()))
	}
	assert.Equal(t, 1, d.lost)
	_, err = s.Acquire(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, d.in)

	f.killSessions()
	f.set(func(f *fake) { f.password = "another" })
	f.interceptWith(func(w http.ResponseWriter, method string) bool {
		if method != "Login" {
			return false
		}
		faultWith(w, "InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
		return true
	})
	session, err = s.Acquire(t.Context())
	require.NoError(t, err)
	s.Report(session, session.Synchronise(t.Context()))
	_, err = s.Acquire(t.Context())
	require.True(t, IsInvalidLogin(err), "%v", err)
	assert.Equal(t, 2, d.in, "that were accepted")
	assert.Equal(t, 2, d.lost)
	require.Len(t, d.logins, 3)
	assert.Equal(t, "InvalidLogin", ErrorType(d.logins[2]))
	assert.NotContains(t, d.logins[2].Error(), "s3cret")
}
