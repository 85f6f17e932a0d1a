package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// certify makes a certificate for some hosts, and for the names of this machine, that is its own authority.
func certify(hosts []string) (*tls.Config, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: "vcenter-sim", Organization: []string{"vcenter-sim"}},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if host != "" {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a certificate: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return config, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func (l *listener) authority() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ca
}

// renew is a certificate that was replaced: what serves TLS starts anew with it.
func (l *listener) renew() error {
	config, ca, err := certify(l.names)
	if err != nil {
		return err
	}
	return l.secured(func(before *tls.Config) *tls.Config {
		config.ClientAuth, config.ClientCAs = before.ClientAuth, before.ClientCAs
		l.ca = ca
		return config
	})
}

// demand changes who is let in.
func (l *listener) demand(authorities *x509.CertPool) error {
	return l.secured(func(before *tls.Config) *tls.Config {
		config := before.Clone()
		config.ClientAuth, config.ClientCAs = tls.NoClientCert, authorities
		if authorities != nil {
			config.ClientAuth = tls.RequireAndVerifyClientCert
		}
		return config
	})
}

// secured begins another life with another configuration of TLS.
func (l *listener) secured(change func(before *tls.Config) *tls.Config) error {
	if !l.secure {
		return errors.New("the simulator has no TLS")
	}
	if err := l.stop(); err != nil {
		return err
	}
	l.mu.Lock()
	l.config = change(l.config)
	l.mu.Unlock()
	return l.start()
}
