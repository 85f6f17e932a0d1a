package e2e

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

const (
	// soakOverlap is short, so that a soak has many passes, and what is late comes soon.
	soakOverlap = 10 * time.Second

	// soakIdle is when vCenter ends the session that a killed collector has left.
	soakIdle = 15 * time.Second

	// soakPatience is how long it may take to drain. An accident has at most two logins in a row go unheard; where the next one begins
	// right after it, three: the receiver waits for a minute and a half then, and for its next try.
	soakPatience = 4 * time.Minute
)

// soakTimeout is the receiver's api_timeout.
const soakTimeout = 5 * time.Second

// soakSettings are those of the receiver. As they are, it reads the inventory, too.
const soakSettings = `
    wait: 5s
    api_timeout: 5s
    events:
      start_at: beginning
      overlap: 10s
      poll_interval: 2s`

// withoutInventory goes on with soakSettings.
const withoutInventory = `
      enrich: false
    inventory:
      changes: false`

// rotated is what the account's password is changed to.
const rotated = password + "-rotated"

// soak is a collector between a vCenter and a back end, and all that is recorded of them.
type soak struct {
	*plan
	vc        *vcenter
	backEnd   *backEnd
	collector *collector
	watching  sync.WaitGroup
	unwatch   context.CancelFunc
	struck    int // kills of a life that had made an event collector, or delivered something

	mu  sync.Mutex // guards the field below, and the file of the password
	run robustness.Run
	log strings.Builder // of all lives of the collector
}

func newSoak(t *testing.T, p *plan) *soak {
	t.Helper()
	s := &soak{plan: p, backEnd: newBackEnd(newSink(t))}
	s.vc = s.simulate(t)
	s.collector = install(t, s.vc.endpoint, s.backEnd.url())
	s.collector.Receiver = soakSettings
	if !p.context {
		s.collector.Receiver += withoutInventory
	}
	s.collector.PasswordFile = filepath.Join(t.TempDir(), "password")
	s.tellPassword(t, password)
	s.run.Settings = robustness.Settings{
		Test: t.Name(), Seed: p.seed, Order: robustness.Order(p.order),
		Overlap: soakOverlap, Limit: batchLimit, Idle: soakIdle, Timeout: soakTimeout,
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.unwatch = cancel
	s.watching.Go(func() {
		s.vc.watch(ctx, func(c robustness.Census) {
			s.record(func(r *robustness.Run) { r.Censuses = count(r.Censuses, c) })
		})
	})
	t.Cleanup(func() { cancel(); s.watching.Wait() })
	return s
}

// tellPassword hands the collector a password, without a moment in which there is none.
func (s *soak) tellPassword(t *testing.T, is string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.collector.PasswordFile + ".next"
	assert.NoError(t, os.WriteFile(next, []byte(is), 0o600))
	assert.NoError(t, os.Rename(next, s.collector.PasswordFile))
}

// begin begins a life of the collector after a pause.
func (s *soak) begin(t *testing.T, pause pause) {
	t.Helper()
	if pause.late > 0 {
		s.vc.late(t, pause.late, pause.by)
	}
	time.Sleep(pause.lasts)
	s.record(func(r *robustness.Run) {
		r.Lives = append(r.Lives, robustness.Life{Life: s.collector.Life + 1, Begin: time.Now()})
	})
	s.collector.start(t)
	s.collector.quiet = true
}

// end ends it.
func (s *soak) end(t *testing.T, killed bool) {
	t.Helper()
	asked := time.Now()
	killed = s.collector.finish(t, killed)
	if killed && s.hasWorked(t) {
		s.struck++
	}
	s.record(func(r *robustness.Run) {
		l := &r.Lives[len(r.Lives)-1]
		l.Asked, l.End, l.Killed = asked, time.Now(), killed
	})
	s.log.WriteString(s.collector.output(t))
}

// hasWorked says that the present life of the collector has delivered something, or has a session with an event collector, which a
// kill leaves behind.
func (s *soak) hasWorked(t *testing.T) bool {
	t.Helper()
	if s.backEnd.hasDelivered(s.collector.Life) {
		return true
	}
	sessions, err := s.vc.sessions(t.Context())
	return err == nil && slices.ContainsFunc(sessions, func(one robustness.Session) bool {
		return one.Since.After(s.collector.begun) && one.Collectors > 0
	})
}

// awaitWork waits until it has, but not for long: vCenter may be down.
func (s *soak) awaitWork(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Second); !s.hasWorked(t) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
}

// record changes the record.
func (s *soak) record(change func(*robustness.Run)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.run)
}

// play does what is planned.
func (s *soak) play(t *testing.T) {
	t.Helper()
	s.begin(t, pause{})
	s.playAccidents(t)
	began := time.Now()
	for n := 0; s.kills == 0 || s.struck < s.kills; n++ {
		require.True(t, s.kills == 0 || s.collector.Life < 100+5*s.kills, "of %d lives only %d have begun to work", s.collector.Life, s.struck)
		step, more := s.next(n)
		if !more {
			break
		}
		if late := time.Since(began.Add(step.at)); s.kills > 0 && late > 0 {
			began = began.Add(late) // or lives would be too short for anything to be killed
		}
		time.Sleep(time.Until(began.Add(step.at)))
		s.record(func(r *robustness.Run) {
			r.Accidents = append(r.Accidents, robustness.Accident{At: time.Now(), What: step.what})
		})
		step.do(t, s)
	}
	if s.kills == 0 {
		time.Sleep(time.Until(began.Add(s.duration)))
	}
}

// calm mends everything, and waits until everything has arrived.
func (s *soak) calm(t *testing.T) {
	t.Helper()
	s.backEnd.trouble(func(b *troubles) { *b = troubles{} })
	s.vc.call(t, http.MethodPost, "/password?is="+rotated, nil)
	s.tellPassword(t, rotated)
	accidents := s.vc.mend(t)
	s.record(func(r *robustness.Run) { r.Accidents = append(r.Accidents, accidents...) })
	s.vc.rate(t, 0)
	// What comes later is not waited for, the end of the collector among it. Before the recording is asked for: that of a long run
	// takes seconds, in which a session of a killed collector ends, and its event is not in it.
	s.record(func(r *robustness.Run) { r.Settings.Until = time.Now() })
	wanted := eventsOfRecording(t, s.vc.recording(t))
	for deadline := time.Now().Add(soakPatience); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		s.vc.burst(t, 1) // a refused record is given up only beside one that is accepted
		judged := s.backEnd.recorded(t).judged()
		judged.Events = wanted
		if robustness.Judge(judged, robustness.Reliable, robustness.GapTold) == nil {
			break
		}
	}
	s.end(t, false)
	time.Sleep(2 * watchInterval) // for the last census
	s.unwatch()
	s.watching.Wait()
}

// judge has the validators judge the run. One that is condemned is kept.
func (s *soak) judge(t *testing.T) {
	t.Helper()
	run := s.recorded(t)
	err := robustness.Judge(run)
	kills, struck := run.Kills()
	t.Logf("soak: %d events, %d requests, %d lives, %d accidents, %d kills, of which %d hit a collector at work",
		len(run.Events), len(run.Attempts), len(run.Lives), len(run.Accidents), kills, struck)
	if err == nil && !t.Failed() {
		if *soakKeep {
			t.Logf("soak: kept as %s", s.keep(t, run))
		}
		return
	}
	slices.SortStableFunc(run.Accidents, func(a, b robustness.Accident) int { return a.At.Compare(b.At) })
	for _, a := range run.Accidents {
		t.Logf("%s", a)
	}
	t.Errorf("%v\nto play it again: %s\nto judge it again: go test ./internal/robustness -run TestRecordedRuns -recorded %s", err, s.plan, s.keep(t, run))
}

func (s *soak) recorded(t *testing.T) robustness.Run {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	recording := s.vc.recording(t)
	s.run.Events, s.run.Openings = eventsOfRecording(t, recording), openings(recording)
	s.run.Attempts = s.backEnd.attempts(t, s.backEnd.recorded(t))
	s.run.Makings, s.run.Rejections = s.vc.makings(t), rejections(recording)
	return s.run
}

// keep writes all that is known of a run into a folder that outlives the test, and returns the path of the run.
func (s *soak) keep(t *testing.T, run robustness.Run) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vcenter-soak-")
	require.NoError(t, err)
	path := filepath.Join(dir, "run.jsonl")
	assert.NoError(t, run.Keep(path))
	assert.NoError(t, os.WriteFile(filepath.Join(dir, "collector.log"), []byte(s.log.String()), 0o600))
	assert.NoError(t, os.WriteFile(filepath.Join(dir, "vcenter-sim.log"), []byte(s.vc.output(t)), 0o600))
	return path
}
