package simulator

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// apiVersions are those that vCenters have had, newest first.
var apiVersions = strings.Fields("9.0.0.0 8.0.3.0 8.0.2.0 8.0.1.0 8.0.0.2 8.0.0.1 7.0.3.2 7.0.3.1 7.0.3.0 7.0.2.1 7.0.2.0 7.0.1.1 7.0.1.0 7.0.0.2 7.0 6.9.1 6.8.7 6.7.3 6.7.2 6.7.1 6.7 6.5 6.0 5.5")

func apiVersion(product string) string { return product + ".0" }

// serviceContent is vcsim's, with the About of the vCenter that is played.
func serviceContent(model *simulator.Model, s Settings) types.ServiceContent {
	content := model.Map().Get(vim25.ServiceInstance).(*simulator.ServiceInstance).Content
	a := &content.About
	a.Version, a.ApiVersion = s.Version, apiVersion(s.Version)
	a.Build = "24022515"
	a.LicenseProductVersion = s.Version
	a.FullName = fmt.Sprintf("%s %s build-%s", a.Name, a.Version, a.Build)
	return content
}

// serviceContent is the content as it is now: the vCenter may have become another.
func (s *Simulator) serviceContent() types.ServiceContent {
	content := s.content
	content.About.InstanceUuid = s.InstanceUUID()
	return content
}

// serveVersions answers what clients ask before they log in, to find a version that both sides know.
func (s *Simulator) serveVersions(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	newest := s.content.About.ApiVersion
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8" ?>
<namespaces version="1.0">
 <namespace>
  <name>urn:vim25</name>
  <version>%s</version>
  <priorVersions>
`, newest)
	for _, prior := range apiVersions {
		if prior < newest {
			fmt.Fprintf(w, "   <version>%s</version>\n", prior)
		}
	}
	fmt.Fprint(w, "  </priorVersions>\n </namespace>\n</namespaces>\n")
}
