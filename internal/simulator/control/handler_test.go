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
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// panel is a simulator behind a proxy, with its control, called without a network.
type panel struct {
	sim      *simulator.Simulator
	producer *traffic.Producer
	proxy    *fault.Proxy
	handler  http.Handler
}

func newPanel(t *testing.T) panel {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	producer := sim.Traffic(1)
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	proxy, err := fault.New(sim.URL(), fault.Options{Certificate: &certificate})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	c := control.New(control.Settings{Simulator: sim, Traffic: producer, Proxy: proxy})
	t.Cleanup(c.Close)
	return panel{sim, producer, proxy, c}
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
		{"POST /restart", "", `{"outage":"0s","restarted":true}`},
		{"POST /append", `[{"class":"GeneralEvent","xml":"<message>x</message>"},{"class":"GeneralEvent","key":9,"malformed":true}]`, `{"appended":2,"lastKey":9}`},
		{"POST /hidden?n=3", "", `{"hidden":3}`},
		{"POST /compressed-burst?n=40", "", `{"compressed":40}`},
		{"POST /retention?max-age=1h", "", `{"maxAge":"1h0m0s"}`},
		{"POST /hiding?then=sticks", "", `{"hiding":"sticks"}`},
		{"POST /stall", "", `{"stalled":"cursors that there are"}`},
		{"POST /stall?on=true", "", `{"stalled":true}`},
		{"POST /max-collectors?n=0", "", `{"maxCollectors":0}`},
		{"POST /doorbell?coalesce=2s", "", `{"coalesce":"2s"}`},
		{"POST /kill-sessions?during=ReadNextEvents", "", `{"during":"ReadNextEvents"}`},
		{"POST /idle-timeout?after=5s", "", `{"idleTimeout":"5s"}`},
		{"POST /password?is=x", "", `{"original":false}`},
		{"POST /password", "", `{"original":true}`},
		{"POST /faults", `[{"fault":"cut","method":"Login","n":9,"count":1},{"fault":"hold","for":"1s","idleFor":"5s"}]`, `{"added":2}`},
		{"GET /faults", "", `{}`},
		{"DELETE /faults", "", `{"cleared":true}`},
		{"POST /listen?mode=silent", "", `{"listening":"silent"}`},
		{"POST /reset", "", `{"reset":0}`},
		{"POST /reset?idle=true", "", `{"reset":0}`},
		{"POST /reset?idle=false", "", `{"reset":0}`},
		{"POST /certificate", "", `{"original":false}`},
		{"POST /certificate?original=true", "", `{"original":true}`},
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
	assert.Equal(t, []any{0, 2 * time.Second, 5 * time.Second}, []any{p.sim.MaxCollectors(), p.sim.Coalesce(), p.sim.IdleTimeout()})
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
		"POST /hidden", "POST /retention?max-age=-1h", "POST /hiding?then=x", "POST /stall?on=x", "POST /max-collectors", "POST /doorbell?coalesce=x",
		"POST /idle-timeout", "POST /faults", "POST /listen?mode=x", "POST /reset?idle=x", "POST /accident", "POST /accidents", "POST /accidents?seed=-1",
		"POST /accidents?seed=1&limit=x", "POST /accidents?seed=1&only=x", "POST /accidents?seed=1&pace=x",
	} {
		status, body := p.do(t, request, "")
		assert.Equal(t, http.StatusBadRequest, status, request)
		assert.Contains(t, body, "error", request)
	}
	for _, body := range []string{"", "{}", `[{}]`, `[{"class":"TaskInfo"}]`, `[{"class":"VmEvent","typo":1}]`, `[{"class":"a b"}]`, `[{"class":"VmEvent","xml":"<"}]`} {
		status, _ := p.do(t, "POST /append", body)
		assert.Equal(t, http.StatusBadRequest, status, body)
	}
	assert.Zero(t, p.sim.Journal().Len())
	for request, body := range map[string]string{
		"POST /faults": `[{"fault":"typo"}]`, "POST /accident": `{"kind":"typo"}`,
	} {
		status, _ := p.do(t, request, body)
		assert.Equal(t, http.StatusBadRequest, status, request)
	}
	status, _ := p.do(t, "GET /burst?n=1", "")
	assert.Equal(t, http.StatusMethodNotAllowed, status)
}

func TestTheRecordingIsForJudges(t *testing.T) {
	p := newPanel(t)
	p.do(t, "POST /append", `[{"class":"VmPoweredOnEvent","created":"2026-01-02T03:04:05.678Z"},{"class":"VmPoweredOnEvent"}]`)
	p.do(t, "POST /hidden?n=1", "")
	p.do(t, "POST /prune?older-than=1h", "")
	_, body := p.do(t, "GET /recording", "")
	var r simulator.Recording
	require.NoError(t, json.Unmarshal([]byte(body), &r))
	require.Len(t, r.Events, 3)
	assert.Equal(t, []any{p.sim.InstanceUUID(), int32(1), int64(1767323045678)}, []any{r.Events[0].InstanceUUID, r.Events[0].Key, r.Events[0].CreatedMS})
	assert.False(t, r.Events[0].Pruned.IsZero())
	assert.True(t, r.Events[1].Pruned.IsZero() && r.Events[2].Hidden)
	assert.Equal(t, p.sim.InstanceUUID(), r.Instances[0].UUID)
}

func (p panel) accidents(t *testing.T, request string) (told control.Accidents) {
	t.Helper()
	status, body := p.do(t, request, "")
	require.Equal(t, http.StatusOK, status, body)
	require.NoError(t, json.Unmarshal([]byte(body), &told))
	return told
}

func TestAccidentsArePlayedInTheBackground(t *testing.T) {
	p := newPanel(t)
	assert.Equal(t, control.Accidents{Played: []accident.Played{}}, p.accidents(t, "GET /accidents"))
	status, body := p.do(t, "POST /accidents?seed=7&limit=3&only=burst,late&pace=1ms&late=10s", "")
	require.Equal(t, http.StatusOK, status, body)
	require.Eventually(t, func() bool { return !p.accidents(t, "GET /accidents").Running }, time.Minute, 5*time.Millisecond)
	told := p.accidents(t, "GET /accidents")
	require.Len(t, told.Played, 3)
	assert.Equal(t, uint64(7), told.Seed)

	o := accident.Options{Only: []string{"burst", "late"}, Pace: time.Millisecond, Late: 10 * time.Second}
	plan, err := accident.Plan(7, o)
	require.NoError(t, err)
	i := 0
	for a := range plan {
		if i == len(told.Played) {
			break
		}
		assert.Equal(t, a, told.Played[i].Accident)
		i++
	}

	status, body = p.do(t, "POST /accidents?seed=8&only=clock&pace=1ms&longest=1h", "")
	require.Equal(t, http.StatusOK, status, body)
	require.Eventually(t, func() bool { return p.sim.ClockOffset() != 0 }, time.Minute, 5*time.Millisecond)
	status, _ = p.do(t, "POST /accidents?seed=9", "")
	assert.Equal(t, http.StatusBadRequest, status, "one at a time")
	told = p.accidents(t, "DELETE /accidents")
	assert.False(t, told.Running)
	assert.Len(t, told.Played, 1)
	assert.Zero(t, p.sim.ClockOffset(), "it is mended")
}

func TestAScriptHasAnAccident(t *testing.T) {
	p := newPanel(t)
	status, body := p.do(t, "POST /accident", `{"kind":"equal","n":5}`)
	require.Equal(t, http.StatusOK, status, body)
	var played accident.Played
	require.NoError(t, json.Unmarshal([]byte(body), &played))
	assert.Equal(t, accident.Accident{Kind: "equal", N: 5}, played.Accident)
	assert.Equal(t, 5, p.sim.Journal().Len())
	_, body = p.do(t, "GET /accidents/kinds", "")
	var kinds []accident.Kind
	require.NoError(t, json.Unmarshal([]byte(body), &kinds))
	assert.Len(t, kinds, len(accident.Kinds()))
}

func TestWithoutAProxyTheNetworkHasNoAccidents(t *testing.T) {
	p := newPanel(t)
	c := control.New(control.Settings{Simulator: p.sim, Traffic: p.producer})
	defer c.Close()
	p.handler = c
	for request, body := range map[string]string{
		"POST /faults": `[]`, "DELETE /faults": "", "GET /faults": "", "GET /makings": "", "POST /listen?mode=open": "", "POST /reset": "", "POST /certificate": "",
		"POST /accident": `{"kind":"reset"}`, "POST /accidents?seed=1&only=reset": "",
	} {
		status, answer := p.do(t, request, body)
		assert.Equal(t, http.StatusBadRequest, status, "%s: %s", request, answer)
	}
}
