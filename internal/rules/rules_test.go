package rules

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

// rule reads the sources of the repository and says where they break it, as file:line: what.
type rule func([]source) []string

// rules, each with a fixture that breaks it: files by path, and what is to be said of them.
var rules = map[string]struct {
	rule    rule
	fixture map[string]string
	want    []string
}{
	"imports run one way": {
		rule: importsRunOneWay,
		fixture: map[string]string{
			"internal/soapxml/scanner.go":         "package soapxml\nimport _ \"" + module + "/internal/vsphere\"",
			"internal/vsphere/session.go":         "package vsphere\nimport _ \"" + module + "/internal/soapxml\"",
			"internal/vsphere/session_test.go":    "package vsphere\nimport _ \"" + module + "/internal/simulator\"",
			"internal/vsphere/root_test.go":       "package vsphere\nimport _ \"" + module + "\"",
			"internal/simulator/fault/journal.go": "package fault\nimport (_ \"" + module + "/internal/simulator/journal\"\n_ \"" + module + "/internal/vsphere\")",
			"exporterhelper/send_test.go":         "package exporterhelper\nimport _ \"" + module + "/internal/event\"",
			"internal/odds/ends.go":               "package odds",
		},
		want: []string{
			"exporterhelper/send_test.go:2: package exporterhelper may not import internal/event",
			"internal/odds/ends.go:1: package internal/odds is not in the table of rooms",
			"internal/simulator/fault/journal.go:3: package internal/simulator/fault may not import internal/vsphere",
			"internal/soapxml/scanner.go:2: package internal/soapxml may not import internal/vsphere",
			"internal/vsphere/root_test.go:2: package internal/vsphere may not import .",
		},
	},
	"packages of others stay in their rooms": {
		rule: packagesStayInTheirRooms,
		fixture: map[string]string{
			"internal/event/event.go":     "package event\nimport _ \"go.opentelemetry.io/collector/pdata/plog\"",
			"internal/translate/event.go": "package translate\nimport _ \"go.opentelemetry.io/collector/pdata/plog\"",
			"receiver/scrape.go":          "package receiver\nimport _ \"go.opentelemetry.io/collector/pdata/pmetric\"",
			"receiver/loop.go":            "package receiver\nimport _ \"go.opentelemetry.io/collector/pdata/plog\"",
			"receiver/loop_test.go":       "package receiver\nimport _ \"go.opentelemetry.io/collector/pdata/plog\"",
			"internal/dedup/window.go":    "package dedup\nimport _ \"go.opentelemetry.io/collector/extension/xextension/storage\"",
			"internal/history/cursor.go":  "package history\nimport _ \"github.com/vmware/govmomi/vim25/xml\"",
		},
		want: []string{
			"internal/dedup/window.go:2: go.opentelemetry.io/collector/extension/xextension/storage is not to be imported here: what is stored goes through the proof of checkpoint.Store",
			"internal/event/event.go:2: go.opentelemetry.io/collector/pdata/plog is not to be imported here: payloads are built in one place",
			"internal/history/cursor.go:2: github.com/vmware/govmomi/vim25/xml is not to be imported here: reflective decoding is 15 times the cost of soapxml, and loses what it does not know",
			"receiver/loop.go:2: go.opentelemetry.io/collector/pdata/plog is not to be imported here: payloads are built in one place",
		},
	},
	"pure rooms stay pure": {
		rule: pureRoomsStayPure,
		fixture: map[string]string{
			"internal/translate/event.go":      "package translate\nimport (\"time\"\n_ \"go.uber.org/zap\")\nvar now = time.Now()",
			"internal/translate/event_test.go": "package translate\nimport \"time\"\nvar now = time.Now()",
			"internal/vsphere/clock.go":        "package vsphere\nimport \"time\"\nvar now = time.Now()",
		},
		want: []string{
			"internal/translate/event.go:3: internal/translate is pure and may not import go.uber.org/zap",
			"internal/translate/event.go:4: internal/translate is pure and may not call time.Now",
		},
	},
	"the hot path is read by soapxml": {
		rule: hotPathIsReadBySoapxml,
		fixture: map[string]string{
			"internal/history/cursor.go":   "package history\nfunc next() { methods.ReadNextEvents(ctx, c, &req); methods.CreateCollectorForEvents(ctx, c, &req) }",
			"internal/simulator/client.go": "package simulator\nfunc next() { methods.ReadNextEvents(ctx, c, &req) }",
		},
		want: []string{"internal/history/cursor.go:2: methods.ReadNextEvents decodes its answer by reflection: send it raw"},
	},
	"namesakes are imported under their alias": {
		rule: namesakesAreImportedUnderTheirAlias,
		fixture: map[string]string{
			"receiver/loop.go": "package receiver\nimport \"" + module + "/exporterhelper\"",
			"factory.go":       "package vcenterstreamreceiver\nimport vcreceiver \"" + module + "/receiver\"",
		},
		want: []string{"receiver/loop.go:2: import exporterhelper as sender"},
	},
	"namesakes say what they are not": {
		rule: namesakesSayWhatTheyAreNot,
		fixture: map[string]string{
			"receiver/doc.go":       "// Package receiver runs.\npackage receiver",
			"exporterhelper/doc.go": "// Package exporterhelper is a sender chain, not the collector's package of that name.\npackage exporterhelper",
		},
		want: []string{"receiver/doc.go:1: the first line of the doc says what the package is, and what it is not"},
	},
	"exporterhelper knows no vCenter": {
		rule: exporterhelperKnowsNoVCenter,
		fixture: map[string]string{
			"exporterhelper/send.go":      "package exporterhelper\n\n// Send sends the events of a vCenter.\nfunc Send() {}",
			"exporterhelper/send_test.go": "package exporterhelper\n// vCenter",
		},
		want: []string{"exporterhelper/send.go:3: exporterhelper has no word of vcenter"},
	},
	"every package states its contract": {
		rule: everyPackageStatesItsContract,
		fixture: map[string]string{
			"internal/dedup/doc.go":             "// Package dedup knows what was delivered.\npackage dedup",
			"internal/event/doc.go":             "package event",
			"internal/history/cursor.go":        "// Package history has its doc in another file.\npackage history",
			"internal/metadata/generated.go":    "// Code generated by mdatagen. DO NOT EDIT.\n\npackage metadata",
			"e2e/resume_test.go":                "package e2e",
			"internal/history/testdata/page.go": "package testdata",
		},
		want: []string{
			"e2e/doc.go:1: the package has no doc comment in doc.go",
			"internal/event/doc.go:1: the package has no doc comment in doc.go",
			"internal/history/doc.go:1: the package has no doc comment in doc.go",
		},
	},
	"every package looks for leaks": {
		rule: everyPackageLooksForLeaks,
		fixture: map[string]string{
			"internal/dedup/main_test.go":   "package dedup\nfunc TestMain(m *testing.M) { goleak.VerifyTestMain(m) }",
			"internal/dedup/window_test.go": "package dedup",
			"internal/event/event_test.go":  "package event",
			"tools/bench/table_test.go":     "package main",
		},
		want: []string{"internal/event/main_test.go:1: no TestMain with goleak.VerifyTestMain"},
	},
	"no function is too long": {
		rule: noFunctionIsTooLong,
		fixture: map[string]string{
			"internal/event/long.go":      "package event\nfunc long() {" + strings.Repeat("\n", 80) + "}\nfunc short() {" + strings.Repeat("\n", 79) + "}",
			"internal/event/long_test.go": "package event\nfunc long() {" + strings.Repeat("\n", 80) + "}",
		},
		want: []string{"internal/event/long.go:2: long has 81 lines; 80 is the most"},
	},
	"functions are short as a rule": {
		rule: functionsAreShortAsARule,
		fixture: map[string]string{
			"internal/event/long.go": "package event\nfunc one() {}\nfunc two() {" + strings.Repeat("\n", 13) + "}\nfunc three() {" + strings.Repeat("\n", 12) + "}",
		},
		want: []string{
			"internal/event/long.go:3: the median function has 13 lines, not 12; among the longest is two with 14",
			"internal/event/long.go:17: the median function has 13 lines, not 12; among the longest is three with 13",
			"internal/event/long.go:2: the median function has 13 lines, not 12; among the longest is one with 1",
		},
	},
	"nothing sleeps": {
		rule: nothingSleeps,
		fixture: map[string]string{
			"receiver/loop.go":            "package receiver\nfunc wait() { time.Sleep(1) }",
			"receiver/loop_test.go":       "package receiver\nfunc wait() { time.Sleep(1) }",
			"internal/simulator/fault.go": "package simulator\nfunc wait() { time.Sleep(1) }",
		},
		want: []string{"receiver/loop.go:2: time.Sleep does not hear its context"},
	},
	"no test is skipped": {
		rule: noTestIsSkipped,
		fixture: map[string]string{
			"receiver/loop_test.go":         "package receiver\nfunc TestLoop(tb testing.TB) { tb.Skip(\"flaky\") }",
			"internal/soapxml/scan_test.go": "package soapxml\nfunc TestScan(t *testing.T) { scanner.Skip() }",
		},
		want: []string{"receiver/loop_test.go:2: tb.Skip: a test that does not run proves nothing"},
	},
	"nothing is left undone": {
		rule:    nothingIsLeftUndone,
		fixture: map[string]string{"receiver/loop.go": "package receiver\n\n// TO" + "DO: stop.\nvar todos int"},
		want:    []string{"receiver/loop.go:3: TO" + "DO: do it, or write it down where users look"},
	},
	"types are named for what they are": {
		rule: typesAreNamedForWhatTheyAre,
		fixture: map[string]string{
			"receiver/session.go":          "package receiver\ntype sessionManager struct{}\ntype managers struct{}",
			"internal/simulator/events.go": "package simulator\ntype EventManager struct{}",
		},
		want: []string{"receiver/session.go:2: sessionManager: Manager says nothing of what it is"},
	},
}

func TestTheRepositoryKeepsEachRule(t *testing.T) {
	sources := load(t, os.DirFS("../.."))
	for name, r := range rules {
		t.Run(name, func(t *testing.T) {
			for _, breach := range r.rule(sources) {
				t.Error(breach)
			}
		})
	}
}

// A rule that finds nothing may be kept, or may be blind.
func TestEachRuleSeesItsBreach(t *testing.T) {
	for name, r := range rules {
		t.Run(name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for file, text := range r.fixture {
				tree[file] = &fstest.MapFile{Data: []byte(text)}
			}
			assert.Equal(t, r.want, r.rule(load(t, tree)))
		})
	}
}
