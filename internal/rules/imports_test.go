package rules

import (
	"maps"
	"slices"
	"strings"
)

// rooms says which of our packages each package may import. Imports run one way: root → receiver → {exporterhelper,
// internal/*}, and the leaves are below. A package that is not in this table has no place yet: give it one.
var rooms = map[string][]string{
	".":              {"receiver", "internal/event", "internal/inventory", "internal/operators", "internal/vsphere", "internal/metadata"},
	"receiver":       slices.Concat([]string{"exporterhelper", "internal/metadata"}, readers, leaves),
	"exporterhelper": {},

	"internal/history":     {"internal/vsphere", "internal/soapxml"},
	"internal/event":       {"internal/vsphere", "internal/soapxml", "internal/dedup", "internal/checkpoint"},
	"internal/task":        {"internal/vsphere", "internal/soapxml", "internal/dedup", "internal/checkpoint"},
	"internal/inventory":   {"internal/vsphere", "internal/soapxml", "internal/checkpoint"},
	"internal/tagging":     {"internal/vsphere"},
	"internal/performance": {"internal/vsphere", "internal/soapxml", "internal/checkpoint"},
	"internal/translate":   {"internal/event", "internal/task", "internal/inventory", "internal/performance", "internal/soapxml", "internal/metadata"},
	"internal/operators":   {},

	"internal/vsphere":      {"internal/soapxml"},
	"internal/soapxml":      {},
	"internal/dedup":        {},
	"internal/checkpoint":   {"exporterhelper"}, // for the proof alone
	"internal/metadata":     {},
	"internal/metadatatest": {"internal/metadata"},
	"internal/rules":        {},
	"internal/robustness":   {}, // judges from outside

	"internal/event/eventtest": {},

	// The simulator imports no room that it tests: a mistake that both share would pass.
	"internal/simulator/...": {"internal/simulator/..."},
	"cmd/vcenter-sim":        {"internal/simulator/..."},
	"e2e":                    {},
}

var (
	readers = []string{
		"internal/history", "internal/event", "internal/task", "internal/inventory", "internal/tagging",
		"internal/performance", "internal/translate", "internal/operators",
	}
	leaves = []string{"internal/vsphere", "internal/soapxml", "internal/dedup", "internal/checkpoint"}
)

// room finds what a package may import.
func room(dir string) (allowed []string, known bool) {
	for _, pattern := range slices.Sorted(maps.Keys(rooms)) {
		if within(dir, pattern) {
			return rooms[pattern], true
		}
	}
	return nil, false
}

// importsRunOneWay holds production code to the table. Tests may import what they need, but never the root, which
// would turn the whole picture round; only the end-to-end tests stand outside of it. exporterhelper is to be taken out
// of this repository one day, tests and all.
func importsRunOneWay(sources []source) (breaches []string) {
	for _, s := range sources {
		if s.nested() {
			continue
		}
		allowed, known := room(s.dir())
		if !known {
			breaches = append(breaches, s.breach(s.file.Name, "package %s is not in the table of rooms", s.dir()))
		}
		for dir, spec := range s.own() {
			free := s.test() && s.dir() != "exporterhelper" && (dir != "." || s.dir() == "e2e")
			if !free && dir != s.dir() && !within(dir, allowed...) {
				breaches = append(breaches, s.breach(spec, "package %s may not import %s", s.dir(), dir))
			}
		}
	}
	return breaches
}

// fence keeps packages of others, or of the standard library, in the rooms that they are meant for.
type fence struct {
	imports []string // what is fenced in
	rooms   []string // the folders, or single files, that may import it; none: only tests, and what serves them
	why     string
}

var fences = []fence{
	{
		imports: []string{"go.opentelemetry.io/collector/pdata/..."},
		rooms: []string{
			"internal/translate", "internal/operators", "exporterhelper", "internal/metadata", "receiver/scrape.go",
			"receiver/status.go", // a status has attributes
		},
		why: "payloads are built in one place",
	},
	{
		imports: []string{"go.opentelemetry.io/collector/extension/xextension/storage"},
		rooms:   []string{"internal/checkpoint"},
		why:     "what is stored goes through the proof of checkpoint.Store",
	},
	{
		imports: []string{"go.opentelemetry.io/collector/confmap/..."},
		rooms:   []string{".", "internal/metadata"}, // which generates the switches of metrics
		why:     "only the root knows YAML",
	},
	{
		imports: []string{"encoding/xml"},
		rooms:   []string{"internal/soapxml", "internal/vsphere"},
		why:     "soapxml is the one reader of XML",
	},
	{
		imports: []string{
			"github.com/vmware/govmomi/vim25/xml",
			"github.com/vmware/govmomi/event", "github.com/vmware/govmomi/history",
			"github.com/vmware/govmomi/performance",
		},
		rooms: []string{"internal/vsphere"},
		why:   "reflective decoding is 15 times the cost of soapxml, and loses what it does not know",
	},
	{
		imports: []string{"github.com/vmware/govmomi/simulator/..."},
		why:     "a simulated vCenter has no place in the receiver",
	},
	{
		imports: []string{"testing", "github.com/stretchr/testify/..."},
		why:     "production code does not test itself",
	},
}

func packagesStayInTheirRooms(sources []source) (breaches []string) {
	for _, s := range sources {
		if s.nested() || s.test() || s.support() {
			continue
		}
		for imported, spec := range s.imports() {
			for _, f := range fences {
				if within(imported, f.imports...) && !within(s.dir(), f.rooms...) && !within(s.path, f.rooms...) {
					breaches = append(breaches, s.breach(spec, "%s is not to be imported here: %s", imported, f.why))
				}
			}
		}
	}
	return breaches
}

// pure are the rooms that give the same answer to the same question: no I/O, no clock, no log.
var pure = []string{"internal/translate", "internal/dedup", "internal/soapxml"}

func pureRoomsStayPure(sources []source) (breaches []string) {
	for _, s := range sources {
		if !s.production() || !within(s.dir(), pure...) {
			continue
		}
		for imported, spec := range s.imports() {
			if within(imported, "os/...", "net", "net/http/...", "log/...", "go.uber.org/zap/...", "math/rand/...", "crypto/rand") {
				breaches = append(breaches, s.breach(spec, "%s is pure and may not import %s", s.dir(), imported))
			}
		}
		for name, call := range s.calls() {
			if within(name, "time.Now", "time.Since", "time.Until", "time.After", "time.NewTimer", "time.NewTicker") {
				breaches = append(breaches, s.breach(call, "%s is pure and may not call %s", s.dir(), name))
			}
		}
	}
	return breaches
}

// hotCalls are answered with pages: they are sent raw and read by soapxml.
var hotCalls = []string{
	"methods.ReadNextEvents", "methods.ReadPreviousEvents", "methods.ReadNextTasks", "methods.ReadPreviousTasks",
	"methods.WaitForUpdatesEx", "property.Wait", "property.WaitForUpdates", "methods.QueryPerf", "methods.QueryEvents",
}

func hotPathIsReadBySoapxml(sources []source) (breaches []string) {
	for _, s := range sources {
		if !s.production() || s.nested() {
			continue
		}
		for name, call := range s.calls() {
			if within(name, hotCalls...) {
				breaches = append(breaches, s.breach(call, "%s decodes its answer by reflection: send it raw", name))
			}
		}
	}
	return breaches
}

// aliases are those of the packages that share their names with packages of the collector.
var aliases = map[string]string{"receiver": "vcreceiver", "exporterhelper": "sender"}

func namesakesAreImportedUnderTheirAlias(sources []source) (breaches []string) {
	for _, s := range sources {
		for dir, spec := range s.own() {
			alias, namesake := aliases[dir]
			if namesake && (spec.Name == nil || spec.Name.Name != alias) {
				breaches = append(breaches, s.breach(spec, "import %s as %s", dir, alias))
			}
		}
	}
	return breaches
}

// exporterhelperKnowsNoVCenter: it is of use to any receiver, and stays so.
func exporterhelperKnowsNoVCenter(sources []source) (breaches []string) {
	for _, s := range sources {
		if s.dir() != "exporterhelper" || s.test() {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			for _, word := range []string{"vcenter", "vsphere", "vmware", "govmomi", "esxi"} {
				if strings.Contains(strings.ToLower(line), word) {
					breaches = append(breaches, s.at(i+1, "exporterhelper has no word of %s", word))
				}
			}
		}
	}
	return breaches
}
