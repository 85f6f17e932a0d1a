package main

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net/url"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
)

// front is where clients come in: the vCenter itself or, with -faults, the proxy before it.
type front struct {
	*simulator.Simulator
	proxy *fault.Proxy // nil without -faults
	ca    []byte       // in PEM; nil without TLS
}

func open(o options) (front, error) {
	if !o.faults {
		sim, err := simulator.New(o.settings)
		if err != nil {
			return front{}, err
		}
		return front{Simulator: sim, ca: sim.CA()}, nil
	}
	proxy := fault.Options{Listen: o.settings.Listen, Seed: o.seed}
	var ca []byte
	if o.settings.TLS {
		certificate, err := fault.SelfSigned(o.settings.Names...)
		if err != nil {
			return front{}, err
		}
		proxy.Certificate, ca = &certificate, authority(certificate)
	}
	o.settings.Listen, o.settings.TLS = "127.0.0.1:0", false // behind the proxy
	sim, err := simulator.New(o.settings)
	if err != nil {
		return front{}, err
	}
	f := front{Simulator: sim, ca: ca}
	if f.proxy, err = fault.New(sim.URL(), proxy); err != nil {
		return front{}, errors.Join(err, sim.Close())
	}
	return f, nil
}

// authority is the certificate in PEM: it is its own.
func authority(c tls.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
}

func (f front) url() *url.URL {
	if f.proxy != nil {
		return f.proxy.URL()
	}
	return f.URL()
}

// Close ends everything at once.
func (f front) Close() error {
	if f.proxy != nil {
		f.proxy.Close()
	}
	return f.Simulator.Close()
}
