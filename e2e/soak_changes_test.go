package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// changeSoak is a collector whose vCenter's inventory changes all the time.
type changeSoak struct {
	*collector
	random *rand.Rand
	vc     *vcenter
	back   *backEnd
	killed map[int]bool // lives
}

// TestSoakOfChanges lets an inventory change at random, plays random accidents for a quarter of the time of a soak, and judges what was
// told, and what it has led to.
func TestSoakOfChanges(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(rand.Uint32())
	}
	t.Logf("soak of changes: SEED=%d", seed)
	s := &changeSoak{random: rand.New(rand.NewPCG(seed, 1)), back: newBackEnd(newSink(t)), killed: map[int]bool{}}
	s.vc = simulate(t, "insertion", "-large", "-vms", "300", "-seed", fmt.Sprint(seed), "-faults", "-idle-timeout", soakIdle.String())
	before := s.vc.world(t)
	s.collector = follow(t, s.vc, s.back.sink)
	s.Receiver = "\n    wait: 5s\n    api_timeout: 5s"

	s.vc.call(t, http.MethodPost, "/changes?rate=50", nil)
	s.vc.call(t, http.MethodPost, fmt.Sprintf("/accidents?seed=%d&late=%s&without=instance", seed, soakLate), nil)
	for end := time.Now().Add(*soakDuration / 4); time.Now().Before(end); {
		s.step(t)
	}
	s.back.trouble(func(b *troubles) { *b = troubles{} })
	s.vc.mend(t)
	s.vc.call(t, http.MethodPost, "/changes?rate=0", nil)
	s.judge(t, before)
}

// step plays one accident of the collector or the back end, or a lot of changes.
func (s *changeSoak) step(t *testing.T) {
	t.Helper()
	switch n := 1 + s.random.IntN(100); s.random.IntN(8) {
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

// judge waits until what was told is what is. The last word of the collector changes nothing about it.
func (s *changeSoak) judge(t *testing.T, before world) {
	t.Helper()
	to := s.vc.world(t)
	holds := func() error { r := s.back.all(t); return stepByStep(r, s.unsettled(r), before, to) }
	for deadline := time.Now().Add(soakPatience); holds() != nil && time.Now().Before(deadline); {
		time.Sleep(500 * time.Millisecond)
	}
	s.end(t, false)
	require.NoError(t, holds())
	r := s.back.all(t)
	t.Logf("soak of changes: %d changes, %d requests, %d lives, %d virtual machines", len(r.told()), len(r), s.Life, len(to))
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
