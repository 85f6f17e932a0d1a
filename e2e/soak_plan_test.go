package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
	"github.com/vcenterstream/vcenterstreamreceiver/internal/simulator/accident"
)

// plan is what is played in a soak: all that chance decides is decided by its seed, before anything runs. What the vCenter
// and its network suffer besides is drawn by the simulator, by the same seed.
type plan struct {
	seed     uint64
	duration time.Duration
	kills    int
	order    string // of vCenter's cursors
	version  string // of vCenter: from 9 on, history can be read by key
	context  bool   // the collector has the defaults: it reads the inventory, too
	steps    []step
	more     func() // draws more steps
}

// step is one thing that is done to the collector, to the back end or to vCenter, as soon as its time has come.
type step struct {
	at   time.Duration // since the beginning
	what string
	do   func(*testing.T, *soak)
}

// planner draws a plan.
type planner struct {
	*plan
	random *rand.Rand
	at     time.Duration
}

func newPlan(seed uint64, duration time.Duration, kills int) *plan {
	p := planner{plan: &plan{seed: seed, duration: duration, kills: kills}, random: rand.New(rand.NewPCG(seed, 0))}
	p.order = []string{"insertion", "creation"}[p.random.IntN(2)]
	p.version = []string{"8.0.3", "9.0.0"}[p.random.IntN(2)]
	p.context = p.random.IntN(2) == 0
	p.add("rate 100", func(t *testing.T, s *soak) { s.vc.rate(t, 100) })
	if kills > 0 {
		p.more = p.drawKill
		return p.plan
	}
	p.draw(duration)
	slices.SortStableFunc(p.steps, func(a, b step) int { return int(a.at - b.at) })
	return p.plan
}

// next is the nth step, from 0. Of kills there is always another one.
func (p *plan) next(n int) (step, bool) {
	for n >= len(p.steps) && p.more != nil {
		p.more()
	}
	if n >= len(p.steps) {
		return step{}, false
	}
	return p.steps[n], true
}

// String says how it can be played again.
func (p *plan) String() string {
	length, inventory := fmt.Sprintf("DURATION=%s", p.duration), "without the inventory"
	if p.kills > 0 {
		length = fmt.Sprintf("KILLS=%d", p.kills)
	}
	if p.context {
		inventory = "with the inventory"
	}
	return fmt.Sprintf("make soak SEED=%d %s (vCenter %s, order of %s, %s)", p.seed, length, p.version, p.order, inventory)
}

func (p *planner) add(what string, do func(*testing.T, *soak)) {
	p.steps = append(p.steps, step{at: p.at, what: what, do: do})
}

// between draws a time, in milliseconds.
func (p *planner) between(least, most time.Duration) time.Duration {
	return (least + time.Duration(p.random.Int64N(int64(most-least)))).Truncate(time.Millisecond)
}

// draw fills a time with steps of all kinds.
func (p *planner) draw(duration time.Duration) {
	kinds := []func(){
		p.kill, p.kill, p.killAccepted, p.stop, p.stop,
		p.burst, p.burst, p.burst, p.rate,
		p.refuse, p.refuse, p.limit, p.slow, p.unheard, p.poison,
	}
	for p.at < duration {
		kinds[p.random.IntN(len(kinds))]()
		p.at += p.between(100*time.Millisecond, 2*time.Second)
	}
	p.at = p.between(duration/4, 3*duration/4)
	p.clock()
	p.at = p.between(duration/4, 3*duration/4)
	p.password()
}

// drawKill draws a kill, with enough traffic that it has something to interrupt.
func (p *planner) drawKill() {
	p.burst()
	if p.random.IntN(10) == 0 {
		p.refuse()
	}
	p.at += p.between(100*time.Millisecond, 2*time.Second)
	[]func(){p.kill, p.killAccepted}[p.random.IntN(2)]()
}

// pause is the time between two lives of the collector. Events may be inserted in it that are late.
type pause struct {
	lasts time.Duration
	late  int
	by    time.Duration
}

func (p *planner) pause(least, most time.Duration) pause {
	return pause{lasts: p.between(least, most), late: p.random.IntN(6), by: p.between(0, soakLate)}
}

// String says what is done in it.
func (p pause) String() string {
	return fmt.Sprintf("%d events that are late by %s, start after %s", p.late, p.by, p.lasts)
}

// kill kills at once, whatever the collector does, or a moment after it has begun to work.
func (p *planner) kill() {
	pause := p.pause(50*time.Millisecond, time.Second)
	what, wait := "kill", func(*testing.T, *soak) {}
	if p.random.IntN(2) == 0 {
		later := p.between(0, 500*time.Millisecond)
		what, wait = fmt.Sprintf("kill %s after it has begun to work", later), func(t *testing.T, s *soak) {
			s.awaitWork(t)
			time.Sleep(later)
		}
	}
	p.add(what+", "+pause.String(), func(t *testing.T, s *soak) {
		wait(t, s)
		s.end(t, true)
		s.begin(t, pause)
	})
}

// killAccepted kills between an acceptance and its answer. Some lives are long enough to find the one record of a batch that is
// refused for good, which takes a dozen requests that are accepted.
func (p *planner) killAccepted() {
	requests, pause := 1<<p.random.IntN(6), p.pause(50*time.Millisecond, time.Second)
	p.add(fmt.Sprintf("kill when %d more requests are accepted, %s", requests, pause), func(t *testing.T, s *soak) {
		s.backEnd.killAt(s.collector.process, requests)
		select {
		case <-s.collector.done:
		case <-time.After(3 * time.Second): // vCenter may be down
		}
		s.backEnd.killAt(nil, 0)
		s.end(t, true)
		s.begin(t, pause)
	})
}

func (p *planner) stop() {
	pause := p.pause(0, 2*time.Second)
	p.add("stop, "+pause.String(), func(t *testing.T, s *soak) {
		s.end(t, false)
		s.begin(t, pause)
	})
}

func (p *planner) burst() {
	n := 1 << p.random.IntN(12)
	p.add(fmt.Sprintf("burst of %d", n), func(t *testing.T, s *soak) { s.vc.burst(t, n) })
}

// clock sets vCenter's clock ahead for a moment, by more than the position follows, and then back. That is once in a plan: if the
// clock is ahead again before a pass has noticed, what was stamped in between counts as inserted later than any overlap.
func (p *planner) clock() {
	lasts, by := p.between(200*time.Millisecond, 3*time.Second), p.between(soakOverlap, 6*soakOverlap)
	p.add(fmt.Sprintf("the clock is ahead by %s for %s", by, lasts), func(t *testing.T, s *soak) {
		told := s.vc.suffer(t, accident.Accident{Kind: "clock", By: accident.Duration(by), For: accident.Duration(lasts)})
		told.Back = told.Until
		s.record(func(r *robustness.Run) { r.Accidents = append(r.Accidents, told) })
	})
}

// password changes the account's password, and tells the collector later. That is once in a plan: a login that was refused is
// not tried again for a minute, unless another password is told.
func (p *planner) password() {
	lasts := p.between(200*time.Millisecond, 4*time.Second)
	p.add(fmt.Sprintf("the password is another one, told after %s", lasts), func(t *testing.T, s *soak) {
		s.vc.call(t, http.MethodPost, "/password?is="+rotated, nil)
		s.vc.call(t, http.MethodPost, "/kill-sessions", nil)
		time.AfterFunc(lasts, func() { s.tellPassword(t, rotated) })
	})
}

func (p *planner) rate() {
	perSecond := []int{0, 5, 50, 100, 300}[p.random.IntN(5)]
	p.add(fmt.Sprintf("rate %d", perSecond), func(t *testing.T, s *soak) { s.vc.rate(t, perSecond) })
}

// during has a trouble of the back end last for a while, and no longer, though the steps that follow may be late.
func (p *planner) during(what string, begin, end func(*troubles)) {
	lasts := p.between(200*time.Millisecond, 4*time.Second)
	p.add(fmt.Sprintf("%s for %s", what, lasts), func(_ *testing.T, s *soak) {
		s.backEnd.trouble(begin)
		time.AfterFunc(lasts, func() { s.backEnd.trouble(end) })
	})
}

func (p *planner) refuse() {
	statuses := []int{
		http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests,
		http.StatusUnauthorized, http.StatusRequestEntityTooLarge,
	}
	status := statuses[p.random.IntN(len(statuses))]
	p.during(fmt.Sprintf("answering %d", status), func(b *troubles) { b.status = status }, func(b *troubles) { b.status = 0 })
}

func (p *planner) limit() {
	n := 1 + p.random.IntN(200)
	p.during(fmt.Sprintf("answering 413 to more than %d records", n), func(b *troubles) { b.limit = n }, func(b *troubles) { b.limit = 0 })
}

func (p *planner) slow() {
	pause := p.between(10*time.Millisecond, time.Second)
	p.during(fmt.Sprintf("answering after %s", pause), func(b *troubles) { b.pause = pause }, func(b *troubles) { b.pause = 0 })
}

func (p *planner) unheard() {
	n := 1 + p.random.IntN(3)
	p.add(fmt.Sprintf("%d answers of acceptance are lost", n), func(_ *testing.T, s *soak) {
		s.backEnd.trouble(func(b *troubles) { b.unheard = n })
	})
}

func (p *planner) poison() {
	p.add("one record is always answered 413", func(_ *testing.T, s *soak) {
		s.backEnd.trouble(func(b *troubles) { b.choose = true })
	})
}

// The seed that is printed must bring the same accidents again.
func TestTheSameSeedIsTheSamePlan(t *testing.T) {
	told := func(p *plan) (lines []string) {
		for n := range 100 {
			if s, more := p.next(n); more {
				lines = append(lines, s.at.String()+" "+s.what)
			}
		}
		return append(lines, p.String())
	}
	for _, kills := range []int{0, 50} {
		assert.Equal(t, told(newPlan(7, time.Minute, kills)), told(newPlan(7, time.Minute, kills)))
		assert.NotEqual(t, told(newPlan(7, time.Minute, kills)), told(newPlan(8, time.Minute, kills)))
	}
	assert.Greater(t, len(newPlan(7, time.Minute, 0).steps), 30)
	assert.Len(t, told(newPlan(7, time.Minute, 50)), 101, "there is always another kill")
}

// Both the defaults and a collector of events alone must be judged.
func TestPlansAreOfBothConfigurations(t *testing.T) {
	with := 0
	for seed := range uint64(100) {
		if newPlan(seed, time.Minute, 0).context {
			with++
		}
	}
	assert.InDelta(t, 50, with, 20)
}
