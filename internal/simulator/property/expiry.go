package property

import (
	"fmt"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// year is how long licences and certificates are good from the beginning.
const year = 365 * 24 * time.Hour

// addLicenses makes the licences that there are: one that ends, one that does not, and an evaluation.
func (g *ground) addLicenses() {
	m := &mo.LicenseManager{Self: g.settings.Licenses, LicensedEdition: "vc.standard.instance"}
	m.Licenses = []types.LicenseManagerLicenseInfo{
		newLicense(1, "vSphere 8 Enterprise Plus", "esx.enterprisePlus.cpuPackageCoreLimited", 256, 2*int32(g.settings.Hosts), "expirationDate", begun.Add(year)),
		newLicense(2, "vCenter Server 8 Standard", "vc.standard.instance", 1, 1, "", nil),
		newLicense(0, "Product Evaluation", "eval", 0, 0, "expirationHours", int64(24*60)),
	}
	g.add(m)
}

func newLicense(n int, name, edition string, total, used int32, key string, expires any) types.LicenseManagerLicenseInfo {
	l := types.LicenseManagerLicenseInfo{
		LicenseKey: strings.Repeat(fmt.Sprintf("%05d-", n), 4) + fmt.Sprintf("%05d", n), EditionKey: edition, Name: name,
		Total: total, Used: used, CostUnit: "cpuPackage",
		Properties: []types.KeyAnyValue{{Key: "ProductName", Value: "VMware product"}, {Key: "ProductVersion", Value: "8.0"}},
	}
	if key != "" {
		l.Properties = append(l.Properties, types.KeyAnyValue{Key: key, Value: expires})
	}
	return l
}

// addCertificates gives each host the object that knows its certificate.
func (g *ground) addCertificates() {
	for n, ref := range g.hosts {
		end := begun.Add(year + time.Duration(n)*time.Hour)
		host := of[mo.HostSystem](g.edit, ref)
		m := &mo.HostCertificateManager{
			Self: types.ManagedObjectReference{Type: "HostCertificateManager", Value: strings.Replace(ref.Value, "host", "certificateManager", 1)},
			CertificateInfo: types.HostCertificateManagerCertificateInfo{
				Issuer: "CN=CA,DC=vsphere,DC=local", Subject: "CN=" + host.Name, NotBefore: &begun, NotAfter: &end, Status: "good",
			},
		}
		host.ConfigManager.CertificateManager = &m.Self
		g.add(m)
	}
}
