package vsphere

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/soapxml"
)

// versionsTimeout bounds the reading of a small static file that not every way to a vCenter lets through.
const versionsTimeout = 10 * time.Second

// negotiate chooses the version of the API that is spoken from here on. A vCenter answers a version that it does not
// know, and none at all, with its oldest one, in which newer types are cut down to those that were known then.
func (s *Session) negotiate(ctx context.Context) error {
	offered, err := s.offered(ctx)
	if err != nil {
		return err
	}
	s.soap.Version = choose(offered, s.About().ApiVersion)
	return nil
}

// offered returns the versions that vCenter publishes; none where it does not. It fails only with ctx.
func (s *Session) offered(ctx context.Context) ([]string, error) {
	u := *s.settings.Endpoint
	u.Path = path.Join(u.Path, "vimServiceVersions.xml")
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := s.send(ctx, min(versionsTimeout, s.settings.APITimeout), req)
	if err != nil || answer.status != http.StatusOK {
		return nil, ctx.Err()
	}
	return parseVersions(answer.body), nil
}

// parseVersions reads the versions of the namespace vim25 out of a vimServiceVersions.xml.
func parseVersions(document []byte) (versions []string) {
	elements, err := soapxml.Parse(document)
	if err != nil {
		return nil
	}
	_, namespaces, _ := elements.Find("namespaces")
	for _, ns := range namespaces.All() {
		if ns.Text("name") != namespace {
			continue
		}
		versions = append(versions, ns.Text("version"))
		_, prior, _ := ns.Find("priorVersions")
		for version := range prior.All() {
			versions = append(versions, version.Text)
		}
	}
	return versions
}

// choose returns the newest version that both sides know. Where vCenter publishes none that we know, its own version is
// the best guess, but nothing newer than govmomi's types.
func choose(offered []string, own string) string {
	known := slices.DeleteFunc(slices.Clone(offered), func(version string) bool {
		numbers := parseVersion(version)
		return numbers == nil || slices.Compare(numbers, parseVersion(vim25.Version)) > 0
	})
	if len(known) == 0 {
		known = []string{vim25.Version}
		if numbers := parseVersion(own); numbers != nil && slices.Compare(numbers, parseVersion(vim25.Version)) < 0 {
			known = []string{own}
		}
	}
	return slices.MaxFunc(known, func(a, b string) int { return slices.Compare(parseVersion(a), parseVersion(b)) })
}

// parseVersion returns the numbers of a release such as "8.0.3.0"; nil for anything else.
func parseVersion(version string) (numbers []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}
