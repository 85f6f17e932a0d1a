package vsphere

import (
	"crypto/tls"
	"errors"
	"net"
	"reflect"
)

// The alerts by which a TLS handshake is refused for a certificate of ours, or for the lack of one (RFC 8446, section 6).
const (
	alertHandshakeFailure       tls.AlertError = 40
	alertBadCertificate         tls.AlertError = 42
	alertUnsupportedCertificate tls.AlertError = 43
	alertCertificateRevoked     tls.AlertError = 44
	alertCertificateExpired     tls.AlertError = 45
	alertCertificateUnknown     tls.AlertError = 46
	alertUnknownAuthority       tls.AlertError = 48
	alertAccessDenied           tls.AlertError = 49
	alertProtocolVersion        tls.AlertError = 70
	alertInsufficientSecurity   tls.AlertError = 71
	alertCertificateRequired    tls.AlertError = 116
)

// alertOf is the alert by which the other side ended a connection. Outside of QUIC, crypto/tls has no exported type for it:
// it is the number in an OpError.
func alertOf(err error) (alert tls.AlertError, found bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0, false
	}
	number := reflect.ValueOf(op.Err)
	if number.Kind() != reflect.Uint8 {
		return 0, false
	}
	return tls.AlertError(number.Uint()), true
}
