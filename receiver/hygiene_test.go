package receiver_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/robustness"
)

// What breaks, and starts and stops, leave behind in vCenter sums up until it takes no more logins or collectors.
func TestFiftyLossesTwoHundredResetsAndFiftyStartsLeaveNothing(t *testing.T) {
	const starts, resets = 50, 4 // of each life
	l := newLab(t, byInsertion)
	random := rand.New(rand.NewPCG(l.seed(), 0))
	l.append(1) // where vCenter shows no newest event, another collector looks for one
	l.fromTheBeginning()
	counts := l.count()
	for range starts {
		r := l.start()
		for n := range resets + 1 {
			l.append(1)
			l.wantAll()
			l.quiet(time.Duration(random.IntN(5)) * time.Millisecond) // anything may be under way
			if n == resets/2 {
				l.sim.KillSessions()
			} else {
				l.proxy.Reset()
			}
		}
		l.append(1)
		l.wantEachOnce()
		r.stop()
		l.wantNothingLeftInVCenter()
	}
	run := l.recorded()
	run.Censuses = counts()
	assert.NoError(t, robustness.SessionsBounded(run))
	assert.Greater(t, len(run.Censuses), 4*starts, "it was looked often enough")
	assert.Equal(t, 2*starts, l.calls("Login"), "one for each start, one for each lost session, none for a reset")
	open, opened := l.disk.clients()
	assert.Zero(t, open)
	assert.Equal(t, starts, opened)
}

// count looks all the time what lives in vCenter, until the counts are asked for.
func (l *lab) count() (counts func() []robustness.Census) {
	ctx, stop := context.WithCancel(context.Background())
	var seen []robustness.Census
	var counting sync.WaitGroup
	counting.Go(func() {
		for ctx.Err() == nil {
			seen = append(seen, l.census())
			l.quiet(time.Millisecond)
		}
	})
	end := func() []robustness.Census { stop(); counting.Wait(); return seen }
	l.t.Cleanup(func() { end() })
	return end
}

func (l *lab) census() robustness.Census {
	c := robustness.Census{At: time.Now()}
	for _, s := range l.sim.Sessions() {
		c.Sessions = append(c.Sessions, robustness.Session{
			Key: s.Key, Since: s.Since, Collectors: s.Objects.EventCollectors,
			Others: s.Objects.PropertyCollectors + s.Objects.Filters + s.Objects.Views,
		})
	}
	return c
}
