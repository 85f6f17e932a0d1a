package vsphere

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/xml"
)

// Observer hears what becomes of calls and sessions. Its functions are called by many goroutines, which wait for them; each
// may be nil.
type Observer struct {
	// Called is told of each call of the API, once it has ended.
	Called func(Exchange)
	// Login is told that a session is about to be made. What it returns is told of the end: the session, or why there is none.
	Login func(context.Context) (context.Context, func(*Session, error))
	// LoggedIn is told of each login that vCenter accepted, though the session may be of no use.
	LoggedIn func()
	// Lost is told of each session that vCenter does not know any more.
	Lost func()
}

// Exchange is a call that has ended.
type Exchange struct {
	Method   string // of the API: "ReadNextEvents"
	Duration time.Duration
	Sent     int   // bytes of the request
	Received int   // bytes of the answer; 0 where it did not come whole
	Err      error // nil, or why it failed
}

func (o Observer) called(e Exchange) {
	if o.Called != nil {
		o.Called(e)
	}
}

func (o Observer) login(ctx context.Context) (context.Context, func(*Session, error)) {
	if o.Login == nil {
		return ctx, func(*Session, error) {}
	}
	return o.Login(ctx)
}

func (o Observer) loggedIn() {
	if o.LoggedIn != nil {
		o.LoggedIn()
	}
}

func (o Observer) lost() {
	if o.Lost != nil {
		o.Lost()
	}
}

// Canceled is the type of the error of a call that its caller gave up.
const Canceled = "canceled"

// ErrorType is what kind of error a call failed with, out of a set that is small enough to count by: the name of vCenter's
// fault, http_ and a status of HTTP, or a word of ours. Of an error that is not a call's it is "other".
func ErrorType(err error) string {
	var fault *faultError
	var status *statusError
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.As(err, &fault):
		return cmp.Or(fault.kind(), "fault") // what one without a type says of itself is free text
	case IsNotAuthenticated(err):
		return "NotAuthenticated" // told without a fault
	case IsInvalidLogin(err):
		return "InvalidLogin" // by the REST API, likewise
	case errors.Is(err, errCookie):
		return "cookie"
	case errors.As(err, &status):
		return fmt.Sprintf("http_%d", status.code)
	case IsCertificate(err):
		return "certificate"
	case IsStandalone(err):
		return "standalone"
	case IsNotVCenter(err), errors.As(err, &syntax):
		return "not_vcenter"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case IsTransport(err):
		return "transport"
	}
	return "other"
}
