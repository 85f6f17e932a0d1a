package vsphere

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// advisedError is an error with the setting that is probably wrong.
type advisedError struct {
	err    error
	advice string
}

func (e *advisedError) Error() string { return e.err.Error() + "; " + e.advice }
func (e *advisedError) Unwrap() error { return e.err }

// advise adds what to do about an error that kept us from a session.
func (s *Supervisor) advise(err error) error {
	advice := s.advice(err)
	if advice == "" {
		return err
	}
	return &advisedError{err: err, advice: advice}
}

func (s *Supervisor) advice(err error) string {
	switch {
	case IsCertificate(err):
		return s.certificateAdvice(err)
	case IsInvalidLogin(err):
		return fmt.Sprintf("check username (%s) and password", s.settings.Username)
	case fault.Is(err, &types.NoPermission{}):
		return fmt.Sprintf("give username (%s) the role Read-Only at the top of the inventory", s.settings.Username)
	case IsStandalone(err):
		return fmt.Sprintf("set endpoint (%s) to the vCenter that manages the host", s.settings.Endpoint)
	case IsNotVCenter(err):
		return fmt.Sprintf("check that endpoint (%s) is the address of a vCenter", s.settings.Endpoint)
	}
	return s.networkAdvice(err)
}

func (s *Supervisor) certificateAdvice(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("set endpoint (%s) to a name that the certificate has, or tls::server_name_override", s.settings.Endpoint)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "renew vCenter's certificate, or check the clock of this machine"
	}
	return "set tls::ca_file to the authority that signed vCenter's certificate (tls::insecure_skip_verify: true would trust anyone)"
}

func (s *Supervisor) networkAdvice(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("check the host in endpoint (%s), and this machine's DNS", s.settings.Endpoint)
	case isTimeout(err):
		return fmt.Sprintf("check endpoint (%s), the firewalls on the way, and that vCenter is up", s.settings.Endpoint)
	case errors.As(err, &op) && op.Op == "dial":
		return fmt.Sprintf("check host and port in endpoint (%s), and that vCenter is up", s.settings.Endpoint)
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// redactedError is an error whose text repeats a secret: a parser likes to quote what it could not read.
type redactedError struct {
	err  error
	text string
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

func redacted(err error, secret string) error {
	if err == nil || secret == "" {
		return err
	}
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(secret)) // to a Builder, it does not fail
	text := strings.NewReplacer(secret, "[REDACTED]", escaped.String(), "[REDACTED]").Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return &redactedError{err: err, text: text}
}
