package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/metadata"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/control"
)

// changeSoak is a collector whose vCenter's inventory changes all the time.
type changeSoak struct {
	*collector
	random *rand.Rand
	vc     *vcenter
	back   *backEnd
	meters *chronicle
	killed map[int]bool // lives

	missed, reached time.Time // between these, it had to be known that vCenter does not answer
}

// The settings of the receiver, by which it soon knows that vCenter does not answer.
const (
	changeWait     = 2 * time.Second
	changeTimeout  = 4 * time.Second
	changeInterval = time.Second

	// changeNotice is when it knows: the last poll is answered as late as it may be, and the next one given up as late as it may be. By then
	// more than three intervals have passed since that answer.
	changeNotice = changeWait + changeWait + changeTimeout + time.Second
)

// changeSettings are these settings, with every metric switched on.
func changeSettings() string {
	var yaml strings.Builder
	fmt.Fprintf(&yaml, `
    wait: %s
    api_timeout: %s
    initial_delay: 0s
    collection_interval: %s
    timeout: 3s
    metrics:`, changeWait, changeTimeout, changeInterval)
	metrics := reflect.TypeFor[metadata.MetricsConfig]()
	for i := range metrics.NumField() {
		fmt.Fprintf(&yaml, "\n      %s: {enabled: true}", metrics.Field(i).Tag.Get("mapstructure"))
	}
	return yaml.String()
}

// TestSoakOfChanges lets an inventory change at random, plays random accidents for a quarter of the time of a soak, and then a vCenter that
// hangs, and judges what was told of the changes, what it has led to, and the metrics.
func TestSoakOfChanges(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(rand.Uint32())
	}
	t.Logf("soak of changes: SEED=%d", seed)
	s := &changeSoak{random: rand.New(rand.NewPCG(seed, 1)), back: newBackEnd(newSink(t)), meters: newChronicle(t), killed: map[int]bool{}}
	s.vc = simulate(t, "insertion", "-large", "-vms", "300", "-seed", fmt.Sprint(seed), "-faults", "-idle-timeout", soakIdle.String())
	before := s.vc.world(t)
	s.collector = install(t, s.vc.endpoint, s.back.url()).metered(t)
	s.Meter, s.Receiver = s.meters.server.URL, changeSettings()
	s.follow(t, s.vc, s.back.sink)

	s.vc.call(t, http.MethodPost, "/changes?rate=50", nil)
	s.vc.call(t, http.MethodPost, fmt.Sprintf("/accidents?seed=%d&late=%s&without=instance", seed, soakLate), nil)
	for end := time.Now().Add(*soakDuration / 4); time.Now().Before(end); {
		s.step(t)
	}
	s.back.trouble(func(b *troubles) { *b = troubles{} })
	s.meters.trouble(0, 0)
	s.vc.mend(t)
	s.hang(t)
	s.vc.call(t, http.MethodPost, "/changes?rate=0", nil)
	s.judge(t, before)
}

// step plays one accident of the collector or the back end, or a lot of changes.
func (s *changeSoak) step(t *testing.T) {
	t.Helper()
	switch n := 1 + s.random.IntN(100); s.random.IntN(12) {
	case 0:
		s.end(t, true)
		s.begin(t)
	case 1:
		s.back.killAt(s.process, 1+n%5)
		select {
		case <-s.done:
		case <-time.After(3 * time.Second): // vCenter may be down
		}
		s.back.killAt(nil, 0)
		s.end(t, true)
		s.begin(t)
	case 2:
		s.end(t, false)
		s.begin(t)
	case 3:
		s.back.trouble(func(b *troubles) { b.status = http.StatusServiceUnavailable })
		s.pause()
		s.back.trouble(func(b *troubles) { b.status = 0 })
	case 4:
		s.back.trouble(func(b *troubles) { b.unheard = 1 + n%3 })
	case 5:
		s.back.trouble(func(b *troubles) { b.pause = time.Duration(n) * time.Millisecond })
	case 6:
		s.vc.play(t, "clone", n)
		s.vc.play(t, "delete", n)
	case 7:
		s.meters.trouble(n%3, n%2)
	default:
		s.vc.play(t, "storm", n)
	}
	s.pause()
}

func (s *changeSoak) pause() { time.Sleep(time.Duration(s.random.IntN(1000)) * time.Millisecond) }

// end ends a life of the collector.
func (s *changeSoak) end(t *testing.T, kill bool) {
	t.Helper()
	s.killed[s.Life] = s.finish(t, kill)
}

// begin begins the next one, a while and some changes later.
func (s *changeSoak) begin(t *testing.T) {
	t.Helper()
	s.vc.play(t, "storm", 1+s.random.IntN(50))
	s.pause()
	s.start(t)
}

// hang has vCenter answer nothing, until that must have been told twice.
func (s *changeSoak) hang(t *testing.T) {
	t.Helper()
	soon(func() error { return s.reaches(t) })
	s.vc.fail(t, control.Fault{Fault: "black-hole"})
	s.missed = time.Now().Add(changeNotice)
	eventually(t, "two collections of a vCenter that hangs", func() bool {
		sent := s.meters.sent(t)
		return len(sent) > 1 && sent[len(sent)-2].at.AsTime().After(s.missed)
	})
	s.reached = time.Now()
	s.vc.call(t, http.MethodDelete, "/faults", nil)
}

// reaches holds when this life has told that vCenter can be reached.
func (s *changeSoak) reaches(t *testing.T) error {
	t.Helper()
	last := s.meters.latest(t)
	if up, _ := last.up(); last.life != s.Life || up != 1 {
		return fmt.Errorf("%v: vCenter is not reached in life %d", last, s.Life)
	}
	return nil
}

// soon waits until something holds, as long as a soak does. Whether it does is judged later.
func soon(holds func() error) {
	for deadline := time.Now().Add(soakPatience); holds() != nil && time.Now().Before(deadline); {
		time.Sleep(500 * time.Millisecond)
	}
}

// judge waits until what was told is what is. The last word of the collector changes nothing about it.
func (s *changeSoak) judge(t *testing.T, before world) {
	t.Helper()
	to, entities := s.vc.world(t), s.vc.entities(t)
	holds := func() error {
		r := s.back.all(t)
		return errors.Join(stepByStep(r, s.unsettled(r), before, to), s.told(t, entities))
	}
	soon(holds)
	s.end(t, false)
	assert.NoError(t, holds())
	r, sent := s.back.all(t), s.meters.sent(t)
	assert.NoError(t, identified(sent))
	assert.NoError(t, rising(sent))
	assert.NoError(t, ended(sent))
	assert.NoError(t, silent(sent, s.missed, s.reached))
	t.Logf("soak of changes: %d changes, %d requests, %d lives, %d virtual machines, %d collections",
		len(r.told()), len(r), s.Life, len(to), len(sent))
}

// told holds that the last collection tells what is.
func (s *changeSoak) told(t *testing.T, is []entity) error {
	t.Helper()
	if err := s.reaches(t); err != nil {
		return err
	}
	return errors.Join(present(s.meters.latest(t), s.vc.uuid, is), lapsed(s.meters.sent(t)))
}

// unsettled are the places of the requests of which the collector could not know that they were accepted: whose answers were lost, and
// the last ones before a kill.
func (s *changeSoak) unsettled(r run) map[int]bool {
	s.back.mu.Lock()
	defer s.back.mu.Unlock()
	open := map[int]bool{}
	for i := range s.back.lost {
		open[i] = true
	}
	last := map[int]int{}
	for i, d := range r {
		if d.accepted() && d.ofChanges() {
			last[d.life] = i
		}
	}
	for life, i := range last {
		if s.killed[life] {
			open[i] = true
		}
	}
	return open
}
