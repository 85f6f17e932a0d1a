package vsphere

import (
	"crypto/tls"
	"time"
)

// CertificateExpiry is when the certificate ends that vCenter has shown last; zero where it has shown none. A box on the way
// that opens TLS shows its own.
func (s *Session) CertificateExpiry() time.Time {
	if leaf := s.shownLast.Load(); leaf != nil {
		return leaf.NotAfter
	}
	return time.Time{}
}

// met remembers what a connection has shown.
func (s *Session) met(connection *tls.ConnectionState) {
	if connection != nil && len(connection.PeerCertificates) > 0 {
		s.shownLast.Store(connection.PeerCertificates[0])
	}
}
