package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain makes this program play the collector or the simulated vCenter when console starts it as one.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	switch {
	case argument("--config=yaml:") != "":
		os.Exit(playCollector())
	case len(os.Args) > 4 && os.Args[1] == "-listen" && os.Args[3] == "-control":
		os.Exit(playSimulator(os.Args[2], os.Args[4]))
	}
	os.Exit(m.Run())
}

func argument(prefix string) string {
	for _, arg := range os.Args {
		if value, ok := strings.CutPrefix(arg, prefix); ok {
			return value
		}
	}
	return ""
}

const poweredOn = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{
	"timeUnixNano":"1795258984000000000","severityText":"INFO","eventName":"vim.event.VmPoweredOnEvent",
	"body":{"stringValue":"VM web-01 on host esx-02\nis powered on"},
	"attributes":[{"key":"vcenter.event.key","value":{"intValue":"7"}},
		{"key":"vcenter.event.type","value":{"stringValue":"VmPoweredOnEvent"}},
		{"key":"vcenter.object.name","value":{"stringValue":"web-01"}}]}]}]}]}`

const changed = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{
	"timeUnixNano":"1795258984000000000","severityText":"INFO","eventName":"vcenter.inventory.changed",
	"body":{"stringValue":"VirtualMachine web-01: runtime.powerState poweredOff → poweredOn"},
	"attributes":[{"key":"vcenter.change.type","value":{"stringValue":"changed"}},
		{"key":"vcenter.change.origin","value":{"stringValue":"ORIGIN"}},
		{"key":"vcenter.object.name","value":{"stringValue":"web-01"}}]}]}]}]}`

const collected = `{"resourceMetrics":[
	{"scopeMetrics":[{"metrics":[{"name":"vcenter.datacenter.vm.count","sum":{"dataPoints":[
		{"timeUnixNano":"1795258984000000000","asInt":"33","attributes":[{"key":"power_state","value":{"stringValue":"on"}}]},
		{"timeUnixNano":"1795258984000000000","asInt":"7","attributes":[{"key":"power_state","value":{"stringValue":"off"}}]}]}}]}]},
	{"scopeMetrics":[{"metrics":[
		{"name":"vcenter.host.cpu.capacity","sum":{"dataPoints":[{"timeUnixNano":"1795258984000000000","asInt":"96000"}]}},
		{"name":"vcenter.host.cpu.usage","sum":{"dataPoints":[{"timeUnixNano":"1795258984000000000","asInt":"12100"}]}},
		{"name":"vcenter.host.memory.utilization","gauge":{"dataPoints":[{"timeUnixNano":"1795258984000000000","asDouble":0.5}]}}]}]},
	{"scopeMetrics":[{"metrics":[{"name":"vcenter.vm.disk.usage","sum":{"dataPoints":[{"timeUnixNano":"1795258984000000000","flags":1}]}}]}]}]}`

// A collection of metrics is a line, however many series it has.
func TestACollectionIsALine(t *testing.T) {
	var out bytes.Buffer
	back := httptest.NewServer(handler(newPrinter(&out, false)))
	defer back.Close()
	answer, err := http.Post(back.URL+"/v1/metrics", "application/json", strings.NewReader(collected))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	const want = "metrics                                    " +
		"5 series of 3 objects; 33 of 40 virtual machines are on; hosts use 12.1 of 96.0 GHz; 1 series ended\n"
	if !strings.HasSuffix(out.String(), want) {
		t.Error(out.String())
	}
}

// playCollector sends one event, and at its interrupt wants its vCenter to be there still, for the logout.
func playCollector() int {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	var config struct {
		Exporters map[string]struct{ Endpoint string }
	}
	if err := json.Unmarshal([]byte(argument("--config=yaml:")), &config); err != nil {
		return 3
	}
	answer, err := http.Post(config.Exporters["otlp_http/console"].Endpoint+"/v1/logs", "application/json", strings.NewReader(poweredOn))
	if err != nil || answer.StatusCode != http.StatusOK {
		return 4
	}
	<-interrupted
	if conn, err := net.Dial("tcp", strings.TrimPrefix(os.Getenv("VCENTER_URL"), "http://")); err != nil {
		return 5
	} else {
		conn.Close()
	}
	fmt.Fprintln(os.Stderr, `{"level":"info","msg":"vCenter stream stopped","events_delivered":1,"duplicates_dropped":2,"resumed_from":"2026-11-21T09:03:04Z"}`)
	return 0
}

// playSimulator says on its output what it is asked to do.
func playSimulator(address, control string) int {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	controlled, err := net.Listen("tcp", control)
	if err != nil {
		return 6
	}
	go http.Serve(controlled, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL)
	}))
	if _, err := net.Listen("tcp", address); err != nil {
		return 7
	}
	<-interrupted
	return 0
}

func self(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestAnEventIsPrintedAsItHappens(t *testing.T) {
	read, write := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := filepath.Join(t.TempDir(), "demo")
	ended := make(chan error, 1)
	go func() {
		ended <- follow(ctx, settings{collector: self(t), simulator: self(t), dir: dir}, newPrinter(write, false))
		write.Close()
	}()

	var lines []string
	buffer := make([]byte, 1<<16)
	for {
		n, err := read.Read(buffer)
		if errors.Is(err, io.EOF) {
			break
		}
		line := string(buffer[:n])
		lines = append(lines, line)
		if strings.Contains(line, "VmPoweredOnEvent") {
			cancel() // as Ctrl-C does
		}
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "")
	for _, want := range []string{
		"» following a simulated vCenter at http://127.0.0.1:",
		"11:03:04 INFO  VmPoweredOnEvent           web-01          VM web-01 on host esx-02 is powered on\n",
		"» 1 event delivered, 2 duplicates dropped, resumed from 2026-11-21 09:03:04\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if log, err := os.ReadFile(filepath.Join(dir, "collector.log")); err != nil || !bytes.Contains(log, []byte(farewell)) {
		t.Errorf("collector.log: %q, %v", log, err)
	}
}

// The second demo has something to catch up with.
func TestSomethingHappensBetweenTwoRuns(t *testing.T) {
	var out bytes.Buffer
	s := settings{collector: self(t), simulator: self(t), dir: t.TempDir(), duration: 3 * time.Second}
	if err := os.WriteFile(filepath.Join(s.dir, "vcenter.state"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := follow(t.Context(), s, newPrinter(&out, false)); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(s.dir, "vcenter-sim.log"))
	if err != nil || string(log) != "POST /storm?vms=8\n" {
		t.Errorf("%q, %v", log, err)
	}
}

func TestADeadSimulatorIsSaid(t *testing.T) {
	var out bytes.Buffer
	err := follow(t.Context(), settings{simulator: "/bin/false", dir: t.TempDir()}, newPrinter(&out, false))
	if err == nil || !strings.Contains(err.Error(), "ended at once") {
		t.Error(err)
	}
}

func TestARefusedRecordIsNotPrinted(t *testing.T) {
	var out bytes.Buffer
	server := httptest.NewServer(handler(newPrinter(&out, false)))
	defer server.Close()
	answer, err := http.Post(server.URL+"/v1/logs", "application/json", strings.NewReader(poweredOn[:len(poweredOn)-3]))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest || out.Len() > 0 {
		t.Errorf("%s, printed %q", answer.Status, out.String())
	}
}

func TestAChangeStandsBesideItsEvent(t *testing.T) {
	var out bytes.Buffer
	server := httptest.NewServer(handler(newPrinter(&out, false)))
	defer server.Close()
	for _, body := range []string{poweredOn, strings.Replace(changed, "ORIGIN", "live", 1), strings.Replace(changed, "ORIGIN", "resume", 1)} {
		answer, err := http.Post(server.URL+"/v1/logs", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	for _, want := range []string{
		"11:03:04 INFO  VmPoweredOnEvent           web-01          VM web-01 on host esx-02 is powered on\n",
		"11:03:04 INFO  inventory.changed          web-01          VirtualMachine web-01: runtime.powerState poweredOff → poweredOn\n",
		"11:03:04 INFO  inventory.changed (resume) web-01          VirtualMachine web-01: runtime.powerState poweredOff → poweredOn\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestChangesAreInTheSummary(t *testing.T) {
	l := &logbook{file: io.Discard, out: newPrinter(io.Discard, false)}
	fmt.Fprintln(l, `{"level":"info","msg":"vCenter stream stopped","events_delivered":1,"changes_delivered":2,"duplicates_dropped":0,"resumed_from":"cold start"}`)
	if summary, err := l.summary(); err != nil || summary != "1 event and 2 changes delivered, 0 duplicates dropped, cold start" {
		t.Errorf("%q, %v", summary, err)
	}
}

func TestLogIsReadHoweverItIsCut(t *testing.T) {
	const log = `{"level":"info","msg":"Everything is ready."}
{"level":"warn","msg":"no storage configured"}
{"level":"error","msg":"login failed","error":"wrong password"}
panic: oh
{"level":"info","msg":"vCenter stream stopped","events_delivered":41,"duplicates_dropped":1,"resumed_from":"cold start"}
`
	for size := 1; size <= len(log); size += 7 {
		var out, file bytes.Buffer
		l := &logbook{file: &file, out: newPrinter(&out, false)}
		for rest := log; rest != ""; {
			n := min(size, len(rest))
			if _, err := l.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if summary, err := l.summary(); err != nil || summary != "41 events delivered, 1 duplicate dropped, cold start" {
			t.Errorf("size %d: %q, %v", size, summary, err)
		}
		if file.String() != log {
			t.Errorf("size %d: kept %q", size, file.String())
		}
		for _, want := range []string{"WARN  collector", "no storage configured", "ERROR collector", "login failed: wrong password", "panic: oh"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("size %d: no %q in %q", size, want, out.String())
			}
		}
	}
}

func TestAKilledReceiverHasNoSummary(t *testing.T) {
	if summary, err := (&logbook{}).summary(); err == nil {
		t.Error(summary)
	}
}

func TestAVirtualMachineCannotTalkToTheTerminal(t *testing.T) {
	if got := plain("web\x1b[2J\a\r\n01"); got != "web?[2J? 01" {
		t.Errorf("%q", got)
	}
}

func TestANewDayIsSaid(t *testing.T) {
	var out bytes.Buffer
	p := newPrinter(&out, false)
	p.line(line{at: time.Date(2020, 1, 1, 23, 59, 59, 0, time.UTC), severity: "INFO", kind: "a", text: "before"})
	p.line(line{at: time.Date(2020, 1, 2, 0, 0, 1, 0, time.UTC), severity: "WARN", kind: "b", text: "after"})
	if got := strings.Count(out.String(), "-- 2020-01-0"); got != 2 {
		t.Errorf("%d dates in:\n%s", got, out.String())
	}
}

func TestColoursAreForTerminals(t *testing.T) {
	var out bytes.Buffer
	newPrinter(&out, true).line(line{time.Now(), "ERROR", "a", cyan, "b", "c"})
	if !strings.Contains(out.String(), string(red)+"ERROR\x1b[0m") {
		t.Errorf("%q", out.String())
	}
}
