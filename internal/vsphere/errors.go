package vsphere

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
)

// ErrClosed is returned by Acquire once the Supervisor is closed.
var ErrClosed = errors.New("the session with vCenter is closed")

// CallError is a call that failed: which, on which vCenter, and why.
type CallError struct {
	VCenter     string // its name in our settings
	Method      string // of the API: "ReadNextEvents"
	OperationID string // as in vpxd's log
	Err         error
}

func (e *CallError) Error() string {
	return fmt.Sprintf("vCenter %s: %s (operationID %s): %v", e.VCenter, e.Method, e.OperationID, e.Err)
}

func (e *CallError) Unwrap() error { return e.Err }

// faultError is a fault of the API. govmomi's own text leads with "ServerFaultCode", which is always the same, and
// leaves out the name of the fault, by which people search.
type faultError struct {
	err   error // govmomi's: the predicates of package fault see through it
	fault *soap.Fault
}

func (e *faultError) Error() string {
	name, text := e.name(), strings.TrimRight(e.fault.String, ". \n")
	if text == "" {
		return name
	}
	return name + ": " + text
}

func (e *faultError) Unwrap() error { return e.err }

func (e *faultError) name() string {
	if name := e.kind(); name != "" {
		return name
	}
	return e.fault.Code
}

// kind is the name of the fault's type, which is one of govmomi's; "" where it has none.
func (e *faultError) kind() string {
	vim := e.fault.VimFault()
	if vim == nil {
		return ""
	}
	return reflect.Indirect(reflect.ValueOf(vim)).Type().Name()
}

// statusError is an answer with an HTTP status that is none of the API's, which are 200 and 500.
type statusError struct {
	code     int
	location string // where the status sends us
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("HTTP status %d %s", e.code, http.StatusText(e.code))
	if e.location != "" {
		text += ", to " + e.location
	}
	return text
}

// transient says that whoever answered is, for now, in no state to.
func (e *statusError) transient() bool {
	switch e.code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusProxyAuthRequired:
		return true
	}
	return e.code >= http.StatusInternalServerError
}

// foreignError is an answer that is not vCenter's: not SOAP at all, or not to what was asked.
type foreignError struct{ what string }

func (e *foreignError) Error() string { return "the answer is " + e.what }

// transportError is trouble on the way: whether the call was executed is not known.
type transportError struct{ err error }

func (e *transportError) Error() string { return e.err.Error() }
func (e *transportError) Unwrap() error { return e.err }

// truncatedError is an answer that ends before its envelope does, though the transport saw nothing wrong.
type truncatedError struct{ size int }

func (e *truncatedError) Error() string {
	return fmt.Sprintf("the answer was cut: its envelope is still open after %d bytes", e.size)
}

// timeoutError is a call that ran out of its own time, not of its caller's.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }
func (e *timeoutError) Timeout() bool { return true }
func (e *timeoutError) Unwrap() error { return context.DeadlineExceeded }

// unheardError is a login that was sent, and no answer of vCenter's came.
type unheardError struct{ err error }

func (e *unheardError) Error() string {
	return e.err.Error() + "; the answer to the login did not come: it may count as a wrong one, or have made a session"
}

func (e *unheardError) Unwrap() error { return e.err }

func isUnheard(err error) bool {
	var e *unheardError
	return errors.As(err, &e)
}

// standaloneError is an ESXi host where a vCenter should be.
type standaloneError struct{ product string }

func (e *standaloneError) Error() string {
	return fmt.Sprintf("this is %s, a stand-alone host and not a vCenter", e.product)
}

// replacedError is another vCenter at the address of the one that the session was with.
type replacedError struct{ before, now string }

func (e *replacedError) Error() string {
	return fmt.Sprintf("another vCenter answers at this address: instanceUuid %s, before %s", e.now, e.before)
}

// onTheWay names an error of the HTTP client. ctx is the caller's, timed the one with the call's own deadline.
func onTheWay(ctx, timed context.Context, err error) error {
	var timeout *timeoutError
	var inner *url.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the caller gave up, which says nothing of vCenter
	case errors.As(context.Cause(timed), &timeout):
		return &transportError{err: timeout}
	case errors.As(err, &inner):
		err = inner.Err // the method and the address are told by the CallError
	}
	var record tls.RecordHeaderError
	switch {
	case IsCertificate(err):
		return err
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return &foreignError{what: "not TLS, though the endpoint begins with https"}
	}
	return &transportError{err: err}
}
