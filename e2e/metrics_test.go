package e2e

import (
	"bufio"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// metered lets the next start tell its own metrics.
func (c *collector) metered(t *testing.T) *collector {
	t.Helper()
	var err error
	_, c.Metrics, err = net.SplitHostPort(freeAddress(t))
	require.NoError(t, err)
	return c
}

// metric is the sum over the series of one of the receiver's own metrics that have a label; "" is every one. It is 0 while
// nothing answers.
func (c *collector) metric(t *testing.T, name, label string) (sum float64) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+c.Metrics+"/metrics", nil)
	require.NoError(t, err)
	response, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), "} ")
		if !strings.HasPrefix(series, "otelcol_receiver_vcenter_stream_"+name+"{") || !strings.Contains(series, label) {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err, lines.Text())
		sum += n
	}
	return sum
}

// awaitMetric waits until a metric is more than it was.
func (c *collector) awaitMetric(t *testing.T, name, label string, before float64) {
	t.Helper()
	eventually(t, name+" "+label, func() bool { return c.metric(t, name, label) > before || c.ended() })
}
