package vsphere

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"
)

// IsNotAuthenticated reports whether vCenter does not know the session any more.
func IsNotAuthenticated(err error) bool { return fault.Is(err, &types.NotAuthenticated{}) }

// IsGone reports whether the managed object that was called does not exist (any more).
func IsGone(err error) bool { return fault.Is(err, &types.ManagedObjectNotFound{}) }

// IsInvalidLogin reports whether the login was refused for its user name or password.
func IsInvalidLogin(err error) bool {
	return fault.Is(err, &types.InvalidLogin{}) || fault.Is(err, &types.PasswordExpired{})
}

// IsCrowded reports whether vCenter makes no more history collectors in this session, by default 32. Ours are few: the
// others are those whose creation was answered into a line that broke. Nobody knows their names, so only the end of the
// session removes them.
func IsCrowded(err error) bool {
	var call *CallError
	return errors.As(err, &call) && strings.HasPrefix(call.Method, "CreateCollectorFor") && fault.Is(err, &types.InvalidState{})
}

// IsFault reports whether vCenter itself answered, with a fault of the API.
func IsFault(err error) bool {
	var e *faultError
	return errors.As(err, &e)
}

// IsCertificate reports whether the certificate that was shown to us is not trusted.
func IsCertificate(err error) bool {
	var e *tls.CertificateVerificationError
	return errors.As(err, &e)
}

// IsNotVCenter reports whether something else than a vCenter answered.
func IsNotVCenter(err error) bool {
	var foreign *foreignError
	var status *statusError
	return errors.As(err, &foreign) || errors.As(err, &status) && !status.transient()
}

// IsStandalone reports whether the address is that of an ESXi host.
func IsStandalone(err error) bool {
	var e *standaloneError
	return errors.As(err, &e)
}

// IsTransport reports whether the call failed on its way, or met a server that is in no state to answer: nothing is
// known of the session, and it may live.
func IsTransport(err error) bool {
	var transport *transportError
	var truncated *truncatedError
	var status *statusError
	switch {
	case IsCertificate(err):
		return false
	case errors.As(err, &transport), errors.As(err, &truncated):
		return true
	case errors.As(err, &status) && status.transient():
		return true
	}
	return isNetwork(err)
}

func isNetwork(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &op) || errors.As(err, &dns) {
		return true
	}
	for _, cause := range []error{
		context.DeadlineExceeded, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed,
		syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ECONNABORTED, syscall.EPIPE,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}
