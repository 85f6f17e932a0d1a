package vsphere

import (
	"bytes"
	"context"
	"crypto/tls"
	"slices"
	"time"
)

// TLS is how connections are secured. The zero value goes by the authorities that this machine trusts.
type TLS struct {
	// Config says whose certificates are trusted, and which one of ours is shown. It is not changed.
	Config *tls.Config
	// Reload reads it anew, with its files: after every request that failed, and at the first request that comes
	// ReloadInterval after it was read. nil: Config stays.
	Reload func(context.Context) (*tls.Config, error)
	// ReloadInterval is zero where only a failure is a reason to read again.
	ReloadInterval time.Duration
	// Authorities and Certificate are the settings that Config was read from, as errors name them:
	// "tls::ca_file (/etc/ca.pem)". They are empty where nothing is set.
	Authorities, Certificate string
}

// client is the configuration of the first connections.
func (t TLS) client() *tls.Config {
	if t.Config == nil {
		return &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return t.Config.Clone()
}

// alike says whether connections would be made in the same way. Of two configurations out of the same settings only what
// files hold can differ.
func alike(a, b *tls.Config) bool {
	return a.RootCAs.Equal(b.RootCAs) && slices.EqualFunc(shown(a), shown(b), bytes.Equal)
}

// shown is the certificate that vCenter gets to see where it asks for one, with its chain.
func shown(c *tls.Config) [][]byte {
	if c.GetClientCertificate == nil {
		return nil
	}
	certificate, err := c.GetClientCertificate(&tls.CertificateRequestInfo{})
	if err != nil {
		return nil
	}
	return certificate.Certificate
}
