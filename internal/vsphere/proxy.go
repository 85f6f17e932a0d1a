package vsphere

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// tunnelError is a proxy that does not connect us. net/http would tell the text of the status only, as if vCenter had
// said it.
type tunnelError struct {
	proxy string // host and port; its URL may hold a password
	code  int
}

func (e *tunnelError) Error() string {
	return fmt.Sprintf("the proxy %s refuses the connection: HTTP status %d %s", e.proxy, e.code, http.StatusText(e.code))
}

// tunnelled looks at a proxy's answer to CONNECT.
func tunnelled(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	return &tunnelError{proxy: proxy.Host, code: res.StatusCode}
}

// proxy is the host and port of the proxy that calls go through, and the variable that names it; "" where they go
// straight to vCenter.
func (s *Supervisor) proxy() (host, variable string) {
	proxy, err := s.base.DefaultTransport().Proxy(&http.Request{URL: s.settings.Endpoint})
	if err != nil || proxy == nil {
		return "", ""
	}
	return proxy.Host, strings.ToUpper(s.settings.Endpoint.Scheme) + "_PROXY"
}

// proxyAdvice is for a proxy that cannot be reached, or lets nobody through.
func (s *Supervisor) proxyAdvice(err error) string {
	host, variable := s.proxy()
	code, answered := proxyStatus(err)
	vcenter := s.settings.Endpoint.Hostname()
	var op *net.OpError
	switch {
	case host == "":
		return ""
	case code == http.StatusProxyAuthRequired:
		return fmt.Sprintf("the proxy (%s) wants another user and password: set them in %s, as http://user:password@host:port", host, variable)
	case answered && code < http.StatusInternalServerError:
		return fmt.Sprintf("let the proxy (%s, from %s) connect to endpoint (%s), or add %s to NO_PROXY", host, variable, s.settings.Endpoint, vcenter)
	case answered:
		return fmt.Sprintf("check that the proxy (%s, from %s) can reach endpoint (%s), or add %s to NO_PROXY", host, variable, s.settings.Endpoint, vcenter)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return fmt.Sprintf("check the proxy (%s) in %s, or add %s to NO_PROXY", host, variable, vcenter)
	case isTimeout(err):
		return fmt.Sprintf("check the proxy (%s, from %s), endpoint (%s), and that vCenter is up", host, variable, s.settings.Endpoint)
	}
	return ""
}

// proxyStatus is the HTTP status by which a proxy refused. That of a call through a proxy without TLS may be vCenter's own,
// but for 407.
func proxyStatus(err error) (code int, found bool) {
	var tunnel *tunnelError
	var status *statusError
	switch {
	case errors.As(err, &tunnel):
		return tunnel.code, true
	case errors.As(err, &status) && status.code == http.StatusProxyAuthRequired:
		return status.code, true
	}
	return 0, false
}
