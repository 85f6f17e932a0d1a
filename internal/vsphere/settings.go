package vsphere

import (
	"cmp"
	"net/url"
	"time"

	"go.uber.org/zap"
)

// Settings are how one vCenter is reached. Endpoint, Username and Password are required.
type Settings struct {
	// Endpoint is the address of the API. An empty path is completed; user information in it is not used.
	Endpoint *url.URL
	// Name is what people call this vCenter; the host of Endpoint where it is empty.
	Name string
	// Username and Password are for the login. Password is read anew at every login, so that a rotated secret
	// needs no restart.
	Username string
	Password func() (string, error)
	// TLS is how vCenter's certificate is judged, and which one of ours it gets to see.
	TLS TLS
	// APITimeout bounds every call for which the caller names no other bound; a minute where it is zero.
	APITimeout time.Duration
	// Wait is the longest long poll. Connections, which are silent for so long, are kept alive within it.
	Wait time.Duration
	// UserAgent names this program in vCenter's list of sessions.
	UserAgent string
	// Operation begins every operationID: <Operation>-<serial of the session>-<number of the call>.
	Operation string
	// Logger names the vCenter in its fields. It gets a line per login, loss and return; none per call. It may be nil.
	Logger *zap.Logger
	// Observer hears what becomes of calls and sessions.
	Observer Observer
}

// completed fills in what was left out.
func (s Settings) completed() Settings {
	endpoint := *s.Endpoint
	endpoint.User, endpoint.RawQuery, endpoint.Fragment = nil, "", ""
	if endpoint.Path == "" || endpoint.Path == "/" {
		endpoint.Path = "/sdk"
	}
	s.Endpoint = &endpoint
	s.Name = cmp.Or(s.Name, endpoint.Hostname())
	s.APITimeout = cmp.Or(s.APITimeout, time.Minute)
	s.UserAgent = cmp.Or(s.UserAgent, "otelcol-vcenter")
	s.Operation = cmp.Or(s.Operation, "vcenter_stream")
	if s.Logger == nil {
		s.Logger = zap.NewNop()
	}
	return s
}
