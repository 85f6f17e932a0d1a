package vsphere

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

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
	if advice := s.proxyAdvice(err); advice != "" {
		return advice
	}
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

// certificateAdvice is for a certificate that we do not trust.
func (s *Supervisor) certificateAdvice(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("set endpoint (%s) to a name that the certificate has, or tls::server_name_override", s.settings.Endpoint)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("renew vCenter's certificate (%s, valid from %s to %s), or check the clock of this machine",
			invalid.Cert.Subject, invalid.Cert.NotBefore.Format(time.RFC3339), invalid.Cert.NotAfter.Format(time.RFC3339))
	}
	return s.authorityAdvice(err)
}

func (s *Supervisor) authorityAdvice(err error) string {
	authority := "the authority that signed vCenter's certificate"
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) && unknown.Cert != nil {
		authority += fmt.Sprintf(" (%s)", unknown.Cert.Issuer)
	}
	if proxy, variable := s.proxy(); proxy != "" {
		authority += fmt.Sprintf(", or the one by which the proxy (%s, from %s) inspects connections", proxy, variable)
	}
	if s.settings.TLS.Authorities != "" {
		return fmt.Sprintf("put %s into %s: files are read again with every try", authority, s.settings.TLS.Authorities)
	}
	return fmt.Sprintf("set tls::ca_file to %s; tls::insecure_skip_verify: true would trust anyone", authority)
}

// alertAdvice is for a handshake that the other side ended.
func (s *Supervisor) alertAdvice(alert tls.AlertError) string {
	switch alert {
	case alertHandshakeFailure, alertProtocolVersion, alertInsufficientSecurity:
		return "check tls::min_version, max_version and cipher_suites, and whether a client certificate is wanted (tls::cert_file)"
	case alertBadCertificate, alertUnsupportedCertificate, alertCertificateRevoked, alertCertificateExpired,
		alertCertificateUnknown, alertUnknownAuthority, alertAccessDenied, alertCertificateRequired:
	default:
		return ""
	}
	if s.settings.TLS.Certificate == "" {
		return fmt.Sprintf("endpoint (%s) wants a client certificate: set tls::cert_file and tls::key_file", s.settings.Endpoint)
	}
	return fmt.Sprintf("endpoint (%s) does not accept %s: check that it has not expired, and that its authority is trusted there",
		s.settings.Endpoint, s.settings.TLS.Certificate)
}

func (s *Supervisor) networkAdvice(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	alert, refused := alertOf(err)
	switch {
	case refused:
		return s.alertAdvice(alert)
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
