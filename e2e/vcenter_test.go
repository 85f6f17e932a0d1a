package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// vcenter is a vcenter-sim.
type vcenter struct {
	*process
	endpoint string   // URL of the API
	uuid     string   // its instanceUuid
	control  string   // URL of its control endpoint
	earlier  []string // uids of the events before the first burst
}

// ready is what vcenter-sim prints when it listens.
var ready = regexp.MustCompile(`ready on (\S+) user \S+ instance (\S+) control (\S+)`)

// simulate runs a vCenter whose collectors read in an order and in which nothing happens by itself. It knows the user otel
// with the password of this package.
func simulate(t *testing.T, order string, arguments ...string) *vcenter {
	t.Helper()
	arguments = append([]string{"-listen", "127.0.0.1:0", "-control", "127.0.0.1:0", "-rate", "0", "-order", order}, arguments...)
	account := []string{"VCENTER_SIM_USER=otel", "VCENTER_SIM_PASSWORD=" + password}
	v := &vcenter{process: start(t, binary(t, "VCENTER_SIM", "vcenter-sim"), account, arguments...)}
	var said []string
	eventually(t, "vcenter-sim is ready", func() bool {
		said = ready.FindStringSubmatch(v.output(t))
		return said != nil || v.ended()
	})
	require.NotNil(t, said, "vcenter-sim runs")
	v.endpoint, v.uuid, v.control = said[1], said[2], said[3]
	return v
}

// call asks the control endpoint, and decodes its answer where there is a place for it.
func (v *vcenter) call(t *testing.T, method, path string, answer any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, v.control+path, nil)
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode, "%s %s", method, path)
	if answer != nil {
		require.NoError(t, json.NewDecoder(response.Body).Decode(answer))
	}
}

// burst appends so many events at once.
func (v *vcenter) burst(t *testing.T, n int) {
	t.Helper()
	if v.earlier == nil {
		v.earlier = v.uids(t)
	}
	v.call(t, http.MethodPost, fmt.Sprintf("/burst?n=%d", n), nil)
}

// stats are what the simulator tells of what lives in it.
type stats struct {
	Sessions []struct {
		UserAgent string `json:"userAgent"`
	} `json:"sessions"`
	Objects struct {
		EventCollectors    int `json:"eventCollectors"`
		PropertyCollectors int `json:"propertyCollectors"`
		Filters            int `json:"filters"`
		Views              int `json:"views"`
	} `json:"objects"`
}

func (v *vcenter) stats(t *testing.T) (s stats) {
	t.Helper()
	v.call(t, http.MethodGet, "/stats", &s)
	return s
}

// awaitCollector waits for the receiver's event collector: its position is pinned by then.
func (v *vcenter) awaitCollector(t *testing.T) {
	t.Helper()
	eventually(t, "the receiver has a collector in vCenter", func() bool { return v.stats(t).Objects.EventCollectors > 0 })
}

// assertLeft asserts that nothing of the receiver lives on in vCenter.
func (v *vcenter) assertLeft(t *testing.T) {
	t.Helper()
	s := v.stats(t)
	assert.Empty(t, s.Sessions)
	assert.Zero(t, s.Objects)
}

// uids are those of the records of all events so far, in the order in which they were inserted.
func (v *vcenter) uids(t *testing.T) []string {
	t.Helper()
	var events []struct {
		Key     int32     `json:"key"`
		Created time.Time `json:"created"`
	}
	v.call(t, http.MethodGet, "/events", &events)
	list := make([]string, 0, len(events))
	for _, e := range events {
		list = append(list, fmt.Sprintf("%s:%d:%d", v.uuid, e.Key, e.Created.UnixMilli()))
	}
	return list
}

// wanted are the uids since the first burst. The position must have been pinned by then.
func (v *vcenter) wanted(t *testing.T) []string { return v.uids(t)[len(v.earlier):] }
