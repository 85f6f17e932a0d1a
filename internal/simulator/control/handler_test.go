package control_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// panel is a simulator with its control, called without a network.
type panel struct {
	sim      *simulator.Simulator
	producer *traffic.Producer
	handler  http.Handler
}

func newPanel(t *testing.T) panel {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	producer := sim.Traffic(1)
	return panel{sim, producer, control.Handler(sim, producer)}
}

// do makes one request and returns its status and its answer.
func (p panel) do(t *testing.T, request, body string) (int, string) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestWhatScriptsCanDo(t *testing.T) {
	p := newPanel(t)
	for _, tt := range []struct{ request, body, want string }{
		{"POST /burst?n=10", "", `{"appended":10}`},
		{"POST /prune?oldest=2", "", `{"pruned":2}`},
		{"POST /prune?before-key=5", "", `{"pruned":2}`},
		{"POST /prune?older-than=1h", "", `{"pruned":0}`},
		{"POST /next-key?key=100", "", `{"nextKey":100}`},
		{"POST /append", `[{"class":"VmPoweredOnEvent"},{"class":"WarpEvent","key":7,"message":"<&>"}]`, `{"appended":2,"lastKey":7}`},
		{"POST /kill-sessions", "", `{"killed":0}`},
		{"POST /doorbell?on=false", "", `{"doorbell":false}`},
		{"POST /instance?uuid=x", "", `{"instanceUuid":"x"}`},
		{"POST /order?by=creation", "", `{"order":"creation"}`},
		{"POST /rate?events=2.5", "", `{"rate":2.5}`},
		{"POST /restart?outage=10ms", "", `{"outage":"10ms","restarted":true}`},
	} {
		status, got := p.do(t, tt.request, tt.body)
		assert.Equal(t, http.StatusOK, status, tt.request)
		assert.Equal(t, tt.want, got, tt.request)
	}
	assert.Equal(t, "x", p.sim.InstanceUUID())
	assert.InDelta(t, 2.5, p.producer.Rate(), 0)
	status, _ := p.do(t, "POST /clock?offset=-1h", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, -time.Hour, p.sim.ClockOffset())
}

func TestWhatScriptsCanAsk(t *testing.T) {
	p := newPanel(t)
	p.do(t, "POST /append", `[{"class":"EventEx","eventTypeId":"x.y","severity":"error","created":"2026-01-02T03:04:05Z","user":"me","message":"hi"}]`)
	_, body := p.do(t, "GET /events", "")
	var events []control.Event
	require.NoError(t, json.Unmarshal([]byte(body), &events))
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	assert.Equal(t, []control.Event{{
		Class: "EventEx", TypeID: "x.y", Key: 1, ChainID: 1, Created: created, User: "me", Message: "hi",
	}}, events)

	_, body = p.do(t, "GET /stats", "")
	var stats simulator.Stats
	require.NoError(t, json.Unmarshal([]byte(body), &stats))
	assert.Equal(t, simulator.Stats{Events: 1, LastKey: 1}, stats)
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	p := newPanel(t)
	for _, request := range []string{
		"POST /burst", "POST /burst?n=x", "POST /prune", "POST /prune?oldest=x", "POST /next-key?key=99999999999",
		"POST /doorbell?on=perhaps", "POST /clock?offset=1", "POST /order?by=chance", "POST /rate?events=x", "POST /restart?outage=x",
	} {
		status, body := p.do(t, request, "")
		assert.Equal(t, http.StatusBadRequest, status, request)
		assert.Contains(t, body, "error", request)
	}
	for _, body := range []string{"", "{}", `[{}]`, `[{"class":"TaskInfo"}]`, `[{"class":"VmEvent","typo":1}]`, `[{"class":"a b"}]`} {
		status, _ := p.do(t, "POST /append", body)
		assert.Equal(t, http.StatusBadRequest, status, body)
	}
	assert.Zero(t, p.sim.Journal().Len())
	status, _ := p.do(t, "GET /burst?n=1", "")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
}
