package vsphere

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func versionsOf(newest string, prior ...string) string {
	text := `<?xml version="1.0" encoding="UTF-8" ?><namespaces version="1.0">` +
		`<namespace><name>urn:internalvim25</name><version>9.9.9.9</version></namespace>` +
		`<namespace><name>urn:vim25</name><version>` + newest + `</version><priorVersions>`
	for _, version := range prior {
		text += "<version>" + version + "</version>"
	}
	return text + "</priorVersions></namespace></namespaces>"
}

func TestTheNewestVersionThatBothKnowIsSpoken(t *testing.T) {
	for name, test := range map[string]struct {
		document, own, want string
	}{
		"vCenter 6.7":                      {versionsOf("6.7.3", "6.7.2", "6.5", "5.5"), "6.7.3", "6.7.3"},
		"vCenter 7":                        {versionsOf("7.0.3.0", "7.0.2.0", "6.7.3"), "7.0.3.0", "7.0.3.0"},
		"vCenter 8":                        {versionsOf("8.0.3.0", "8.0.2.0"), "8.0.3.0", "8.0.3.0"},
		"ten is more than nine":            {versionsOf("8.0.9.0", "8.0.10.0"), "8.0.10.0", "8.0.10.0"},
		"the version of our types":         {versionsOf("9.1.0.0", "9.0.0.0"), "9.1.0.0", "9.1.0.0"},
		"a vCenter newer than our types":   {versionsOf("10.0.0.0", "9.2.0.0", "9.1.0.0", "9.0.0.0"), "10.0.0.0", "9.1.0.0"},
		"newer, without our own version":   {versionsOf("10.0.0.0", "9.0.0.0"), "10.0.0.0", "9.0.0.0"},
		"none that we know":                {versionsOf("10.0.0.0"), "10.0.0.0", "9.1.0.0"},
		"no document":                      {"", "8.0.3.0", "8.0.3.0"},
		"no document, newer than we":       {"", "12.0", "9.1.0.0"},
		"no document and no version":       {"", "", "9.1.0.0"},
		"a document that is cut":           {versionsOf("8.0.3.0")[:90], "8.0.2.0", "8.0.2.0"},
		"a page that has no version":       {"<html><body/></html>", "8.0.2.0", "8.0.2.0"},
		"a version that is no number":      {versionsOf("unknown", "8.0.1.0", "-1"), "8.0.3.0", "8.0.1.0"},
		"an own version that is no number": {"", "dev", "9.1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, choose(parseVersions([]byte(test.document)), test.own))
		})
	}
}

func TestVersionsThatNeverComeDoNotHoldTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.intercept = func(_ http.ResponseWriter, method string) bool {
			if method == "vimServiceVersions" {
				time.Sleep(time.Hour)
			}
			return false
		}
		s := superviseInMemory(t, f, func(settings *Settings) { settings.APITimeout = time.Minute })
		begin := time.Now()
		session, err := s.Acquire(t.Context())
		require.NoError(t, err)
		assert.Equal(t, versionsTimeout, time.Since(begin))
		assert.Equal(t, "8.0.3.0", session.soap.Version)
		time.Sleep(2 * time.Hour)
	})
}
