package accident_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/event"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/fault"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/journal"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/traffic"
)

// scene is a vCenter behind a proxy, a stage for both, and a client.
type scene struct {
	sim     *simulator.Simulator
	traffic *traffic.Producer
	proxy   *fault.Proxy
	stage   *accident.Stage
	client  *vim25.Client
}

func newScene(t *testing.T) *scene {
	t.Helper()
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	certificate, err := fault.SelfSigned()
	require.NoError(t, err)
	proxy, err := fault.New(sim.URL(), fault.Options{Certificate: &certificate})
	require.NoError(t, err)
	t.Cleanup(proxy.Close)
	s := &scene{sim: sim, traffic: sim.Traffic(1), proxy: proxy}
	s.stage = accident.NewStage(sim, s.traffic, proxy)
	t.Cleanup(s.stage.Close)
	sc := soap.NewClient(proxy.URL(), true)
	t.Cleanup(sc.CloseIdleConnections)
	s.client, err = vim25.NewClient(ctx(t), sc)
	require.NoError(t, err)
	s.login(t)
	return s
}

func (s *scene) login(t *testing.T) {
	t.Helper()
	require.NoError(t, session.NewManager(s.client).Login(ctx(t), url.UserPassword("user", "pass")))
}

// reads tells whether an event can be read in a while, from login to the last byte.
func (s *scene) reads(t *testing.T) error {
	t.Helper()
	return s.readsWithin(t, 300*time.Millisecond)
}

func (s *scene) readsWithin(t *testing.T, d time.Duration) error {
	t.Helper()
	brief, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	sc := soap.NewClient(s.proxy.URL(), true)
	defer sc.CloseIdleConnections()
	c, err := vim25.NewClient(brief, sc)
	if err != nil {
		return err
	}
	if err := session.NewManager(c).Login(brief, url.UserPassword("user", "pass")); err != nil {
		return err
	}
	hc, err := event.NewManager(c).CreateCollectorForEvents(brief, types.EventFilterSpec{})
	if err != nil {
		return err
	}
	page, err := hc.ReadNextEvents(brief, 1)
	if err == nil && len(page) == 0 {
		err = fmt.Errorf("the history is empty")
	}
	return err
}

// mended waits until events can be read.
func (s *scene) mended(t *testing.T, after any) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		require.NoError(c, s.readsWithin(t, 10*time.Second))
	}, time.Minute, 10*time.Millisecond, after)
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// during plays an accident and does something in the middle of it.
func (s *scene) during(t *testing.T, a accident.Accident, do func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx(t))
	done := make(chan error, 1)
	a.For = accident.Duration(time.Minute)
	go func() { done <- s.stage.Play(ctx, a) }()
	do()
	cancel()
	require.NoError(t, <-done)
}

func TestTheSameSeedHasTheSameAccidents(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64, o accident.Options) (all []accident.Accident) {
		plan, err := accident.Plan(seed, o)
		require.NoError(t, err)
		for a := range plan {
			if all = append(all, a); len(all) == 500 {
				break
			}
		}
		return all
	}
	first := draw(7, accident.Options{})
	assert.Equal(t, first, draw(7, accident.Options{}))
	assert.NotEqual(t, first, draw(8, accident.Options{}))

	longest, drawn := time.Duration(0), map[string]int{}
	for _, a := range first {
		longest = max(longest, time.Duration(a.For))
		drawn[a.Kind]++
	}
	assert.LessOrEqual(t, longest, 5*time.Second)
	once := 0
	for _, k := range accident.Kinds() {
		if k.Once {
			once += drawn[k.Name]
			continue
		}
		assert.Equal(t, k.Weight > 0, drawn[k.Name] > 0, k.Name)
	}
	assert.Equal(t, 1, once, "keys begin anew once")
	for _, a := range draw(7, accident.Options{Only: []string{"keys-restart"}}) {
		assert.Equal(t, "keys-restart", a.Kind, "there is nothing else")
	}
	lost, taken, refused := map[string]bool{}, 0, 0
	for _, a := range draw(7, accident.Options{Only: []string{"lose", "future"}}) {
		switch {
		case a.Kind == "lose":
			lost[a.Method] = true
		case a.By < accident.Duration(10*time.Minute):
			taken++
		default:
			refused++
		}
	}
	assert.Subset(t, slices.Collect(maps.Keys(lost)), []string{
		"ReadNextEvents", "Login", "CreateCollectorForEvents", "DestroyCollector", "SetCollectorPageSize", "QueryEvents", "CurrentTime",
	})
	assert.InDelta(t, taken, refused, 80, "Loki takes what is less than ten minutes ahead")
	for _, a := range draw(7, accident.Options{Only: []string{"password", "clock"}, Without: []string{"clock"}}) {
		assert.Equal(t, "password", a.Kind)
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	t.Parallel()
	for _, o := range []accident.Options{{Only: []string{"typo"}}, {Without: []string{"typo"}}, {Only: []string{"cut"}, Without: []string{"cut"}}} {
		_, err := accident.Plan(1, o)
		require.Error(t, err)
	}
	sim, err := simulator.New(simulator.Settings{})
	require.NoError(t, err)
	defer sim.Close()
	stage := accident.NewStage(sim, sim.Traffic(1), nil)
	_, err = accident.New(1, stage, accident.Options{Only: []string{"cut", "certificate"}})
	require.Error(t, err, "there is no network to play with")
	require.Error(t, stage.Play(ctx(t), accident.Accident{Kind: "cut"}))
	require.Error(t, stage.Play(ctx(t), accident.Accident{Kind: "typo"}))
	stage.Close()
	require.Error(t, stage.Play(ctx(t), accident.Accident{Kind: "burst", N: 1}))
}

// TestEveryKindIsMended plays each kind once, briefly, and wants a vCenter that can be read as before.
func TestEveryKindIsMended(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, k := range accident.Kinds() {
		source, err := accident.New(3, s.stage, accident.Options{
			Only: []string{k.Name}, Pace: time.Millisecond, Longest: 20 * time.Millisecond,
		})
		require.NoError(t, err)
		played, err := source.Next(ctx(t))
		require.NoError(t, err)
		assert.Empty(t, played.Error, played)
		assert.Equal(t, []accident.Played{played}, source.Played())
		if k.Name == "stuck" || k.Name == "malformed" {
			s.sim.Journal().PruneOldest(s.sim.Journal().Len()) // what it leaves behind is meant to be in the way
			s.traffic.Burst(1)
		}
		s.mended(t, played)
	}
	assert.Zero(t, s.sim.ClockOffset())
	assert.Equal(t, 32, s.sim.MaxCollectors())
	assert.Equal(t, 20*time.Millisecond, s.sim.Coalesce())
}

func TestAccidentsOfEvents(t *testing.T) {
	t.Parallel()
	for kind, check := range map[string]func(*testing.T, []*journal.Entry, time.Time){
		"burst": func(t *testing.T, es []*journal.Entry, _ time.Time) { assert.Len(t, es, 40) },
		"late": func(t *testing.T, es []*journal.Entry, now time.Time) {
			assert.WithinDuration(t, now.Add(-time.Minute), es[39].Created(), 30*time.Second)
		},
		"future": func(t *testing.T, es []*journal.Entry, now time.Time) {
			assert.WithinDuration(t, now.Add(time.Minute), es[39].Created(), 30*time.Second)
		},
		"equal": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.Equal(t, es[0].Created(), es[39].Created())
		},
		"hidden": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.Len(t, es, 40)
			assert.True(t, es[0].Hidden() && es[39].Hidden())
		},
		"compressed": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.Len(t, es, 33)
			assert.Equal(t, int32(11), es[30].Key()-es[29].Key(), "ten were not stored")
			assert.Equal(t, "com.vmware.vc.EventBurstCompressedEvent", es[31].TypeID())
		},
		"unknown": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.NotEqual(t, es[0].Key(), es[1].Key())
			assert.Contains(t, string(es[0].XML()), "<createdTime>")
			assert.Contains(t, string(es[0].XML()), "<warp>")
		},
		"keyless": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.NotContains(t, string(es[0].XML()), "<key>")
			assert.NotEqual(t, es[0].XML(), es[1].XML())
		},
		"malformed": func(t *testing.T, es []*journal.Entry, _ time.Time) {
			assert.True(t, es[0].Event.(*journal.Raw).Malformed)
		},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newScene(t)
			before := s.sim.Journal().Len()
			require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: kind, N: 40, By: accident.Duration(time.Minute)}))
			check(t, s.sim.Journal().Entries()[before:], s.sim.Now())
		})
	}
}

func TestAccidentsOfKeysComeInASilence(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string][]int32{
		"keys-restart":  {1, 2},
		"keys-reused":   {91, 92},
		"keys-overflow": {math.MaxInt32 - 1, math.MaxInt32},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.sim.Journal().SetNextKey(100)
			s.traffic.Burst(1)
			n := 1
			if kind == "keys-reused" {
				n = 10
			}
			s.traffic.SetRate(7)
			require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: kind, N: n}))
			assert.InDelta(t, 7, s.traffic.Rate(), 0, "the traffic goes on")
			last := s.sim.Journal().Last()
			s.traffic.Burst(2)
			all := s.sim.Journal().Entries()
			assert.Equal(t, want, []int32{all[len(all)-2].Key(), all[len(all)-1].Key()})
			assert.Greater(t, all[len(all)-2].Created().Sub(last.Created()), time.Second)
		})
	}
}

func TestAccidentsOfReading(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.traffic.Burst(3)
	next := func() []*journal.Entry { return s.sim.Journal().Cursor(types.EventFilterSpec{}).Next(5) }

	s.during(t, accident.Accident{Kind: "stall-all"}, func() {
		require.Eventually(t, func() bool { return len(next()) == 0 }, time.Minute, time.Millisecond)
	})
	assert.NotEmpty(t, next())
	old := s.sim.Journal().Cursor(types.EventFilterSpec{})
	require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: "stall"}))
	assert.Empty(t, old.Next(5))
	assert.NotEmpty(t, next())

	s.during(t, accident.Accident{Kind: "collectors"}, func() {
		require.Eventually(t, func() bool { return s.reads(t) != nil }, time.Minute, time.Millisecond)
	})
	s.mended(t, "collectors")

	stuck := s.sim.Journal().Cursor(types.EventFilterSpec{})
	stuck.Reset()
	before := s.sim.Journal().Len()
	s.during(t, accident.Accident{Kind: "stuck", N: 1000}, func() {
		require.Eventually(t, func() bool { return s.sim.Journal().Len() == before+1000 }, time.Minute, time.Millisecond)
		s.traffic.Burst(1)
		assert.Empty(t, stuck.Next(1000))
		assert.Empty(t, stuck.Next(1000))
	})
	assert.Empty(t, stuck.Next(1000), "now it passes")
	assert.Len(t, stuck.Next(1000), 1)
}

func TestAccidentsOfSessions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: "killed"}))
	assert.Empty(t, s.sim.Sessions())

	s.login(t)
	s.during(t, accident.Accident{Kind: "killed-during", Method: "QueryEvents"}, func() {
		require.Eventually(t, func() bool {
			_, err := event.NewManager(s.client).QueryEvents(ctx(t), types.EventFilterSpec{})
			return err != nil
		}, time.Minute, time.Millisecond)
	})
	assert.Empty(t, s.sim.Sessions())

	s.login(t)
	s.during(t, accident.Accident{Kind: "idle", By: accident.Duration(time.Millisecond)}, func() {
		require.Eventually(t, func() bool { return len(s.sim.Sessions()) == 0 }, time.Minute, 5*time.Millisecond)
	})

	uuid := s.sim.InstanceUUID()
	s.login(t)
	s.during(t, accident.Accident{Kind: "instance"}, func() {
		require.Eventually(t, func() bool { return s.sim.InstanceUUID() != uuid && len(s.sim.Sessions()) == 0 }, time.Minute, time.Millisecond)
	})
	assert.Equal(t, uuid, s.sim.InstanceUUID())
	assert.Len(t, s.sim.Recording().Instances, 3)

	s.during(t, accident.Accident{Kind: "clock", By: accident.Duration(-time.Hour)}, func() {
		require.Eventually(t, func() bool { return s.sim.ClockOffset() == -time.Hour }, time.Minute, time.Millisecond)
	})
	for _, kind := range []string{"password", "restart"} {
		s.during(t, accident.Accident{Kind: kind}, func() {
			require.Eventually(t, func() bool { return s.reads(t) != nil }, time.Minute, time.Millisecond, kind)
		})
		s.mended(t, kind)
	}
}

func TestAccidentsOfTheNetwork(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, kind := range []string{"refusing", "silent", "cut", "black-hole", "status"} {
		a := accident.Accident{Kind: kind, N: 503}
		s.during(t, a, func() {
			require.Eventually(t, func() bool { return s.reads(t) != nil }, time.Minute, time.Millisecond, kind)
		})
		s.mended(t, kind)
	}
	first := s.proxy.Certificate()
	s.during(t, accident.Accident{Kind: "certificate"}, func() {
		require.Eventually(t, func() bool { return s.proxy.Certificate() != first }, time.Minute, time.Millisecond)
	})
	assert.Equal(t, first.Certificate, s.proxy.Certificate().Certificate)
}

func TestASourceEndsWithItsContextAndMends(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	source, err := accident.New(1, s.stage, accident.Options{Only: []string{"refusing"}, Pace: time.Millisecond, Longest: time.Hour})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(ctx(t))
	done := make(chan struct{})
	go func() {
		defer close(done)
		source.Play(ctx, 0)
	}()
	require.Eventually(t, func() bool { return s.reads(t) != nil }, time.Minute, 5*time.Millisecond)
	cancel()
	<-done
	s.mended(t, "refusing")
	assert.Len(t, source.Played(), 1)
	assert.Equal(t, uint64(1), source.Seed())
}

func TestASeedIsPlayedUnderReadersAndTraffic(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := newScene(t)
	source, err := accident.New(seed, s.stage, accident.Options{
		Without: []string{"keys-restart", "keys-reused", "keys-overflow"}, Pace: 5 * time.Millisecond, Longest: 50 * time.Millisecond,
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(ctx(t), 4*time.Second)
	defer cancel()
	var running sync.WaitGroup
	s.traffic.SetRate(200)
	running.Go(func() { s.traffic.Run(ctx) })
	for range 3 {
		running.Go(func() {
			for ctx.Err() == nil {
				_ = s.reads(t) // whatever comes of it
			}
		})
	}
	source.Play(ctx, 0)
	running.Wait()
	for _, p := range source.Played() {
		assert.Empty(t, p.Error, "%d: %s", p.Number, p)
	}
	assert.Greater(t, len(source.Played()), 10)
	s.sim.Journal().PruneOldest(s.sim.Journal().Len())
	s.traffic.Burst(1)
	s.mended(t, source.Played())
}

func TestAccidentsAreToldAndReadInJSON(t *testing.T) {
	t.Parallel()
	a := accident.Accident{Kind: "hold-at", For: accident.Duration(2 * time.Second), By: accident.Duration(time.Millisecond), N: 7, Method: "Login"}
	assert.Equal(t, "hold-at for 2s by 1ms n 7 of Login", a.String())
	text, err := json.Marshal(a)
	require.NoError(t, err)
	assert.JSONEq(t, `{"kind":"hold-at","for":"2s","by":"1ms","n":7,"method":"Login"}`, string(text))
	var back accident.Accident
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, a, back)
	require.Error(t, json.Unmarshal([]byte(`{"for":"soon"}`), &back))
	names := []string{}
	for _, k := range accident.Kinds() {
		names = append(names, k.Name)
		assert.Equal(t, strings.ToLower(k.Name), k.Name)
		assert.NotEmpty(t, k.About)
	}
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(names))), len(names))
}

func TestNothingIsDatedBeforeItsKeyWasUsedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.traffic.Burst(5)
	begun := s.sim.Now()
	require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: "keys-restart"}))
	require.NoError(t, s.stage.Play(ctx(t), accident.Accident{Kind: "late", N: 1, By: accident.Duration(time.Hour)}))
	assert.True(t, s.sim.Journal().Last().Created().After(begun.Add(time.Second)))
	s.during(t, accident.Accident{Kind: "clock", By: accident.Duration(-time.Hour)}, func() {
		require.Eventually(t, func() bool { return s.sim.ClockOffset() != 0 }, time.Minute, time.Millisecond)
		assert.True(t, s.sim.Now().After(begun.Add(time.Second)))
	})
}
