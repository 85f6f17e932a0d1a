package inventory

import (
	"context"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// licensed are the licences that vCenter knows.
func (p *poll) licensed(ctx context.Context) ([]License, error) {
	manager := p.session.Client().ServiceContent.LicenseManager
	if !p.wanted.Licenses || manager == nil {
		return nil, nil
	}
	return p.licenses.get(func() (all []License, err error) {
		err = p.retrieve(ctx, ofObjects(types.PropertySpec{Type: manager.Type, PathSet: []string{"licenses"}}, *manager),
			func(_ string, properties soapxml.Elements) {
				_, fields, _ := properties.Find("propSet")
				_, licenses, _ := fields.Find("val")
				for _, license := range licenses.All() {
					all = append(all, readLicense(license, p.session.Now()))
				}
			})
		return all, err
	})
}

// readLicense leaves the key alone.
func readLicense(fields soapxml.Elements, now time.Time) License {
	l := License{Name: strings.Clone(fields.Text("name")), Edition: strings.Clone(fields.Text("editionKey"))}
	l.Total, l.Used = integer(fields, "total"), integer(fields, "used")
	for e, property := range fields.All() {
		if e.Name == "properties" {
			l.expire(property.Text("key"), property.Text("value"), now)
		}
	}
	return l
}

// expire takes the one property that says when it ends, or, of an evaluation, how long that is.
func (l *License) expire(key, value string, now time.Time) {
	switch key {
	case "expirationDate":
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			l.Expires = at.UTC()
		}
	case "expirationHours":
		if hours := number(value); hours.Known && l.Expires.IsZero() {
			l.Expires = now.Add(time.Duration(hours.Value) * time.Hour).Truncate(time.Hour)
		}
	}
}

// certified is when the certificates of hosts end. A host names the object that knows: one question asks for both.
func (p *poll) certified(ctx context.Context) (map[string]time.Time, error) {
	if !p.wanted.Certificates || p.counts["HostSystem"] == 0 {
		return nil, nil
	}
	return p.certificates.get(func() (map[string]time.Time, error) {
		r := endings{ends: map[string]time.Time{}, managers: map[string]string{}}
		spec := types.PropertyFilterSpec{
			ObjectSet: []types.ObjectSpec{p.viewed(&types.TraversalSpec{Type: "HostSystem", Path: certificateManager})},
			PropSet: []types.PropertySpec{
				{Type: "HostSystem", PathSet: []string{certificateManager}},
				{Type: "HostCertificateManager", PathSet: []string{certificateEnd}},
			},
		}
		err := p.retrieve(ctx, spec, r.take)
		return r.byHost(), err
	})
}

const (
	certificateManager = "configManager.certificateManager"
	certificateEnd     = "certificateInfo.notAfter"
)

// endings are when certificates end, by who knows it, and who that is for each host.
type endings struct {
	ends     map[string]time.Time
	managers map[string]string
}

func (r endings) take(moref string, properties soapxml.Elements) {
	switch path, value := properties.Text("propSet", "name"), properties.Text("propSet", "val"); path {
	case certificateManager:
		r.managers[strings.Clone(moref)] = strings.Clone(value)
	case certificateEnd:
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			r.ends[strings.Clone(moref)] = at.UTC()
		}
	}
}

func (r endings) byHost() map[string]time.Time {
	all := map[string]time.Time{}
	for host, manager := range r.managers {
		if at, known := r.ends[manager]; known {
			all[host] = at
		}
	}
	return all
}
