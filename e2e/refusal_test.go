package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	statusHeld = "the pipeline refuses every part of a batch"

	// logHeld is what the log says to do.
	logHeld = "Check what the back end says"
	logDead = "kept in a dead letter"

	phaseHeld    = `phase="held"`
	phaseTailing = `phase="tailing"`
)

// A back end that answers 400 to everything older than an hour, then 500 and 401 for a while, and 413 to one record: nothing is
// lost, one record is given up, and each state is seen in status, log and metrics.
func TestRefusalsLoseNothing(t *testing.T) {
	vc, back := simulate(t, "insertion"), newSink(t)
	c := install(t, vc.endpoint, back.url()).metered(t)

	// The collector was down for three hours, in which events have happened.
	vc.setClock(t, -3*time.Hour)
	c.start(t)
	vc.awaitCollector(t)
	require.Equal(t, 0, c.stop(t))
	vc.setClock(t, -2*time.Hour)
	vc.burst(t, 300)
	vc.setClock(t, 0)

	back.answers(refuse(http.StatusBadRequest, func(r record) bool { return time.Since(r.created) > time.Hour }))
	c.start(t)
	c.awaitHold(t, http.StatusBadRequest)
	back.answers(nil)
	c.awaitWell(t)

	for _, status := range []int{http.StatusInternalServerError, http.StatusUnauthorized} {
		back.answers(func(delivery) int { return status })
		vc.burst(t, 300)
		c.awaitHold(t, status)
		back.answers(nil)
		c.awaitWell(t)
	}

	back.answers(func(delivery) int { return http.StatusServiceUnavailable })
	vc.burst(t, 300)
	c.awaitStatus(t, statusRecoverable, "held: the pipeline refused a batch")
	c.awaitMetric(t, "batch_tries_refused", "", 0)
	c.awaitMetric(t, "phase", phaseHeld, 0)
	assert.Zero(t, c.metric(t, "events_refused", ""))
	uids := vc.uids(t)
	bad := uids[len(uids)-100]
	back.answers(refuse(http.StatusRequestEntityTooLarge, func(r record) bool { return r.uid == bad }))
	c.awaitWell(t)
	c.awaitMetric(t, "events_refused", "", 0)
	vc.burst(t, 10)

	want := slices.DeleteFunc(vc.wanted(t), func(uid string) bool { return uid == bad })
	want = append(want, bad+":refused")
	eventually(t, "all events but one have arrived", func() bool { return reliable(back.recorded(t), want) == nil })
	c.awaitMetric(t, "events_delivered", "", float64(len(vc.wanted(t))-2))
	assert.EqualValues(t, 1, c.metric(t, "events_refused", ""))
	assert.Equal(t, 0, c.stop(t))
	r := back.recorded(t)
	assert.NoError(t, unique(r))
	assert.NoError(t, sameBytes(r))
	assert.NoError(t, genuine(r, append(vc.uids(t), bad+":refused")))
	for _, rec := range r.accepted() {
		require.NotEqual(t, bad, rec.uid, "the record that was given up")
	}
	assert.Subset(t, r.statuses(), []int{200, 400, 401, 413, 500, 503})

	log := c.output(t)
	assert.Equal(t, 1, strings.Count(log, logDead))
	for line := range strings.Lines(log) {
		if strings.Contains(line, logDead) {
			assert.Contains(t, line, bad)
			assert.Contains(t, line, "413")
			assert.Contains(t, line, "error")
		}
	}
	assertClear(t, log)
}

// refuse answers a status to requests with a certain record, and accepts the others.
func refuse(status int, bad func(record) bool) func(delivery) int {
	return func(d delivery) int {
		if slices.ContainsFunc(d.records, bad) {
			return status
		}
		return http.StatusOK
	}
}

// awaitHold waits until status and log say that the back end refuses everything with a status, and what to do.
func (c *collector) awaitHold(t *testing.T, status int) {
	t.Helper()
	said := fmt.Sprintf("HTTP Status Code %d", status)
	before := c.metric(t, "batch_tries_held", "")
	c.awaitStatus(t, statusRecoverable, statusHeld)
	c.awaitStatus(t, statusRecoverable, said)
	eventually(t, "the log says what to do about "+said, func() bool {
		for line := range strings.Lines(c.output(t)) {
			if strings.Contains(line, logHeld) && strings.Contains(line, said) {
				return true
			}
		}
		return c.ended()
	})
	c.awaitMetric(t, "batch_tries_held", "", before)
	c.awaitMetric(t, "phase", phaseHeld, 0)
}

// awaitWell waits until status and metrics say that the stream is at its end again.
func (c *collector) awaitWell(t *testing.T) {
	t.Helper()
	c.awaitStatus(t, statusOK, "")
	c.awaitMetric(t, "phase", phaseTailing, 0)
}

// setClock sets vCenter's clock off.
func (v *vcenter) setClock(t *testing.T, offset time.Duration) {
	t.Helper()
	v.call(t, http.MethodPost, "/clock?"+url.Values{"offset": {offset.String()}}.Encode(), nil)
}
