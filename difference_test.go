package vcenterstreamreceiver

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/property"
)

// differences has a test for every key of the configuration: it must make a difference that a user can see, from YAML to
// what arrives.
var differences = map[string]func(*testing.T){
	"endpoint":           testEndpoint,
	"name":               testName,
	"username":           testUsername,
	"password":           testPassword,
	"password_file":      testPasswordFile,
	"api_timeout":        testAPITimeout,
	"wait":               testWait,
	"storage":            testStorage,
	"on_permanent_error": testOnPermanentError,
	"operators":          testOperators,

	"retry_on_failure::enabled":              testRetryEnabled,
	"retry_on_failure::initial_interval":     testInitialInterval,
	"retry_on_failure::randomization_factor": testRandomizationFactor,
	"retry_on_failure::multiplier":           testMultiplier,
	"retry_on_failure::max_interval":         testMaxInterval,
	"retry_on_failure::max_elapsed_time":     testMaxElapsedTime,

	"events::start_at":      testStartAt,
	"events::lookback":      testLookback,
	"events::position":      testPosition,
	"events::overlap":       testOverlap,
	"events::page_size":     testPageSize,
	"events::poll_interval": testPollInterval,
	"events::max_age":       testMaxAge,
	"events::enrich":        testEnrich,

	"inventory::changes":            testChanges,
	"inventory::exclude_properties": testExcludeProperties,
	"inventory::include::paths":     selects("include: [{paths: [/DC*/host]}]", "host"),
	"inventory::include::types":     selects("include: [{types: [VirtualMachine]}]", "vm"),
	"inventory::include::tags":      selects(`include: [{tags: ["*"]}]`, "vm"),
	"inventory::exclude::paths":     selects("exclude: [{paths: [/DC*/vm]}]", "host"),
	"inventory::exclude::types":     selects("exclude: [{types: [HostSystem]}]", "vm"),
	"inventory::exclude::tags":      selects(`exclude: [{types: [VirtualMachine], tags: ["*"]}]`, "host", "vm"),

	"collection_interval": testCollectionInterval,
	"initial_delay":       testInitialDelay,
	"timeout":             testTimeout,
	"metrics":             testMetrics,
	"resource_attributes": testResourceAttributes,

	"events::filter::types":               filters("types: [VmPoweredOnEvent, esx.*]", on, problem),
	"events::filter::exclude_types":       filters("exclude_types: [VmEvent]", problem),
	"events::filter::categories":          filters("categories: [error]", problem),
	"events::filter::users":               filters("users: [ALICE]", on),
	"events::filter::exclude_users":       filters("exclude_users: [alice, root]", off),
	"events::filter::entities":            filters("entities: [/DC0/vm/DC0_C0_RP0_VM0]", on),
	"events::filter::exclude::types":      filters("exclude: [{types: [VmPoweredO*]}]", problem),
	"events::filter::exclude::categories": filters("exclude: [{categories: [error]}]", on, off),
	"events::filter::exclude::users":      filters("exclude: [{users: [bob]}]", on, problem),

	"tls::ca_file":                        testCAFile,
	"tls::ca_pem":                         testCAPem,
	"tls::include_system_ca_certs_pool":   testSystemPool,
	"tls::cert_file":                      testClientCertificate,
	"tls::key_file":                       testClientCertificate,
	"tls::cert_pem":                       testClientCertificatePem,
	"tls::key_pem":                        testClientCertificatePem,
	"tls::min_version":                    testMinVersion,
	"tls::max_version":                    testMaxVersion,
	"tls::cipher_suites":                  testCipherSuites,
	"tls::include_insecure_cipher_suites": testInsecureCipherSuites,
	"tls::curve_preferences":              testCurvePreferences,
	"tls::reload_interval":                testReloadInterval,
	"tls::insecure":                       testInsecure,
	"tls::insecure_skip_verify":           testInsecureSkipVerify,
	"tls::server_name_override":           testServerNameOverride,
	"tls::tpm::enabled":                   testTPM("enabled: true"),
	"tls::tpm::path":                      testTPM("path: /dev/tpmrm0"),
	"tls::tpm::owner_auth":                testTPM("owner_auth: hush"),
	"tls::tpm::auth":                      testTPM("auth: hush"),
}

func TestEachSettingMakesADifference(t *testing.T) {
	keys := keysOf(reflect.TypeFor[Config](), "")
	assert.ElementsMatch(t, keys, slices.Collect(maps.Keys(differences)), "a key without a test, or a test without a key")
	for key, test := range differences {
		t.Run(key, test)
	}
}

// keysOf are the keys of a configuration, as a user would name them.
func keysOf(config reflect.Type, prefix string) (keys []string) {
	for i := range config.NumField() {
		field := config.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("mapstructure"), ",")
		nested := field.Type
		if nested.Kind() == reflect.Slice {
			nested = nested.Elem()
		}
		switch {
		case strings.Contains(options, "squash"):
			keys = append(keys, keysOf(nested, prefix)...)
		case name == "" || name == "-":
		case nested.Kind() == reflect.Struct && !isWhole(nested):
			keys = append(keys, keysOf(nested, prefix+name+"::")...)
		default:
			keys = append(keys, prefix+name)
		}
	}
	return keys
}

// isWhole reports whether what is below a key is told and tried as one: what a stanza operator has is stanza's, and a hundred metrics
// have the switches that mdatagen made, and tests.
func isWhole(config reflect.Type) bool {
	return config == reflect.TypeFor[OperatorConfig]() || config == reflect.TypeFor[metadata.MetricsConfig]() ||
		config == reflect.TypeFor[metadata.ResourceAttributesConfig]()
}

// An endpoint without a path is that of the API; with one it is what it says.
func testEndpoint(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	other, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, other.Close()) })
	stop := l.streaming("")
	l.happen("here", 0)
	l.delivered("here")
	stop()
	assert.Empty(t, other.Calls())
	stop = l.start("endpoint: " + l.sim.URL().String() + "/elsewhere")
	l.told("check that endpoint")
	stop()
	l.start("endpoint: " + other.URL().String())
	l.told("check username")
	assert.NotEmpty(t, other.Calls())
}

func testName(t *testing.T) {
	for want, yaml := range map[string]string{"127.0.0.1": "", "Berlin": "name: Berlin"} {
		t.Run(want, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.streaming(yaml)
			l.happen("now", 0)
			l.delivered("now")
			assert.Equal(t, want, l.sink.resource("vcenter.instance.name"))
		})
	}
}

func testUsername(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	l.start("username: somebody")
	l.told("check username (somebody) and password")
	assert.Zero(t, l.sim.Stats().Logins)
}

func testPassword(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	stop := l.start("password: another")
	l.told("check username (otel) and password")
	stop()
	l.streaming("")
}

// A file is read at every login, and one that was corrected at once.
func testPasswordFile(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	delete(l.base, "password")
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("wrong"), 0o600))
	l.start("password_file: " + file)
	l.told("check username (otel) and password")
	require.NoError(t, os.WriteFile(file, []byte(labPassword+"\n"), 0o600))
	l.eventually("a login", func() bool { return l.sim.Stats().Logins == 1 })
	require.NoError(t, os.WriteFile(file, []byte("rotated"), 0o600))
	l.sim.SetPassword("rotated")
	l.sim.KillSessions()
	l.eventually("another login", func() bool { return l.sim.Stats().Logins == 2 })
}

// A call that is never answered is given up, after a minute by default.
func testAPITimeout(t *testing.T) {
	for yaml, givenUp := range map[string]bool{"api_timeout: 300ms": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			proxy, err := fault.New(l.sim.URL(), fault.Options{})
			require.NoError(t, err)
			t.Cleanup(proxy.Close)
			l.base["endpoint"] = proxy.URL().String()
			l.streaming(yaml)
			proxy.Add(fault.Rule{Method: "ReadNextEvents", Count: 1, Fault: fault.BlackHole()})
			l.happen("now", 0)
			if givenUp {
				l.delivered("now")
			} else {
				l.never("delivered", func() bool { return l.sink.count("now") > 0 })
			}
		})
	}
}

func testWait(t *testing.T) {
	for yaml, want := range map[string]string{"wait: 7s": "7", "": "30"} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			assert.Equal(t, want, l.requested("WaitForUpdatesEx", "maxWaitSeconds", yaml))
		})
	}
}

func testPageSize(t *testing.T) {
	for yaml, want := range map[string]string{"events: {page_size: 7}": "7", "": "1000"} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			assert.Equal(t, want, l.requested("ReadNextEvents", "maxCount", yaml))
		})
	}
}

// requested is an argument of the first call of a method.
func (l *lab) requested(method, argument, yaml string) string {
	l.t.Helper()
	target := *l.sim.URL()
	target.Path = ""
	forward := httputil.NewSingleHostReverseProxy(&target)
	forward.Transport = &http.Transport{DisableKeepAlives: true}
	forward.ErrorLog = log.New(io.Discard, "", 0) // a call that is broken off by the end of the test
	seen := make(chan string, 1)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if found := regexp.MustCompile(`<` + method + `[ >].*<` + argument + `>(\d+)<`).FindSubmatch(body); found != nil {
			select {
			case seen <- string(found[1]):
			default:
			}
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		forward.ServeHTTP(w, r)
	}))
	l.t.Cleanup(front.Close)
	l.base["endpoint"] = front.URL
	l.start(yaml)
	select {
	case value := <-seen:
		return value
	case <-time.After(30 * time.Second):
		return "never"
	}
}

// With storage a restart goes on where it stopped, without it begins anew.
func testStorage(t *testing.T) {
	for yaml, resumes := range map[string]bool{"storage: disk": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			stop := l.streaming(yaml)
			l.happen("before", 0)
			l.delivered("before")
			stop()
			l.happen("meanwhile", 0)
			happened := l.sim.Now()
			require.Eventually(t, func() bool { return l.sim.Now().Sub(happened) > 10*time.Millisecond }, time.Minute, time.Millisecond, "a new pin is later")
			l.streaming(yaml)
			l.happen("after", 0)
			l.delivered("after")
			assert.Equal(t, resumes, l.sink.count("meanwhile") == 1)
			assert.Equal(t, 1, l.sink.count("before"))
		})
	}
}

func testOperators(t *testing.T) {
	for yaml, want := range map[string]string{"operators: [{type: add, field: attributes.team, value: storage}]": "storage", "": ""} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.streaming(yaml)
			l.happen("now", 0)
			l.delivered("now")
			assert.Equal(t, want, l.sink.said("now", "team"))
		})
	}
}

// What is refused for good is held by default, and given up at once otherwise.
func testOnPermanentError(t *testing.T) {
	for yaml, givenUp := range map[string]bool{"on_permanent_error: drop": true, "": false} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.sink.obey(func([]string) error { return consumererror.NewPermanent(errors.New("no")) })
			l.happen("one", time.Minute)
			l.start(yaml + "\nevents: {start_at: beginning}\nretry_on_failure: {initial_interval: 1ms}")
			const dead = "the pipeline refused a record for good"
			if givenUp {
				l.eventually("a dead letter", func() bool { return l.logged(dead) > 0 })
				return
			}
			l.told("the pipeline refuses")
			l.never("a dead letter", func() bool { return l.logged(dead) > 0 })
		})
	}
}

func testRetryEnabled(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	_, err := l.read("retry_on_failure: {enabled: true}")
	require.NoError(t, err)
	_, err = l.read("retry_on_failure: {enabled: false}")
	require.ErrorContains(t, err, "retry_on_failure::enabled: cannot be false")
}

// refused lets the sink refuse everything for now, with one event in the history.
func refused(t *testing.T, yaml string) *lab {
	t.Helper()
	l := newLab(t, simulator.Settings{})
	l.sink.obey(func([]string) error { return errors.New("down") })
	l.happen("one", time.Minute)
	l.start("events: {start_at: beginning}\nretry_on_failure: {" + yaml + "}")
	l.eventually("the first try", func() bool { return l.logged("the pipeline refused a batch") > 0 })
	return l
}

// pause is the wait after the first try, as the log tells it.
func (l *lab) pause() time.Duration {
	line := l.logs.FilterMessageSnippet("the pipeline refused a batch").All()[0]
	pause, ok := line.ContextMap()["next_try_in"].(time.Duration)
	require.True(l.t, ok)
	return pause
}

func testInitialInterval(t *testing.T) {
	for yaml, want := range map[string]time.Duration{"": time.Second, "initial_interval: 7s, ": 7 * time.Second} {
		t.Run(yaml, func(t *testing.T) {
			assert.Equal(t, want, refused(t, yaml+"randomization_factor: 0").pause())
		})
	}
}

func testRandomizationFactor(t *testing.T) {
	for yaml, exact := range map[string]bool{"": false, ", randomization_factor: 0": true} {
		t.Run(yaml, func(t *testing.T) {
			pause := refused(t, "initial_interval: 1000h, max_interval: 1000h"+yaml).pause()
			assert.Equal(t, exact, pause == 1000*time.Hour)
			assert.InDelta(t, 1000, pause.Hours(), 500)
		})
	}
}

func testMultiplier(t *testing.T) {
	growing := "initial_interval: 1ms, max_interval: 1000h, randomization_factor: 0, multiplier: "
	l := refused(t, growing+"1")
	l.eventually("ten tries", func() bool { return l.sink.tried() > 10 })
	t.Run("grows", func(t *testing.T) {
		l := refused(t, growing+"1000000000")
		l.never("a third try", func() bool { return l.sink.tried() > 2 })
	})
}

func testMaxInterval(t *testing.T) {
	growing := "initial_interval: 1ms, multiplier: 1000000000, randomization_factor: 0, max_interval: "
	l := refused(t, growing+"2ms")
	l.eventually("ten tries", func() bool { return l.sink.tried() > 10 })
	t.Run("longer", func(t *testing.T) {
		l := refused(t, growing+"1000h")
		l.never("a third try", func() bool { return l.sink.tried() > 2 })
	})
}

// Past max_elapsed_time the stream goes on, by default never.
func testMaxElapsedTime(t *testing.T) {
	for yaml, goesOn := range map[string]bool{"": false, ", max_elapsed_time: 50ms": true} {
		t.Run(yaml, func(t *testing.T) {
			l := refused(t, "initial_interval: 1ms, max_interval: 10ms"+yaml)
			l.sink.obey(func(bodies []string) error {
				if slices.Contains(bodies, "one") {
					return errors.New("down")
				}
				return nil
			})
			l.happen("two", 0)
			if goesOn {
				l.delivered("two")
			} else {
				l.never("delivered", func() bool { return l.sink.count("two") > 0 })
			}
		})
	}
}

func testStartAt(t *testing.T) {
	for yaml, old := range map[string]int{"": 0, "events: {start_at: end}": 0, "events: {start_at: beginning}": 1} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.happen("old", time.Hour)
			l.streaming(yaml)
			l.happen("new", 0)
			l.delivered("new")
			assert.Equal(t, old, l.sink.count("old"))
		})
	}
}

func testLookback(t *testing.T) {
	for yaml, recent := range map[string]int{"": 0, "events: {lookback: 1h}": 1} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.happen("old", 2*time.Hour)
			l.happen("recent", 30*time.Minute)
			l.streaming(yaml)
			l.happen("new", 0)
			l.delivered("new")
			assert.Zero(t, l.sink.count("old"))
			assert.Equal(t, recent, l.sink.count("recent"))
		})
	}
}

// Another name starts over.
func testPosition(t *testing.T) {
	l := newLab(t, simulator.Settings{})
	l.happen("old", time.Minute)
	for i, run := range []struct {
		position string
		times    int // that the old event was delivered
	}{{"", 1}, {"", 1}, {", position: replay", 2}, {", position: replay", 2}} {
		stop := l.start("storage: disk\nevents: {start_at: beginning" + run.position + "}")
		now := fmt.Sprint("run ", i)
		l.happen(now, 0)
		l.delivered(now)
		stop()
		assert.Equal(t, run.times, l.sink.count("old"), now)
	}
}

// The overlap is read again every half of it.
func testOverlap(t *testing.T) {
	passes := func(l *lab) func() bool {
		return func() bool { return l.calls("CreateCollectorForEvents") > 3 }
	}
	l := newLab(t, simulator.Settings{})
	l.streaming("events: {overlap: 1s, poll_interval: 50ms}")
	l.eventually("passes", passes(l))
	t.Run("longer", func(t *testing.T) {
		l := newLab(t, simulator.Settings{})
		l.streaming("events: {poll_interval: 50ms}")
		l.never("passes", passes(l))
	})
}

// Without its doorbell the receiver finds events by the poll. By the default, of 10 s, so many reads would take minutes.
func testPollInterval(t *testing.T) {
	t.Run("shorter", func(t *testing.T) {
		l := newLab(t, simulator.Settings{})
		l.sim.SetDoorbell(false)
		l.streaming("events: {poll_interval: 50ms}")
		reads := l.calls("ReadNextEvents")
		l.eventually("polls", func() bool { return l.calls("ReadNextEvents") > reads+20 })
		l.happen("now", 0)
		l.delivered("now")
	})
	t.Run("longer", func(t *testing.T) {
		l := newLab(t, simulator.Settings{})
		l.sim.SetDoorbell(false)
		l.streaming("events: {poll_interval: 1h}")
		l.used()
		l.happen("now", 0)
		l.never("delivered", func() bool { return l.sink.count("now") > 0 })
	})
}

// used waits until the ring of the doorbell's first update is used up: the next long poll is on its way, and nothing more is read.
func (l *lab) used() {
	l.t.Helper()
	l.eventually("the first update", func() bool { return l.calls("WaitForUpdatesEx") > 1 })
	reads, since := l.calls("ReadNextEvents"), time.Now()
	l.eventually("a rest", func() bool {
		if n := l.calls("ReadNextEvents"); n != reads {
			reads, since = n, time.Now()
		}
		return time.Since(since) > 200*time.Millisecond
	})
}

func testMaxAge(t *testing.T) {
	for yaml, old := range map[string]int{"": 1, ", max_age: 1h": 0} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			l.happen("old", 2*time.Hour)
			l.happen("recent", 30*time.Minute)
			l.start("events: {start_at: beginning" + yaml + "}")
			l.delivered("recent")
			assert.Equal(t, old, l.sink.count("old"))
		})
	}
}

const (
	on      = "on by alice"
	off     = "off by bob"
	problem = "a problem"
)

// filters is a test in which a filter leaves only some of the events. Each happens twice: what is left out the first time is
// before what is wanted the second time.
func filters(yaml string, wanted ...string) func(*testing.T) {
	return func(t *testing.T) {
		l := newLab(t, simulator.Settings{})
		vm := l.sim.Inventory()[1].VM
		for range 2 {
			l.happen(on, 0)
			l.sim.Append(
				&types.VmPoweredOffEvent{VmEvent: types.VmEvent{Event: types.Event{UserName: "bob", Vm: &vm, FullFormattedMessage: off}}},
				&types.EventEx{EventTypeId: "esx.problem.x", Severity: "error", Event: types.Event{UserName: "root", FullFormattedMessage: problem}},
			)
		}
		l.start("events: {start_at: beginning, filter: {" + yaml + "}}")
		for _, event := range wanted {
			l.eventually(event, func() bool { return l.sink.count(event) == 2 })
		}
		for _, event := range []string{on, off, problem} {
			if !slices.Contains(wanted, event) {
				assert.Zero(t, l.sink.count(event), event)
			}
		}
	}
}

// An event says where its object is, by default; whether the inventory is read for its changes does not matter.
func testEnrich(t *testing.T) {
	const path = "/DC0/vm/DC0_C0_RP0_VM0"
	tests := map[string]struct {
		yaml string
		read bool // the inventory
		want string
	}{
		"by default":         {"", true, path},
		"off":                {"events: {enrich: false}", true, ""},
		"without changes":    {"inventory: {changes: false}", true, path},
		"off, and no change": {"events: {enrich: false}\ninventory: {changes: false}", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, simulator.Settings{})
			delete(l.base, "inventory")
			l.streaming(test.yaml)
			if test.read {
				l.eventually("the inventory", func() bool { return l.logged("the inventory was read") > 0 })
			}
			l.happen("now", 0)
			l.delivered("now")
			assert.Equal(t, test.want, l.sink.said("now", "vcenter.object.path"))
			assert.Equal(t, test.read, l.logged("the inventory was read") > 0)
		})
	}
}

// Changes are delivered by default, in a stream of their own.
func testChanges(t *testing.T) {
	for yaml, want := range map[string]bool{"": true, "inventory: {changes: false}": false} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{Inventory: property.Settings{VMs: 20}})
			delete(l.base, "inventory")
			l.streaming(yaml)
			l.eventually("the inventory", func() bool { return l.logged("the inventory was read") > 0 })
			if want {
				l.eventually("that it was read", func() bool { return l.sink.holding("read for the first time") == 1 })
				assert.Equal(t, "vcenter.inventory", l.sink.resource("service.name"))
			}
			renamed := l.rename()
			if want {
				l.eventually("the change", func() bool { return l.sink.holding(renamed) == 1 })
			} else {
				l.never("a change", func() bool { return l.sink.holding(renamed) > 0 })
			}
		})
	}
}

func testExcludeProperties(t *testing.T) {
	for yaml, want := range map[string]int{"": 1, `exclude_properties: ["VirtualMachine:na*"]`: 0} {
		t.Run(yaml, func(t *testing.T) {
			l := newLab(t, simulator.Settings{Inventory: property.Settings{VMs: 20}})
			l.streaming("inventory: {changes: true, " + yaml + "}")
			l.eventually("that it was read", func() bool { return l.sink.holding("read for the first time") == 1 })
			renamed := l.rename()
			_, err := l.sim.Large().Play("attribute", 1)
			require.NoError(t, err)
			l.eventually("another change", func() bool { return l.sink.holding("customValue[") > 0 })
			assert.Equal(t, want, l.sink.holding(renamed))
		})
	}
}

// rename gives a machine another name, and returns what is told of that.
func (l *lab) rename() string {
	l.t.Helper()
	refs, err := l.sim.Large().Play("rename", 1)
	require.NoError(l.t, err)
	return " → " + l.sim.Large().Get(refs[0]).(*mo.VirtualMachine).Name
}
