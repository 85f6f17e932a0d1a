package receiver

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"

	"github.com/vcenterstream/vcenterstreamreceiver/internal/vsphere"
)

var (
	errCut  = errors.New("unexpected end of the answer")
	errLost = soap.WrapVimFault(&types.NotAuthenticated{})
)

// try is an attempt of a script.
type try struct {
	session uint64 // 0: there is none to be had
	lasts   time.Duration
	brings  outcome
	err     error
}

// played plays a script, and returns how long was waited after each try.
func played(t *testing.T, script ...try) (waited []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		a := attempts{sessions: vsphere.NewSupervisor(vsphere.Settings{Endpoint: &url.URL{}}), status: newStatus(componenttest.NewNopHost(), zap.NewNop())}
		ended := time.Now()
		a.each(ctx, func(context.Context) error {
			waited = append(waited, time.Since(ended))
			if len(waited) > len(script) {
				cancel()
				return ctx.Err()
			}
			now := script[len(waited)-1]
			a.attempted = now.brings
			if now.session > 0 {
				a.session.note(now.session)
			}
			time.Sleep(now.lasts)
			ended = time.Now()
			return now.err
		})
	})
	require.Len(t, waited, len(script)+1)
	return waited[1:]
}

// most is the longest pause after some failures in a row, with its jitter; least the shortest.
func most(failures int) time.Duration  { return nominal(failures) * 3 / 2 }
func least(failures int) time.Duration { return nominal(failures) / 2 }

func nominal(failures int) time.Duration {
	return min(100*time.Millisecond<<(failures-1), 30*time.Second)
}

// repeat is a script some times over, each time with sessions of its own.
func repeat(times int, once ...try) (script []try) {
	sessions := uint64(0)
	for _, one := range once {
		sessions = max(sessions, one.session)
	}
	for i := range times {
		for _, one := range once {
			if one.session > 0 {
				one.session += uint64(i) * sessions
			}
			script = append(script, one)
		}
	}
	return script
}

// Somebody ends the sessions, and the line cuts answers: two troubles, of which neither is a reason to wait longer for the other.
func TestLostSessionsAndCutAnswersDoNotAddUp(t *testing.T) {
	script := repeat(5,
		try{session: 1, lasts: time.Second, err: errCut},
		try{session: 1, lasts: time.Second, err: errLost},
	)
	for i, pause := range played(t, script...) {
		assert.LessOrEqual(t, pause, most(i/2+1), "after try %d", i)
	}
}

// A line over which a page has come is not as bad as it was, however the attempt ended.
func TestAPageThatWasReadEndsTheTroubleWithTheLine(t *testing.T) {
	for name, end := range map[string]error{"another answer was cut": errCut, "the session was lost": errLost, "the pass is over": errPassOver} {
		t.Run(name, func(t *testing.T) {
			script := slices.Repeat([]try{{session: 1, err: errCut}}, 8)
			script = append(script, try{session: 1, brings: reread, err: end}, try{session: 1, err: errCut})
			waited := played(t, script...)
			assert.LessOrEqual(t, waited[len(waited)-1], most(1))
		})
	}
}

// A stall that is looked for behind a silence: each time the pages before that are read again, and nothing comes after it.
func TestALeapIsNoProgress(t *testing.T) {
	script := repeat(10, try{session: 1, brings: reread, err: errLeap}, try{session: 1, err: errStalled})
	for i, pause := range played(t, script...) {
		if i%2 == 0 {
			assert.Zero(t, pause, "after try %d", i)
		} else {
			assert.GreaterOrEqual(t, pause, least(i/2+1), "after try %d", i)
		}
	}
}

// Each login is an event in vCenter's database, and news: neither that nor a cut answer after it makes the next login hurry.
func TestNewsOfAShortSessionIsNoReasonForALogin(t *testing.T) {
	script := repeat(12,
		try{session: 1, lasts: time.Second, brings: news, err: errCut},
		try{session: 1, lasts: time.Second, brings: news, err: errLost},
	)
	for i, pause := range played(t, script...) {
		if i%2 == 0 {
			assert.Zero(t, pause, "one answer was cut, after try %d", i)
		} else {
			assert.GreaterOrEqual(t, pause, least(i/2+1), "after try %d", i)
		}
	}
}

// A session that ends together with its connection is found to be gone when the next one is made already.
func TestSessionsThatEndWithTheirConnectionsAreNoReasonToHurry(t *testing.T) {
	script := []try{{session: 1, lasts: time.Second, brings: news, err: errCut}}
	script = append(script, repeat(12, try{session: 2, lasts: time.Second, brings: news, err: errCut})...)
	for i := range script {
		script[i].session = uint64(i + 1)
	}
	for i, pause := range played(t, script...) {
		if i == 0 {
			assert.Zero(t, pause, "one answer was cut")
		} else {
			assert.GreaterOrEqual(t, pause, least(i), "after try %d", i)
		}
	}
	script = append(script, try{session: 14, lasts: time.Minute, brings: news, err: errCut}, try{session: 15, lasts: time.Second, brings: news, err: errCut})
	waited := played(t, script...)
	assert.Zero(t, waited[13], "the session has lasted")
	assert.Zero(t, waited[14], "the one before has lasted")
}

// A login that fails in between, however long that takes, is no session that has lasted. One that has lasted is.
func TestASessionThatLastsEndsTheTroubleWithLogins(t *testing.T) {
	short := repeat(9, try{session: 1, lasts: time.Second, brings: news, err: errLost})
	away := try{lasts: time.Minute, err: errCut}
	between := played(t, append(short, away, try{session: 10, lasts: time.Second, err: errLost})...)
	assert.GreaterOrEqual(t, between[len(between)-1], least(10))

	for name, end := range map[string]error{"it was lost": errLost, "it was found to be gone after that": errCut} {
		t.Run(name, func(t *testing.T) {
			long := try{session: 10, lasts: time.Hour, brings: news, err: end}
			after := played(t, append(short, long, try{session: 11, lasts: time.Second, brings: news, err: errLost})...)
			assert.Zero(t, after[len(after)-2])
			assert.LessOrEqual(t, after[len(after)-1], most(1))
		})
	}
}

// Every read fails: it is tried ever more rarely, whatever else vCenter answers, and whether the session holds or not.
func TestReadsThatAlwaysFailAreNoBusyLoop(t *testing.T) {
	for name, end := range map[string]error{"the line": errCut, "the session": errLost, "the collector": errStalled} {
		t.Run(name, func(t *testing.T) {
			script := repeat(20, try{session: 1, lasts: time.Second, err: end})
			for i, pause := range played(t, script...) {
				assert.GreaterOrEqual(t, pause, least(i+1), "after try %d", i)
			}
		})
	}
}
